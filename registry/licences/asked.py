"""Forgiving reader of what people type, paste and scan: a link, digest, identifier or number.

Case, full-width forms, blanks, a label in front and an identifier's missing root are forgiven. A
slip in a check character is told apart from a miss. Nothing is looked up here.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

from core.ids import LinkToken, Sha256
from registry.identifiers import LicenceIdentifierParts, MalformedIdentifierError, parse_identifier
from registry.licences.links import link_prefix
from registry.types.cells.cleaning import clean_code
from registry.types.row_problems import BadValueError

MAX_CHARACTERS: Final = 4096
"""More than the largest QR code holds (ISO/IEC 18004: 2,953 bytes)."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{27}")
_DIGEST: Final = re.compile(r"SHA-?256[:：]?([0-9A-F]{64})|([0-9A-F]{64})")
_IDENTIFIER: Final = re.compile(
    r"(?:1\.2\.156\.3005\.2\.)?[0-9A-Z]{21}\.[0-9A-Z]{6,18}\.[0-9A-Z]{1,64}\.[0-9]{3}\.[0-9A-Z]"
)
_ANY_IDENTIFIER: Final = re.compile(rf"(?<![0-9A-Z.]){_IDENTIFIER.pattern}(?![0-9A-Z]|\.[0-9A-Z])")
_LABEL: Final = re.compile(
    r"(?:LICEN[CS]E|IDENTIFIER|NUMBER|NO\.?|[^\x00-\x7f\W]+|\([^()]*\))+[:.]?"
)
"""`证照编号：`, `许可证编号`, `No.`, `编号(No.):` in what was cleaned; a code is ASCII."""
_DOTS: Final = str.maketrans("。．｡", "...")
"""What a Chinese keyboard offers where an identifier has a point."""
_STOPS: Final = ".,;:、"
"""What comes along when a number is copied out of a sentence."""
_LINK: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://", re.ASCII)
_UNSAFE_IN_LINK: Final = re.compile(r"[\\@\s\x00-\x1f\x7f-\uffff]")
"""What browsers and parsers read differently, so that a host could be disguised."""


class AskedKind(StrEnum):
    """By what somebody asks."""

    DIGEST = "digest"
    LINK = "link"
    FOREIGN_LINK = "foreign_link"
    IDENTIFIER = "identifier"
    MISTYPED = "mistyped"
    """An identifier whose check character does not match."""
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Asked:
    """Cleaned query for a licence."""

    kind: AskedKind
    digest: Sha256 | None = None
    token: LinkToken | None = None
    identifier: LicenceIdentifierParts | None = None
    numbers: tuple[str, ...] = ()
    """Spellings that may be the number, the likeliest first."""


def read_asked(text: str, public_url: str) -> Asked:
    """Parse a query for a licence. Never raises."""
    text = text.strip()[:MAX_CHARACTERS]
    link = _read_link(text, public_url)
    if link is not None:
        return link
    code = _cleaned(text)
    digest = _DIGEST.fullmatch(code)
    if digest is not None:
        return Asked(AskedKind.DIGEST, digest=Sha256((digest[1] or digest[2]).lower()))
    identifier = _read_identifier(code)
    if identifier is not None:
        return identifier
    if _TOKEN.fullmatch(text):
        return Asked(AskedKind.LINK, token=LinkToken(text), numbers=_numbers(text, code))
    return Asked(AskedKind.NUMBER, numbers=_numbers(text, code))


def read_token(text: str, public_url: str) -> LinkToken | None:
    """Return the token of a link of ours, or of the token alone; None for anything else."""
    text = text.strip()[:MAX_CHARACTERS]
    link = _read_link(text, public_url)
    if link is not None:
        return link.token if link.kind is AskedKind.LINK else None
    return LinkToken(text) if _TOKEN.fullmatch(text) else None


def _read_link(text: str, public_url: str) -> Asked | None:
    """Read an address; its scheme may be missing, as browsers hide it."""
    if _LINK.match(text) is None:
        host = urlsplit(public_url).netloc
        if not text.lower().startswith(f"{host.lower()}/v/"):
            return None
        text = f"{urlsplit(public_url).scheme}://{text}"
    foreign = Asked(AskedKind.FOREIGN_LINK)
    if _UNSAFE_IN_LINK.search(text):
        return foreign
    try:
        given, ours = urlsplit(text), urlsplit(link_prefix(public_url))
        if _place(given) != _place(ours) or not given.path.startswith(ours.path):
            return foreign
    except ValueError:  # no address: a port that is no number, a broken IPv6 host
        return foreign
    return Asked(AskedKind.LINK, token=LinkToken(given.path[len(ours.path) :].rstrip("/")))


def _place(address: SplitResult) -> tuple[str | None, int | None]:
    """Return host and port. Plain http and https lead to one service; the token decides."""
    usual = {"http": 80, "https": 443}
    if address.scheme not in usual:
        return None, None
    port = address.port or usual[address.scheme]
    return address.hostname, None if port in usual.values() else port


def _cleaned(text: str) -> str:
    """Return the text in ASCII capitals without blanks; what cannot be cleaned, as it is."""
    text = "".join(one for one in text if unicodedata.category(one) != "Cf")
    try:
        return clean_code(text.translate(_DOTS).replace("\n", " ").replace("\r", " "))
    except BadValueError:
        return text


def _read_identifier(code: str) -> Asked | None:
    """Find an identifier, alone, behind a label, or as the only one in a QR payload."""
    found = {match[0] for match in _ANY_IDENTIFIER.finditer(code)}
    if len(found) != 1:
        return None
    try:
        parts = parse_identifier(found.pop())
    except MalformedIdentifierError:
        return Asked(AskedKind.MISTYPED)
    return Asked(AskedKind.IDENTIFIER, identifier=parts)


def _numbers(text: str, code: str) -> tuple[str, ...]:
    label = _LABEL.match(code)
    bare = (code[label.end() :] if label else code).rstrip(_STOPS)
    return tuple(dict.fromkeys(one for one in (text, code, bare) if one))
