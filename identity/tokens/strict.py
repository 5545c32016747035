"""Strict base64url and JSON: one spelling for each value, and bounded."""

import base64
import json
import math
import re
from collections.abc import Sequence

from identity.tokens.refusals import Refusal, TokenRefusedError

MAX_DEPTH = 8
"""Objects and lists within each other; subjects in security events have five."""
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
"""A string, which hides its brackets, or a bracket."""
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def encode_base64url(data: bytes) -> str:
    """Return base64url without padding (RFC 7515 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """Decode base64url without padding, line ends or other characters (RFC 7515 2).

    The bits that the last character has to spare must be zero (RFC 4648 3.5): otherwise one
    token would have several spellings. Raises `TokenRefusedError`.
    """
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise TokenRefusedError(Refusal.NOT_BASE64URL)
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode_base64url(data) != text:
        raise TokenRefusedError(Refusal.NOT_CANONICAL_BASE64URL)
    return data


def octets_of(text: str) -> bytes:
    """Return the octets of text that somebody else sent, whatever stands in it."""
    return text.encode("utf-8", "surrogatepass")


def read_object(data: bytes) -> dict[str, object]:
    """Read a JSON object (RFC 8259) in UTF-8, each member once. Raises `TokenRefusedError`.

    The caller has bounded its length. Nesting is counted before it is parsed, so that the parser's
    own limit is never reached. Errors of the standard library are not handed on: they hold the
    text, which may be about a person.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise TokenRefusedError(Refusal.NOT_JSON) from None
    if _depth(text) > MAX_DEPTH:
        raise TokenRefusedError(Refusal.TOO_DEEP)
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_float=_finite, parse_constant=_no_constant
        )
    except ValueError:  # among them an integer of thousands of digits
        raise TokenRefusedError(Refusal.NOT_JSON) from None
    if not isinstance(value, dict):
        raise TokenRefusedError(Refusal.NOT_AN_OBJECT)
    if _SURROGATE.search(text):
        _check_encodable(value)
    return value


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in _NESTING.finditer(text):
        if match[0] in {"[", "{"}:
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in {"]", "}"}:
            depth -= 1
    return deepest


def _once(members: Sequence[tuple[str, object]]) -> dict[str, object]:
    value = dict(members)
    if len(value) != len(members):
        raise TokenRefusedError(Refusal.DUPLICATE_MEMBER)
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise TokenRefusedError(Refusal.BAD_NUMBER)
    return value


def _no_constant(_name: str) -> None:
    """Refuse NaN and Infinity, which are no JSON (RFC 8259 6)."""
    raise TokenRefusedError(Refusal.BAD_NUMBER)


def _check_encodable(value: dict[str, object]) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise TokenRefusedError(Refusal.BAD_TEXT) from None
