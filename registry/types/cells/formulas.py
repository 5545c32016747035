"""Cells of CSV files that a spreadsheet would take for a formula (OWASP, CSV injection)."""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_GUARD: Final = "'"


def guarded(cell: str) -> str:
    """Return a cell of a CSV file that no spreadsheet takes for a formula."""
    return f"{_GUARD}{cell}" if cell.startswith(_FORMULA) else cell


def escaped(cell: str) -> str:
    """Return such a cell so that `unescaped` gives back what it was."""
    return f"{_GUARD}{cell}" if cell.lstrip(_GUARD).startswith(_FORMULA) else cell


def unescaped(cell: str) -> str:
    """Return an escaped cell as it was."""
    return cell.removeprefix(_GUARD) if cell.lstrip(_GUARD).startswith(_FORMULA) else cell
