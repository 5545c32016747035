"""A record with its secrets sealed beside it: what is hidden, and how it is read again.

The columns in the clear hold what the public verifier may show: tokens in place of codes, a masked
view of fields that the type makes public. One column, `secret`, holds all that they lack, sealed
for this record. A record from before has no `secret` and is in the clear until it is sealed.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.privacy import messages
from registry.privacy.codes import Privacy, UnreadableCodeError, is_token

SEALED_IN: Final = "secret"
NUMBER_MARK: Final = "number_token"
"""Of a record that is read without the key of the codes: the token of its number."""
_SHOWN: Final = "number"
SEALED_FILE: Final = b"\0xinyin sealed\0"
"""Begins a file that is sealed; no picture begins so, nor does a PDF of a maker's."""
Values = Mapping[str, Any] | RowMapping


def sealed_secret(privacy: Privacy, place: str, hidden: Values, *, shown: str | None = None) -> str:
    """Return the content of the column `secret`; `shown`: the number as the public sees it."""
    box = privacy.box.seal(_encoded(hidden), _place(place, shown))
    return box if shown is None else f"{box}.{shown}"


def revealed(privacy: Privacy, place: str, row: Values) -> dict[str, Any]:
    """Return a record as it was before it was sealed, as far as the process may know.

    Without the key of the codes: with tokens for codes, and the number as the public sees it.
    Raises `UnreadableCodeError`.
    """
    values: dict[str, Any] = {**row}
    secret = values.pop(SEALED_IN, None)
    if secret is None:
        return values
    shown = shown_in(secret)
    if privacy.its_box is None:
        return values if shown is None else values | {NUMBER_MARK: row[_SHOWN], _SHOWN: shown}
    sealed = ".".join(secret.split(".", 2)[:2])
    return values | _decoded(privacy.box.open(sealed, _place(place, shown)))


def tokens_in(holders: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the tokens of holders as they stand in the clear; what is no token is left out."""
    return [str(one["code"]) for one in holders if is_token(str(one.get("code", "")))]


def shown_in(secret: str) -> str | None:
    """Return the number as the public sees it, where it is hidden."""
    parts = secret.split(".", 2)
    return parts[2] if len(parts) > 2 else None  # noqa: PLR2004  # key, box, number


def resealed(privacy: Privacy, place: str, secret: str) -> str:
    """Return a column `secret` under the newest key. Raises `UnreadableCodeError`."""
    shown = shown_in(secret)
    plain = privacy.box.open(".".join(secret.split(".", 2)[:2]), _place(place, shown))
    box = privacy.box.seal(plain, _place(place, shown))
    return box if shown is None else f"{box}.{shown}"


def _place(place: str, shown: str | None) -> str:
    return place if shown is None else f"{place}\0{shown}"


def _encoded(hidden: Values) -> bytes:
    return json.dumps(hidden, ensure_ascii=False, separators=(",", ":")).encode()


def _decoded(data: bytes) -> dict[str, Any]:
    try:
        hidden = json.loads(data)
    except ValueError as error:
        raise UnreadableCodeError(messages.CODE_UNREADABLE) from error
    if not isinstance(hidden, dict):
        raise UnreadableCodeError(messages.CODE_UNREADABLE)
    return hidden


def sealed_content(privacy: Privacy, place: str, content: Mapping[str, Any]) -> dict[str, str]:
    """Return a content that is kept for a while, sealed whole."""
    return {SEALED_IN: privacy.box.seal(_encoded(content), place)}


def read_content(privacy: Privacy, place: str, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a content that was kept, sealed or from before. Raises `UnreadableCodeError`."""
    sealed = kept.get(SEALED_IN) if len(kept) == 1 else None
    return kept if sealed is None else _decoded(privacy.box.open(sealed, place))


def sealed_file(privacy: Privacy, place: str, content: bytes) -> bytes:
    """Return a file that is kept for a while, sealed. Raises `PrivacyKeyMissingError`."""
    return SEALED_FILE + privacy.box.seal_file(content, place)


def read_file(privacy: Privacy, place: str, kept: bytes) -> bytes:
    """Return a file that was kept, sealed or from before.

    Raises `UnreadableCodeError`, `PrivacyKeyMissingError`.
    """
    if not kept.startswith(SEALED_FILE):
        return kept
    return privacy.box.open_file(kept[len(SEALED_FILE) :], place)
