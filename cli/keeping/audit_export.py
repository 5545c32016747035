"""Export of the audit for a supervisor: events, heads and public keys, each line verifiable alone.

- `events.jsonl`: an event a line, with the hash before it. Its own is the SHA-256 of the line's
  object without `hash`, as canonical JSON: `jq -cSj 'del(.hash)' | sha256sum`.
- `heads.jsonl`: a signed head a line; `head.json` and `head.sig` are the newest's statement and
  signature, for `openssl dgst -sha256 -verify audit-1.pem -signature head.sig head.json`.
- `audit-1.pem`, …: the public keys that sign heads.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from cli.keeping import messages
from core.canonical import canonical_json
from core.errors import StorageError, UsageError
from core.files import PUBLIC, fsync_directory, write_atomically
from core.os_errors import cause_zh, remedy
from home.wiring import Home
from keys.model import KeyPurpose
from registry.audit.events import EventFilter, stream_events
from registry.audit.signing import newest_head, stream_heads


@dataclass(frozen=True, slots=True)
class Exported:
    """Counts of the records written."""

    events: int
    heads: int


def export_audit(home: Home, directory: Path, chosen: EventFilter, *, force: bool) -> Exported:
    """Write everything into a directory. Raises `UsageError`, `StorageError`."""
    keys = [one for one in home.keys.list_keys() if one.purpose is KeyPurpose.AUDIT]
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(error) from error
    names = ["events.jsonl", "heads.jsonl", "head.json", "head.sig"]
    there = [name for name in names if (directory / name).exists()]
    if there and not force:
        raise UsageError(messages.export_files_exist(directory=directory, existing=there[0]))
    for key in keys:
        pem = load_der_public_key(key.spki).public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        write_atomically(directory / f"{key.key_id}.pem", pem, mode=PUBLIC)
    with home.database.snapshot() as connection:
        events = _write_lines(
            directory / "events.jsonl",
            (
                canonical_json(event.to_json() | {"previous": previous, "hash": event.hash})
                for event, previous in stream_events(connection, chosen)
            ),
        )
        heads = _write_lines(
            directory / "heads.jsonl",
            (json.dumps(head.to_json()).encode() for head in stream_heads(connection)),
        )
        newest = newest_head(connection)
    if newest is not None:
        write_atomically(directory / "head.json", newest.statement(), mode=PUBLIC)
        write_atomically(directory / "head.sig", newest.signature, mode=PUBLIC)
    return Exported(events, heads)


def _write_lines(path: Path, lines: Iterable[bytes]) -> int:
    """Write lines into a file that is there whole or not at all; return their number."""
    temporary, count = path.with_name(f".{path.name}.tmp"), 0
    try:
        with temporary.open("wb") as file:
            for line in lines:
                file.write(line + b"\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        fsync_directory(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _refused(error) from error
    return count


def _refused(error: OSError) -> StorageError:
    return StorageError(
        messages.export_directory_unwritable(
            cause_zh=cause_zh(error), remedy=remedy(error), strerror=error.strerror
        ),
    )
