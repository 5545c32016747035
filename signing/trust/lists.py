"""Trust list: the certificates beside our own at which paths may end, as one signed JSON object.

Its statement, which is signed, is the object without `signature`, as canonical JSON (RFC 8785), as
with the heads of the audit; `openssl dgst -verify` confirms it. One file, so that it is replaced in
one step: nobody sees a list with another one's signature.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.canonical import canonical_json
from core.errors import UnreadableInputError
from core.text import Text
from signing.trust import messages
from signing.trust.anchors import Anchor, AnchorKind, AnchorService

_TYPE = "xinyin-trust-list"
MAX_LIST_BYTES = 16 * 1024 * 1024
"""All services of the European Union's lists take some 4 MiB."""
MAX_ENTRIES = 20_000
_MAX_CERTIFICATE_BYTES = 64 * 1024
_LISTED = (AnchorKind.GOVERNMENT, AnchorKind.TEST)
"""Our own roots stand in files of their own: no list makes a seal of ours hold."""


class BadTrustListError(UnreadableInputError):
    """The bytes are no trust list, or one that says more than is signed."""

    code = "bad_trust_list"


@dataclass(frozen=True, slots=True)
class TrustList:
    """A version of the list."""

    version: int
    """Only grows."""
    issued_at: datetime
    next_update: datetime
    """From then on nothing in it is recognised any more."""
    entries: tuple[Anchor, ...]
    """In canonical order, each once."""

    def to_json(self) -> dict[str, object]:
        """Return the list as one JSON object."""
        return {
            "type": _TYPE,
            "version": self.version,
            "issued_at": _instant(self.issued_at),
            "next_update": _instant(self.next_update),
            "entries": [_entry_to_json(one) for one in self.entries],
        }

    def is_expired(self, at: datetime) -> bool:
        """Tell whether the list says nothing any more."""
        return self.next_update <= at


@dataclass(frozen=True, slots=True)
class SignedTrustList:
    """A list with what its signer made of it."""

    content: TrustList
    key: str
    """Name of the signing key, for people; which key counts is pinned by a file."""
    signature: bytes
    """As `keys.model.Signer.sign` makes it, over `statement`."""

    def statement(self) -> bytes:
        """Return the bytes that are signed."""
        return statement(self.content, self.key)

    def encode(self) -> bytes:
        """Return the file's content."""
        signature = base64.b64encode(self.signature).decode()
        return canonical_json(_stated(self.content, self.key) | {"signature": signature})

    @property
    def sha256(self) -> str:
        """SHA-256 of the statement: two lists of one version that differ are told apart by it."""
        return hashlib.sha256(self.statement()).hexdigest()


def statement(content: TrustList, key: str) -> bytes:
    """Return the bytes that the key of that name signs."""
    return canonical_json(_stated(content, key))


def _stated(content: TrustList, key: str) -> dict[str, object]:
    return content.to_json() | {"key": key}


def in_order(entries: Iterable[Anchor]) -> tuple[Anchor, ...]:
    """Return entries as a list holds them, each once."""
    return tuple(sorted(dict.fromkeys(entries), key=_order))


def _order(entry: Anchor) -> tuple[str, ...]:
    since = "" if entry.recognised_from is None else _instant(entry.recognised_from)
    until = "" if entry.recognised_until is None else _instant(entry.recognised_until)
    return entry.sha256, entry.service, since, until, entry.list_name, entry.name.zh, entry.name.en


def read_signed_list(data: bytes) -> SignedTrustList:
    """Read what `SignedTrustList.encode` wrote, and nothing else. Raises `BadTrustListError`.

    Says nothing of the signature.
    """
    value = _object(data)
    try:
        key, signature = value.pop("key"), base64.b64decode(value.pop("signature"), validate=True)
        signed = SignedTrustList(_list(value), _text(key), signature)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise _bad() from error
    # Nothing beside what is signed, and that as it was signed.
    if signed.encode() != data.strip():
        raise _bad()
    return signed


def _object(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_LIST_BYTES:
        raise _bad()
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _bad() from error
    if not isinstance(value, dict):
        raise _bad()
    return value


def _list(value: Mapping[str, Any]) -> TrustList:
    version = value["version"]
    if value["type"] != _TYPE or type(version) is not int or version < 1:
        raise ValueError("not a trust list")
    return TrustList(
        version=version,
        issued_at=_read_instant(value["issued_at"]),
        next_update=_read_instant(value["next_update"]),
        entries=entries_from_json(value["entries"]),
    )


def entries_to_json(entries: Iterable[Anchor]) -> list[dict[str, object]]:
    """Return entries as a list holds them."""
    return [_entry_to_json(one) for one in entries]


def entries_from_json(values: Sequence[Mapping[str, Any]]) -> tuple[Anchor, ...]:
    """Read entries. Raises `ValueError`, `KeyError`, `TypeError`, `AttributeError`."""
    if not isinstance(values, list) or len(values) > MAX_ENTRIES:
        raise ValueError("not entries")
    return tuple(_entry(value) for value in values)


def _entry_to_json(entry: Anchor) -> dict[str, object]:
    since, until = entry.recognised_from, entry.recognised_until
    return {
        "certificate": base64.b64encode(entry.certificate).decode(),
        "name": entry.name.as_json(),
        "kind": entry.kind.value,
        "service": entry.service.value,
        "list": entry.list_name,
        "recognised_from": None if since is None else _instant(since),
        "recognised_until": None if until is None else _instant(until),
    }


def _entry(value: Mapping[str, Any]) -> Anchor:
    kind = AnchorKind(value["kind"])
    certificate = base64.b64decode(value["certificate"], validate=True)
    if kind not in _LISTED or not 0 < len(certificate) <= _MAX_CERTIFICATE_BYTES:
        raise ValueError("not an entry")
    since, until = value["recognised_from"], value["recognised_until"]
    return Anchor(
        certificate=certificate,
        name=Text(_text(value["name"]["zh"]), _text(value["name"]["en"])),
        list_name=_text(value["list"]),
        kind=kind,
        service=AnchorService(value["service"]),
        recognised_from=None if since is None else _read_instant(since),
        recognised_until=None if until is None else _read_instant(until),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _read_instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a naive instant")
    return at.astimezone(UTC)


def _bad() -> BadTrustListError:
    return BadTrustListError(messages.NOT_TRUST_LIST_FILE)
