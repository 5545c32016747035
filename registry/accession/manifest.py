"""Manifest of an archive package: what is in it, of which licence, as of which event.

Canonical JSON (RFC 8785), signed as it stands. A package of the same state of a licence has the
same manifest, whenever it is made.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives import hashes

from core.canonical import canonical_json
from core.errors import UnreadableInputError
from core.text import Text
from registry.accession import messages

TYPE: Final = "xinyin-archive-package"
VERSION: Final = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
DOCUMENT, EVENTS, DEFINITION = "document.pdf", "events.jsonl", "type.toml"
RECORD, RECORD_XML, README = "metadata.json", "metadata.xml", "README.txt"
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_KEYS: Final = frozenset(
    ("type", "version", "register", "identifier", "as_of", "revisions", "signatures", "files")
) | {"key"}


class BadPackageError(UnreadableInputError):
    """A package that is not taken in; the text says what does not hold."""

    code = "bad_package"

    def __init__(self, flaw: str, text: Text) -> None:
        super().__init__(text, flaw=flaw)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class FileEntry:
    """File of a package."""

    name: str
    size: int
    sha256: str
    sm3: str
    """GB/T 32905, lower-case hex."""

    @classmethod
    def of(cls, name: str, data: bytes) -> "FileEntry":
        """Return the entry of a file."""
        return cls(name, len(data), _digest(hashes.SHA256(), data), _digest(hashes.SM3(), data))

    def to_json(self) -> dict[str, object]:
        """Return the entry as it is signed."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256, "sm3": self.sm3}


@dataclass(frozen=True, slots=True)
class RevisionEntry:
    """Length at which the document was registered."""

    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AsOf:
    """Event up to which a package tells."""

    sequence: int
    hash: str
    at: str


@dataclass(frozen=True, slots=True)
class PackageManifest:
    """Manifest of one package."""

    register: str
    """Id of the register that made it."""
    identifier: str
    as_of: AsOf
    revisions: tuple[RevisionEntry, ...]
    """The sealed one first."""
    signatures: tuple[Mapping[str, object], ...]
    """Where the proofs of the document lie, for other tools."""
    files: tuple[FileEntry, ...]
    key: str
    """Name of the key that signed it, in that register."""

    def encode(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical_json(
            {
                "type": TYPE,
                "version": VERSION,
                "register": self.register,
                "identifier": self.identifier,
                "as_of": {
                    "sequence": self.as_of.sequence,
                    "hash": self.as_of.hash,
                    "at": self.as_of.at,
                },
                "revisions": [
                    {"length": one.length, "sha256": one.sha256} for one in self.revisions
                ],
                "signatures": list(self.signatures),
                "files": [one.to_json() for one in self.files],
                "key": self.key,
            }
        )

    @property
    def holders_copy(self) -> str:
        """SHA-256 of the sealed document, as it was first registered."""
        return self.revisions[0].sha256


def read_manifest(data: bytes) -> PackageManifest:
    """Read a manifest; nothing beside what `encode` writes, and in that form.

    Raises `BadPackageError`.
    """
    try:
        value = json.loads(data)
        manifest = _manifest(value)
        same = manifest.encode() == data
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise BadPackageError("manifest", messages.MANIFEST_UNREADABLE) from error
    if not same:
        raise BadPackageError("manifest", messages.MANIFEST_UNREADABLE)
    return manifest


def _manifest(value: Mapping[str, Any]) -> PackageManifest:
    if value["type"] != TYPE or set(value) != _KEYS:
        raise ValueError("another file")
    if value["version"] != VERSION:
        raise BadPackageError("version", messages.package_version_unknown(str(value["version"])))
    as_of = value["as_of"]
    manifest = PackageManifest(
        register=value["register"],
        identifier=value["identifier"],
        as_of=AsOf(as_of["sequence"], as_of["hash"], as_of["at"]),
        revisions=tuple(RevisionEntry(one["length"], one["sha256"]) for one in value["revisions"]),
        signatures=tuple(value["signatures"]),
        files=tuple(
            FileEntry(one["name"], one["size"], one["sha256"], one["sm3"]) for one in value["files"]
        ),
        key=value["key"],
    )
    texts = (manifest.register, manifest.identifier, as_of["at"], manifest.key)
    numbers = [one.size for one in manifest.files] + [one.length for one in manifest.revisions]
    digests = [one.sha256 for one in manifest.files] + [one.sha256 for one in manifest.revisions]
    if not (
        all(isinstance(one, str) for one in (*texts, *(one.name for one in manifest.files)))
        and all(type(one) is int and one >= 0 for one in (*numbers, manifest.as_of.sequence))
        and all(_HEX.fullmatch(one) for one in (*digests, manifest.as_of.hash))
        and manifest.revisions
    ):
        raise ValueError("not of that form")
    return manifest


def _digest(algorithm: hashes.HashAlgorithm, data: bytes) -> str:
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize().hex()
