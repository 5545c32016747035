"""Fields of a licence type: what a value must be, and how the face shows it."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from core.resident_ids import is_resident_id
from core.text import Text
from registry.types import messages
from registry.types.cells.civil_dates import chinese_date
from registry.types.definition import (
    Colour,
    Definition,
    Key,
    Pattern,
    Unsound,
    Word,
    Words,
    refuse,
)
from registry.types.masks import Mask, mask_birthday

BLANK: Final = "——"
"""What the face shows where an optional field was left empty, so that nothing can be added."""


class FieldKind(StrEnum):
    """Kinds of value that a field takes."""

    TEXT = "text"
    """Words, on one line; with `wide`, on several."""
    PERSON = "person"
    """A natural person's name."""
    DATE = "date"
    """Kept as 2026-01-01."""
    CHOICE = "choice"
    """One of the type's own words; each may have a code for the number."""
    CODE = "code"
    """A code that `check` judges; written in capitals, without blanks."""
    AREA = "area"
    """Six digits in the manner of GB/T 2260."""
    NUMBER = "number"
    """A number within `minimum` and `maximum`, with `decimals` at most."""
    PHOTO = "photo"
    """A portrait; never part of the data."""


class CodeCheck(StrEnum):
    """Checks of a code."""

    USCC = "uscc"
    """A unified social credit code (GB 32100)."""
    RESIDENT_ID = "resident_id"
    """A resident ID number (GB 11643); its birth date is no later than today."""
    USCC_OR_RESIDENT_ID = "uscc_or_resident_id"
    """Either: which of them it is tells bodies from people."""
    PATTERN = "pattern"
    """Only the field's own pattern."""


CHOICE_CODE: Final = r"^[0-9A-Z]{0,10}$"


class Choice(Definition):
    """One word that a field may take."""

    value: Word
    """The word, as it is entered and printed."""
    code: Annotated[str, StringConstraints(pattern=CHOICE_CODE)] = ""
    """What stands for it in a number."""
    colour: Colour | None = None
    """Of the faces that show it, in place of the design's own."""


def _exactly(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) else value


_Amount = Annotated[Decimal, BeforeValidator(_exactly)]
_ROW_ENDS: Final = re.compile("[；\n]")
_CELL_ENDS: Final = re.compile("[|｜]")
MOST_COLUMNS: Final = 8
MOST_ROWS: Final = 40
"""Of a table on the face."""
MOST_LINES: Final = 8
"""Of a list on the face; a longer one is set as a paragraph."""


class FieldRule(Definition):
    """One field: in the order of the official face."""

    key: Key
    """Name of the field in data, and a heading that tables may have."""
    label: Words
    """The form's own label; its Chinese heads tables."""
    kind: FieldKind
    """What the field takes."""
    face_label: Words | None = None
    """Where the form's own label is too long for the page, or names alternatives."""
    person_label: Words | None = None
    """The face's label where the value is a resident ID."""
    required: bool = True
    """Must be entered. The page shows —— where an optional field was left empty."""
    wide: bool = False
    """Takes the whole width of the page, and may have several lines."""
    public: bool = False
    """Shown to who opens the licence's own link, masked by `mask`."""
    on_face: bool = True
    """Stands on the page."""
    mask: Mask | None = None
    """How the public sees a public field; needed where it may hold personal data."""
    hide_birthday: bool = False
    """The face shows a resident ID with month and day of birth as ****."""
    month_only: bool = False
    """The face shows a date without its day (出生年月)."""
    not_after_today: bool = False
    """A date in the future is refused."""
    birth_in: Key | None = None
    """Key of the resident ID whose birth date this must be."""
    sex_in: Key | None = None
    """Key of the resident ID whose sex (男 or 女) this must be."""
    min_length: Annotated[int, Field(ge=1, le=4000)] = 1
    """Characters at least, of a text or a name."""
    max_length: Annotated[int, Field(ge=1, le=4000)] = 100
    """Characters at most, of a text or a name."""
    check: CodeCheck | None = None
    """How a code is judged."""
    pattern: Pattern | None = None
    """A regular expression that the whole value must fit."""
    hint: Words | None = None
    """What `pattern` asks for, in words."""
    example: Word | None = None
    """A made-up value that previews show; without it one is made from the kind."""
    choices: tuple[Choice, ...] = ()
    """The words that may be entered."""
    minimum: _Amount | None = None
    """Least number."""
    maximum: _Amount | None = None
    """Greatest number."""
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    """Decimal places at most."""
    unit: Words | None = None
    """Printed behind the number, and may be entered with it."""
    listed: bool = False
    """Several things with `；` between them: on the face one to a line, while there are few."""
    columns: Annotated[tuple[Words, ...], Field(max_length=MOST_COLUMNS)] = ()
    """Headings of a table: a `wide` text whose rows have `；` between them, or stand on lines of
    their own, and whose cells have `|` between them. The face shows it ruled."""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        refuse(self._unsound())
        return self

    def _unsound(self) -> Iterator[Unsound]:
        if (self.kind is FieldKind.CHOICE) != bool(self.choices):
            yield Unsound(("choices",), messages.CHOICES_BELONG_TO_CHOICE)
        if (self.kind is FieldKind.CODE) != (self.check is not None):
            yield Unsound(("check",), messages.CHECK_BELONGS_TO_CODE)
        if self.check is CodeCheck.PATTERN and not (self.pattern and self.hint):
            yield Unsound(("check",), messages.CHECK_PATTERN_NEEDS_PATTERN)
        if self.columns and (self.kind is not FieldKind.TEXT or not self.wide or self.listed):
            yield Unsound(("columns",), messages.COLUMNS_BELONG_TO_WIDE_TEXT)
        if self.public and self.mask is None and self._is_personal:
            yield Unsound(("public",), messages.PUBLIC_PERSON_NEEDS_MASK)

    @property
    def _is_personal(self) -> bool:
        resident = (CodeCheck.RESIDENT_ID, CodeCheck.USCC_OR_RESIDENT_ID)
        return self.kind in (FieldKind.PERSON, FieldKind.PHOTO) or self.check in resident

    def shown_label(self, value: str) -> Text:
        """Return the face's label of a value."""
        if self.person_label is not None and is_resident_id(value):
            return self.person_label
        return self.face_label or self.label

    def shown(self, value: str) -> str:
        """Write a value that `read` returned, as the face shows it."""
        if not value:
            return BLANK
        if self.kind is FieldKind.DATE:
            day = date.fromisoformat(value)
            return f"{day.year}年{day.month}月" if self.month_only else chinese_date(day)
        if self.hide_birthday:
            return mask_birthday(value) if is_resident_id(value) else value
        return f"{value}{self.unit.zh}" if self.unit else value

    def printed(self, value: str) -> str:
        """Write the value for the page."""
        parts = value.split("；")
        if self.listed and len(parts) <= MOST_LINES:
            return "\n".join(parts)
        return self.shown(value)

    def table_of(self, text: str) -> tuple[tuple[str, ...], ...]:
        """Return the rows of a table, each as long as it was written."""
        rows = filter(None, (row.strip() for row in _ROW_ENDS.split(text)))
        return tuple(tuple(cell.strip() for cell in _CELL_ENDS.split(row)) for row in rows)

    def printed_table(self, value: str) -> tuple[tuple[str, ...], ...]:
        """Return the rows for the page; empty where the field is no table."""
        if not self.columns:
            return ()
        rows = self.table_of(value) or (("",) * len(self.columns),)
        return tuple(tuple(cell or BLANK for cell in row) for row in rows)

    def colour_of(self, value: str) -> str | None:
        """Return the face's colour for a chosen word, if it has one of its own."""
        return next((choice.colour for choice in self.choices if choice.value == value), None)

    def code_of(self, value: str) -> str:
        """Return the code of a chosen word, for numbers; empty if it has none."""
        return next((choice.code for choice in self.choices if choice.value == value), "")
