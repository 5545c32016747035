"""Headings of a table, matched to a licence type's columns."""

import difflib
import unicodedata
from dataclasses import dataclass

from registry.importing import messages
from registry.importing.sheets import Table
from registry.types.licence_type import LicenceType
from registry.types.numbering import NUMBER
from registry.types.row_problems import FieldProblem
from registry.types.validity import VALID_UNTIL


@dataclass(frozen=True, slots=True)
class Columns:
    """Keys of the columns, in their order, and what is wrong with the headings."""

    keys: tuple[str, ...]
    problems: tuple[FieldProblem, ...]


def header_below(licence_type: LicenceType, table: Table) -> FieldProblem | None:
    """Find the names of the columns below a title, where the first row has none of them."""
    known = {_fold(name) for name in licence_type.columns}
    if any(_fold(name) in known for name in table.header):
        return None
    for number, cells in table.first_rows[1:]:
        if sum(_fold(cell) in known for cell in cells if cell) > 1:
            return FieldProblem(f"row {number}", "", messages.HEADER_BELOW, "header_below")
    return None


def match_columns(licence_type: LicenceType, table: Table) -> Columns:
    """Match headings by key, label and habit."""
    header = table.header
    columns = {_fold(name): key for name, key in licence_type.columns.items()}
    known = {_fold(name): key for name, key in licence_type.accepted.items()} | columns
    if not any(_fold(name) in known for name in header):
        # As likely somebody's data as headings: none of it is repeated.
        names = "、".join(licence_type.label_of(key) for key in _required(licence_type))
        text = messages.no_headings(names, guessed=table.encoding == "gb18030")
        return Columns((), (FieldProblem("row 1", "", text, "no_header"),))
    keys: list[str] = []
    problems: list[FieldProblem] = []
    for position, name in enumerate(header, start=1):
        key = known.get(_fold(name), "")
        if not key:
            problems.append(_unknown_column(licence_type, name, position))
        elif key in keys:
            text = messages.DUPLICATE_COLUMN
            problems.append(FieldProblem("row 1", name, text, "duplicate_column"))
        keys.append(key)
    problems += [
        FieldProblem("row 1", licence_type.label_of(key), messages.COLUMN_MISSING, "missing_column")
        for key in _required(licence_type)
        if key not in keys
    ]
    return Columns(tuple(keys), tuple(problems))


def _fold(name: str) -> str:
    """Return a column's name without what differs by habit: width, blanks, a mark of duty."""
    return "".join(unicodedata.normalize("NFKC", name).split()).strip("*\ufeff").lower()


def _unknown_column(licence_type: LicenceType, name: str, position: int) -> FieldProblem:
    labels = [label for label, key in licence_type.columns.items() if label != key]
    near = difflib.get_close_matches(name[:100], labels, n=1)
    zh = f"是否应为“{near[0]}”？" if near else "请删除该列，或改成证照类型的字段名。"
    en = f"Is “{near[0]}” meant?" if near else "Remove it, or name it as the type's field."
    shown = name if name.strip() else f"#{position}"
    text = messages.no_such_column(hint_zh=zh, hint_en=en)
    return FieldProblem("row 1", shown, text, "unknown_column")


def _required(licence_type: LicenceType) -> list[str]:
    keys = [key for key, rule in licence_type.fields.items() if rule.required]
    given = set(licence_type.columns.values())
    return keys + [key for key in (NUMBER, VALID_UNTIL) if key in given]
