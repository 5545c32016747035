"""Words and files of a request for a correction: sealed at rest, as whoever asks may name a
code, and who has the database alone is to read none.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, update

from registry.db.tables import correction_files, corrections
from registry.privacy.codes import Privacy
from registry.privacy.records import SEALED_IN, read_content, sealed_content

WORDS: Final = ("field", "wanted", "reason", "contact")
"""Columns of what is said. Sealed, it stands whole in `KEPT_IN`, and the others are empty."""
KEPT_IN: Final = "wanted"
SEALED_BEGINS: Final = b"c"
"""Begins a sealed file, as names of keys do; none of the kinds that are taken begins so."""
NOTHING: Final[Mapping[str, None]] = dict.fromkeys(WORDS)
Values = Mapping[str, Any] | RowMapping


def sealed_words(
    privacy: Privacy, correction_id: str, words: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Return the columns of what a request says. Raises `PrivacyKeyMissingError`."""
    sealed = sealed_content(privacy, _place(correction_id), words)
    return {**NOTHING, KEPT_IN: sealed[SEALED_IN]}


def words_of(privacy: Privacy, row: Values) -> dict[str, str | None]:
    """Return the words of a request, sealed or from before; all None once it was forgotten.

    Raises `UnreadableCodeError`, `PrivacyKeyMissingError`.
    """
    words: dict[str, str | None] = {name: row[name] for name in WORDS}
    if row[KEPT_IN] is None or in_the_clear(row):
        return words
    kept = {SEALED_IN: row[KEPT_IN]}
    return {**NOTHING, **read_content(privacy, _place(row["correction_id"]), kept)}


def in_the_clear(row: Values) -> bool:
    """Tell whether a request is from before, when its words stood in their columns."""
    return row["field"] is not None


def sealed_file(privacy: Privacy, correction_id: str, number: int, content: bytes) -> bytes:
    """Return a file as it is stored. Raises `PrivacyKeyMissingError`."""
    return privacy.box.seal(content, _place_of_file(correction_id, number)).encode()


def read_file(privacy: Privacy, row: Values) -> bytes:
    """Return a file as it came. Raises `UnreadableCodeError`, `PrivacyKeyMissingError`."""
    stored: bytes = row["content"]
    if not is_sealed(stored):
        return stored
    return privacy.box.open(stored.decode(), _place_of_file(row["correction_id"], row["number"]))


def is_sealed(stored: bytes) -> bool:
    """Tell a sealed file from one of before."""
    return stored.startswith(SEALED_BEGINS)


def forget_contents(connection: Connection, which: ColumnElement[bool]) -> None:
    """Forget what some requests say, and their files."""
    names = connection.execute(
        update(corrections)
        .where(which)
        .values({**NOTHING, "files": 0})
        .returning(corrections.c.correction_id)
    ).scalars()
    listed = list(names)
    if listed:
        of_these = correction_files.c.correction_id.in_(listed)
        connection.execute(delete(correction_files).where(of_these))


def _place(correction_id: str) -> str:
    return f"corrections\0{correction_id}\0{KEPT_IN}"


def _place_of_file(correction_id: str, number: int) -> str:
    return f"correction_files\0{correction_id}\0{number}\0content"
