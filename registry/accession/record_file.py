"""Record of a licence in a package: GB/T 36903's names where there is one, JSON and XML alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from core.canonical import canonical_json
from registry.accession.grades import Grade
from registry.model import Authority, Licence, LicenceState
from registry.types.metadata import CODE_TYPES, FACE_PREFIX, NOT_XML, WireName

SEALED_STATES: Final = (
    LicenceState.IN_FORCE,
    LicenceState.SUSPENDED,
    LicenceState.CANCELLED,
    LicenceState.REPLACED,
)
"""Stored states of what was sealed."""
LONG_TERM: Final = "长期"
HOLDERS, FACE, LIFE = "CZZTXX", "KZXX", "ZZZT"
"""Groups: holders and face fields as in the attachment of the PDF, and what became of it (ours)."""


@dataclass(frozen=True, slots=True)
class Life:
    """State of a licence on record, with when it came to be so."""

    kind: str
    changed_at: datetime
    type_version: int


def record_of(
    licence: Licence, authority: Authority, seal_name: str, life: Life
) -> dict[str, object]:
    """Return the record of a licence."""
    until = licence.valid_until
    record: dict[str, object] = {
        WireName.NAME: licence.type_name.zh,
        WireName.TYPE_CODE: licence.type_code,
        WireName.NUMBER: licence.number,
        WireName.IDENTIFIER: licence.identifier,
        WireName.AUTHORITY: authority.name,
        WireName.AUTHORITY_CODE: authority.uscc,
        WireName.GRANTED_ON: licence.granted_on.isoformat(),
        WireName.VALID_FROM: licence.valid_from.isoformat(),
        WireName.VALID_UNTIL: LONG_TERM if until is None else until.isoformat(),
        WireName.SEAL_NAME: seal_name or authority.name,
        HOLDERS: [
            {
                WireName.HOLDER: one.name,
                WireName.HOLDER_CODE: one.code,
                WireName.HOLDER_CODE_TYPE: CODE_TYPES.get(one.code_type, ""),
                WireName.HOLDER_CODE_TYPE_CODE: one.code_type,
            }
            for one in licence.holders
        ],
        FACE: {f"{FACE_PREFIX}{key}": value for key, value in licence.data.items()},
        LIFE: {
            "state": licence.state,
            "reason": licence.reason,
            "basis": licence.basis,
            "changed_at": life.changed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "replaced_by": licence.replaced_by,
            "sample": licence.sample,
            "kind": life.kind,
            "type_name_en": licence.type_name.en,
            "type_version": life.type_version,
            "grade": Grade.A,
        },
    }
    if licence.replaces is not None:
        record[WireName.REPLACES] = licence.replaces
    return record


def as_json(record: Mapping[str, object]) -> bytes:
    """Return a record as canonical JSON."""
    return canonical_json(record)


def as_xml(record: Mapping[str, object]) -> bytes:
    """Return the same as XML, without a document type or namespaces; UTF-8, root `DZZZ`."""
    root = ET.Element("DZZZ")
    for key in sorted(record):
        _append(root, key, record[key])
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _append(parent: ET.Element, name: str, value: object) -> None:
    element = ET.SubElement(parent, name)
    if isinstance(value, Mapping):
        for key in sorted(value):
            _append(element, str(key), value[key])
    elif isinstance(value, list):
        for one in value:
            _append(element, name.removesuffix("XX") if name.endswith("XX") else "item", one)
    elif value is not None:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        element.text = NOT_XML.sub("\ufffd", text)
