"""Signed heads: where the audit's chain ended at a moment, under a key that signs nothing else.

A head is one JSON object. Its statement, which is signed, is the object without `signature`, as
canonical JSON (RFC 8785): sequence and hash of the last event, the instant, the key's name.
`openssl dgst -verify` confirms it. Heads are kept in the database and, first, outside it.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from core.canonical import canonical_json
from core.ids import KeyId
from core.text import Text

_TYPE = "xinyin-audit-head"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """Signed end of the chain."""

    sequence: int
    hash: str
    signed_at: datetime
    key_id: KeyId
    signature: bytes
    """As `keys.model.Signer.sign` makes it, over `statement`."""

    def statement(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical_json(self._stated())

    def to_json(self) -> dict[str, str | int | None]:
        """Return the head as one JSON object."""
        return self._stated() | {"signature": base64.b64encode(self.signature).decode()}

    def _stated(self) -> dict[str, str | int | None]:
        return {
            "type": _TYPE,
            "sequence": self.sequence,
            "hash": self.hash,
            "signed_at": self.signed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "key": self.key_id,
        }


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """A line of a file of heads that is none."""

    number: int


class HeadAnchor(Protocol):
    """Anchor: a place of heads outside the database."""

    @property
    def name(self) -> str:
        """Name for people: a file's path."""
        ...

    def append(self, head: SignedHead) -> None:
        """Keep a head, durable when this returns. Raises `StorageError`."""
        ...

    def heads(self) -> Iterator[SignedHead | UnreadableLine] | Text:
        """Return the heads that are there at this moment, or why there are none to be looked at."""
        ...


def read_heads(lines: Iterable[bytes]) -> Iterator[SignedHead | UnreadableLine]:
    """Read heads, one JSON object a line; empty lines do not matter."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _parse(line) or UnreadableLine(number)


def _parse(line: bytes) -> SignedHead | None:
    try:
        return head_from_json(json.loads(line))
    except (ValueError, RecursionError):
        return None


def head_from_json(value: Mapping[str, Any]) -> SignedHead | None:
    """Return the head that `to_json` wrote; None if it is none, or has anything beside it."""
    try:
        head = SignedHead(
            sequence=value["sequence"],
            hash=value["hash"],
            signed_at=datetime.fromisoformat(value["signed_at"]),
            key_id=KeyId(value["key"]),
            signature=base64.b64decode(value["signature"], validate=True),
        )
        # Nothing beside what is signed, and that as it was signed.
        return head if head.to_json() == value and isinstance(head.sequence, int) else None
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
        return None
