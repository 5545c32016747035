"""Checks of a package's parts against each other: pure, and nothing is believed by default."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from core.canonical import canonical_json
from core.errors import XinyinError
from core.ids import Sha256, TypeCode
from core.text import Text
from registry.accession import messages
from registry.accession.grades import Grade
from registry.accession.manifest import (
    DEFINITION,
    MANIFEST,
    SIGNATURE,
    AsOf,
    BadPackageError,
    FileEntry,
    PackageManifest,
)
from registry.accession.record_file import FACE, HOLDERS, LIFE, LONG_TERM, SEALED_STATES
from registry.accession.rows import NewAccession, Origin, OtherAccessionError, package_accession
from registry.audit.chain import NOTHING_BEFORE
from registry.identifiers import parse_identifier
from registry.model import Holder, LicenceState, Reason
from registry.types.licence_type import LicenceType
from registry.types.metadata import FACE_PREFIX, WireName
from registry.types.types import parse_type

_MAX_NAME: Final = 128
_MAX_NUMBER: Final = 64
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
)
_TEXTS = (
    WireName.NAME,
    WireName.TYPE_CODE,
    WireName.NUMBER,
    WireName.IDENTIFIER,
    WireName.AUTHORITY,
    WireName.AUTHORITY_CODE,
    WireName.GRANTED_ON,
    WireName.VALID_FROM,
    WireName.VALID_UNTIL,
)


def check_files(manifest: PackageManifest, files: Mapping[str, bytes]) -> None:
    """See that there are the listed files, and no other. Raises `BadPackageError`."""
    told = {one.name: one for one in manifest.files}
    if len(told) != len(manifest.files):
        raise BadPackageError("manifest", messages.MANIFEST_UNREADABLE)
    for name in sorted(files.keys() - {MANIFEST, SIGNATURE} - told.keys()):
        raise BadPackageError("file_not_listed", messages.file_not_listed(name))
    for name, one in sorted(told.items()):
        if name not in files:
            raise BadPackageError("file_missing", messages.file_missing(name))
        if FileEntry.of(name, files[name]) != one:
            raise BadPackageError("file_differs", messages.file_differs(name))


def read_record(data: bytes) -> dict[str, Any]:
    """Return the record of a package, in its form. Raises `BadPackageError`."""
    try:
        return _checked_record(json.loads(data))
    except _UNREADABLE as error:
        raise BadPackageError("record", messages.RECORD_UNREADABLE) from error


def _checked_record(record: dict[str, Any]) -> dict[str, Any]:
    life, holders, face = record[LIFE], record[HOLDERS], record[FACE]
    texts = [record[one] for one in _TEXTS] + [value for one in holders for value in one.values()]
    texts += [*face, *face.values(), life["type_name_en"], life["kind"]]
    if not (holders and all(isinstance(one, str) for one in texts)):
        raise ValueError("not a record")
    if LicenceState(life["state"]) not in SEALED_STATES:
        raise ValueError("not a state of what was sealed")
    if life["reason"] is not None:
        Reason(life["reason"])
    return record


def check_events(manifest: PackageManifest, record: Mapping[str, Any], data: bytes) -> None:
    """See that the events are this licence's, whole, and leave the state of the record.

    Raises `BadPackageError`.
    """
    try:
        events = _read_events(manifest.identifier, data)
        ends = AsOf(events[-1]["sequence"], events[-1]["hash"], events[-1]["at"])
        afters = [one["after"] or {} for one in events]
        states = [one["state"] for one in afters if "state" in one]
        state, told = states[-1], json.dumps(afters)
    except _UNREADABLE as error:
        raise BadPackageError("events", messages.EVENTS_BROKEN) from error
    if ends != manifest.as_of:
        raise BadPackageError("events", messages.EVENTS_BROKEN)
    if state != record[LIFE]["state"]:
        raise BadPackageError("state", messages.STATE_DIFFERS)
    if any(one.sha256 not in told for one in manifest.revisions):
        raise BadPackageError("revisions", messages.REVISIONS_DIFFER)


def check_later(new: PackageManifest, events: bytes, known: PackageManifest) -> None:
    """See that a package goes on where the one on record ended. Raises `OtherAccessionError`."""
    if new.register != known.register or new.holders_copy != known.holders_copy:
        raise OtherAccessionError(messages.TAKEN_OVER_OTHERWISE)
    if new.as_of.sequence <= known.as_of.sequence:
        raise OtherAccessionError(messages.LATER_ON_RECORD)
    told = {(one["sequence"], one["hash"]) for one in _read_events(new.identifier, events)}
    if (known.as_of.sequence, known.as_of.hash) not in told:
        raise OtherAccessionError(messages.TAKEN_OVER_OTHERWISE)


def _read_events(identifier: str, data: bytes) -> list[dict[str, Any]]:
    last: dict[str, Any] = {"sequence": 0}
    events: list[dict[str, Any]] = []
    for line in data.splitlines():
        event = json.loads(line)
        _check_event(event, identifier, last)
        events.append(event)
        last = event
    return events


def _check_event(event: Any, identifier: str, last: Mapping[str, Any]) -> None:
    hashed = {key: value for key, value in event.items() if key != "hash"}
    follows = event["previous"] == last.get("hash", event["previous"])
    beside = event["sequence"] == last["sequence"] + 1
    if (
        hashlib.sha256(canonical_json(hashed)).hexdigest() != event["hash"]
        or event["subject"] != identifier
        or event["sequence"] <= last["sequence"]
        or (beside and not follows)
        or (event["sequence"] == 1 and event["previous"] != NOTHING_BEFORE)
    ):
        raise ValueError("not the chain's")


def accession_of(
    manifest: PackageManifest, record: Mapping[str, Any], files: Mapping[str, bytes], sha256: Sha256
) -> NewAccession:
    """Return the licence that would be recorded. Raises `BadPackageError`."""
    definition = read_definition_of(files)
    try:
        _refuse_other(manifest, record, definition)
        return _accession(manifest, record, files, sha256, definition)
    except _UNREADABLE as error:
        raise BadPackageError("record", messages.RECORD_UNREADABLE) from error


def read_definition_of(files: Mapping[str, bytes]) -> LicenceType:
    """Return the definition under which a licence was granted. Raises `BadPackageError`."""
    try:
        return parse_type(files[DEFINITION].decode())
    except (*_UNREADABLE, XinyinError) as error:
        raise BadPackageError("record", messages.RECORD_UNREADABLE) from error


def _refuse_other(
    manifest: PackageManifest, record: Mapping[str, Any], definition: LicenceType
) -> None:
    """Raise `ValueError` where the parts of a package speak of different licences."""
    if record[WireName.IDENTIFIER] != manifest.identifier:
        raise ValueError("of another licence")
    parts = parse_identifier(manifest.identifier)
    if not parts.type_code == record[WireName.TYPE_CODE] == definition.code:
        raise ValueError("of another type")
    if parts.authority != record[WireName.AUTHORITY_CODE]:
        raise ValueError("of another authority")
    names = (record[WireName.NAME], record[WireName.AUTHORITY], record[LIFE]["type_name_en"])
    if any(len(one) > _MAX_NAME for one in names) or len(record[WireName.NUMBER]) > _MAX_NUMBER:
        raise ValueError("too long")


def _accession(
    manifest: PackageManifest,
    record: Mapping[str, Any],
    files: Mapping[str, bytes],
    sha256: Sha256,
    definition: LicenceType,
) -> NewAccession:
    life, until = record[LIFE], record[WireName.VALID_UNTIL]
    return NewAccession(
        accession_id=package_accession(manifest.identifier),
        origin=Origin.PACKAGE,
        grade=Grade(life["grade"]),
        identifier=manifest.identifier,
        type_code=TypeCode(record[WireName.TYPE_CODE]),
        type_name=Text(definition.name.zh, definition.name.en),
        authority_name=record[WireName.AUTHORITY],
        authority_uscc=record[WireName.AUTHORITY_CODE],
        authority_id=None,
        number=record[WireName.NUMBER],
        personal=definition.number_holds_holder_code,
        state=LicenceState(life["state"]),
        reason=None if life["reason"] is None else Reason(life["reason"]),
        holders=tuple(_holder(one) for one in record[HOLDERS]),
        data={key.removeprefix(FACE_PREFIX): value for key, value in record[FACE].items()},
        granted_on=date.fromisoformat(record[WireName.GRANTED_ON]),
        valid_from=date.fromisoformat(record[WireName.VALID_FROM]),
        valid_until=None if until == LONG_TERM else date.fromisoformat(until),
        file_sha256=sha256,
        document_sha256=Sha256(manifest.revisions[-1].sha256),
        handed_out_sha256=Sha256(manifest.holders_copy),
        source=manifest.register,
        stated_sha256=hashlib.sha256(files[MANIFEST]).hexdigest(),
    )


def _holder(one: Mapping[str, str]) -> Holder:
    return Holder(
        one[WireName.HOLDER],
        one[WireName.HOLDER_CODE_TYPE_CODE],
        one[WireName.HOLDER_CODE],
    )
