"""Manifest of a backup: `manifest.json`, with its digest beside it."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from core.ids import Sha256
from core.settings import FILE_NAME
from registry.audit.chain import ChainEnd
from registry.backup import messages
from registry.backup.dump import BadBackupError, TableDump
from registry.backup.spans import Span
from registry.journal.position import Position

FORMAT = 3
_READABLE = (1, 2, FORMAT)
"""In the first, each table is one file; the second does not say what each file holds."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_FILE = re.compile(r"(database|home|journal)(/(?!\.{1,2}(/|$))[^/\0]+){1,9}", re.DOTALL)
KEPT = {
    "keys": "*.pem",
    "root-keys": "*.pem",
    "ceremonies": "*",
    "trust": "*",
    "privacy": "*.key",
}
"""Folders of a home that are in a backup, and which of their files. The keys of holders' codes are
in the clear: the documents beside them bear the codes, so that they open nothing else."""
KEPT_FILES = ("identity.toml",)
"""Files of a home itself that are in a backup, where they are there. The key that it names is a
secret in the clear, and in none."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
MANIFEST = "manifest.json"
CHECKSUM = f"{MANIFEST}.sha256"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Contents of a backup."""

    made_at: datetime
    registry_id: str
    revision: str
    """Of the schema."""
    journal: Position
    """Where the journal was when the database's snapshot was taken, or shortly before."""
    audit: ChainEnd
    tables: list[TableDump]
    files: dict[str, str]
    """Path within the snapshot → SHA-256."""
    objects: list[Sha256]
    whole_at: datetime | None = None
    """When a backup was last made that looked at everything: this one, or one that it rests on."""

    def encode(self) -> bytes:
        """Return the manifest's file."""
        fields = asdict(self) | {"format": FORMAT, "made_at": self.made_at.isoformat()}
        fields["whole_at"] = None if self.whole_at is None else self.whole_at.isoformat()
        return json.dumps(fields, ensure_ascii=False, indent=1).encode()

    @classmethod
    def parse(cls, data: bytes) -> "Manifest":
        """Read a manifest's file. Raises `BadBackupError`."""
        try:
            fields = json.loads(data)
            if fields.pop("format") not in _READABLE:
                raise bad_backup(MANIFEST)
            manifest = cls(
                made_at=datetime.fromisoformat(fields["made_at"]),
                registry_id=fields["registry_id"],
                revision=fields["revision"],
                journal=Position(**fields["journal"]),
                audit=ChainEnd(**fields["audit"]),
                tables=[_table(one) for one in fields["tables"]],
                files=dict(fields["files"]),
                objects=[Sha256(one) for one in fields["objects"]],
                whole_at=None if (at := fields.get("whole_at")) is None else _instant(at),
            )
            manifest.check_names()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise bad_backup(MANIFEST) from error
        return manifest

    def check_names(self) -> None:
        """Let nothing in it lead elsewhere. Raises `ValueError`."""
        names = [one.name for one in self.tables]
        names += [column for one in self.tables for column in one.columns]
        well = (
            all(_NAME.fullmatch(one) for one in names)
            and all(_FILE.fullmatch(one) and _is_kept(one) for one in self.files)
            and all(_DIGEST.fullmatch(one) for one in self.objects)
            and all(0 < one.parts <= len(self.files) for one in self.tables)
            and all(len(one.spans) in {0, one.parts} for one in self.tables)
            and all(f"database/{name}" in self.files for one in self.tables for name in one.files)
        )
        if not well:
            raise ValueError


def _table(fields: dict[str, Any]) -> TableDump:
    spans = [Span.parse(one) for one in fields.pop("spans", [])]
    return TableDump(**fields, spans=spans)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at


def _is_kept(name: str) -> bool:
    """A restore writes what is ours into a home, and nothing that others would run or read."""
    room, *folders, file = name.split("/")
    if room == "journal":
        return not folders and fnmatchcase(file, "journal-*.jsonl")
    if room == "database":
        return not folders and fnmatchcase(file, "*.jsonl")
    if not folders:
        return file == FILE_NAME or file in KEPT_FILES
    return not file.startswith(".") and fnmatchcase(file, KEPT.get(folders[0], ""))


def read_manifest(snapshot: Path) -> Manifest:
    """Return a snapshot's manifest, checked against its digest. Raises `BadBackupError`."""
    if not (snapshot / MANIFEST).exists() and not (snapshot / CHECKSUM).exists():
        raise BadBackupError(messages.no_backup_there(snapshot, newest_below(snapshot)))
    try:
        data = (snapshot / MANIFEST).read_bytes()
        told = (snapshot / CHECKSUM).read_bytes()
    except OSError as error:
        raise bad_backup(MANIFEST) from error
    if checksum_of(data) != told:
        raise bad_backup(MANIFEST)
    return Manifest.parse(data)


def newest_below(directory: Path) -> Path | None:
    """Return the newest backup in a folder that holds several; they are named by their instant."""
    found = sorted(directory.glob(f"*/{MANIFEST}"))
    return found[-1].parent if found else None


def checksum_of(manifest: bytes) -> bytes:
    """Return the input of `sha256sum --check`."""
    return f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()


def bad_backup(what: str) -> BadBackupError:
    return BadBackupError(messages.backup_part_damaged(what), what=what)
