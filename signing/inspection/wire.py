"""Reports as JSON, read back strictly: a worker that ate hostile bytes is not believed blindly.

Never pickle, which would let a subverted worker run code in its parent.
"""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from signing.report import (
    Coverage,
    Indication,
    LaterChanges,
    SignatureKind,
    SignatureReport,
    Structure,
    ValidationReport,
)
from signing.trust.anchors import AnchorScope, AnchorService, TrustMaterial

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_BYTES = 1024 * 1024
"""Thirty-two signatures with their words take some 30 KiB."""
_DERS = ("anchors", "certificates", "crls", "ocsps")
_MOST_TEXT = 4096
_MOST_ITEMS = 4096


def encode_trust(trust: TrustMaterial) -> bytes:
    """Return trust material as JSON."""
    ders = {
        name: [base64.b64encode(der).decode() for der in getattr(trust, name)] for name in _DERS
    }
    scopes = [
        {field.name: _plain(getattr(scope, field.name)) for field in fields(scope)}
        for scope in trust.scopes
    ]
    return json.dumps(ders | {"scopes": scopes}).encode()


def decode_trust(data: bytes) -> TrustMaterial:
    """Read what `encode_trust` wrote."""
    values = json.loads(data)
    ders = {name: tuple(base64.b64decode(der) for der in values[name]) for name in _DERS}
    return TrustMaterial(**ders, scopes=_many(values["scopes"], _scope))


def _scope(values: Any) -> AnchorScope:
    return AnchorScope(
        sha256=_text(values["sha256"]),
        service=AnchorService(values["service"]),
        recognised_from=_or_none(values["recognised_from"], _instant),
        recognised_until=_or_none(values["recognised_until"], _instant),
    )


def encode_report(report: ValidationReport) -> bytes:
    """Return a report as UTF-8 JSON; instants in ISO 8601 with their offset."""
    values = {
        field.name: getattr(report, field.name)
        for field in fields(report)
        if field.name != "signatures"
    }
    values["signatures"] = encode_signatures(report.signatures)
    return json.dumps(values).encode()


def encode_signatures(signatures: Iterable[SignatureReport]) -> list[dict[str, object]]:
    """Return signatures' reports as JSON values."""
    return [
        {field.name: _plain(getattr(signature, field.name)) for field in fields(signature)}
        for signature in signatures
    ]


def decode_signatures(values: object) -> tuple[SignatureReport, ...]:
    """Read them. Raises `ValueError` for anything that `encode_signatures` does not return."""
    try:
        return _many(values, _signature)
    except (KeyError, TypeError) as error:
        raise ValueError("not reports") from error


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def decode_report(data: bytes) -> ValidationReport:
    """Read a report. Raises `ValueError` for anything that `encode_report` does not write."""
    try:
        values = json.loads(data)
        return ValidationReport(
            structure=Structure(values["structure"]),
            signatures=_many(values["signatures"], _signature),
            traces=_is(values["traces"], bool),
            identifiers=_many(values["identifiers"], _text),
            revision_ends=_many(values["revision_ends"], _count),
            notes=_many(values["notes"], _text),
        )
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a report") from error


def _signature(values: Any) -> SignatureReport:
    return SignatureReport(
        field=_text(values["field"]),
        kind=SignatureKind(values["kind"]),
        signer=_text(values["signer"]),
        certificate_sha256=_or_none(values["certificate_sha256"], _text),
        level=_or_none(values["level"], _text),
        intact=_or_none(values["intact"], lambda value: _is(value, bool)),
        trusted=_is(values["trusted"], bool),
        indication=Indication(values["indication"]),
        sub_indication=_or_none(values["sub_indication"], _text),
        claimed_time=_or_none(values["claimed_time"], _instant),
        best_time=_or_none(values["best_time"], _instant),
        coverage=Coverage(values["coverage"]),
        covered_length=_count(values["covered_length"]),
        later_changes=_or_none(values["later_changes"], LaterChanges),
        notes=_many(values["notes"], _text),
        signed_digest=_or_none(values["signed_digest"], _text),
        anchor_sha256=_or_none(values["anchor_sha256"], _text),
        # Judgements that were kept before there were these have neither.
        organization=_text(values.get("organization", "")),
        identity_issuer=_or_none(values.get("identity_issuer"), _text),
    )


_T = TypeVar("_T")


def _is(value: object, kind: type[_T]) -> _T:
    if type(value) is not kind:
        raise ValueError("not a report")
    return value


def _text(value: object) -> str:
    text = _is(value, str)
    if len(text) > _MOST_TEXT:
        raise ValueError("not a report")
    return text


def _count(value: object) -> int:
    number = _is(value, int)
    if number < 0:
        raise ValueError("not a report")
    return number


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(_text(value))
    if instant.tzinfo is None:
        raise ValueError("not a report")
    return instant


def _or_none(value: object, read: Callable[[Any], _T]) -> _T | None:
    return None if value is None else read(value)


def _many(value: object, read: Callable[[Any], _T]) -> tuple[_T, ...]:
    found: list[Any] = _is(value, list)
    if len(found) > _MOST_ITEMS:
        raise ValueError("not a report")
    return tuple(read(item) for item in found)
