"""Faults of `identity.toml` as people are told them: the table, the key, the line, what to do."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from core.errors import ConfigurationError
from core.setting_faults import BrokenRuleError, fault_en, fault_zh
from home.identity import messages

Place = tuple[str | int, ...]
_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_QUOTES: Final = ('"""', "'''")
_POSITION: Final = re.compile(r"line (\d+), column (\d+)")


def wrong_setting(path: Path, text: str, fault: Mapping[str, Any]) -> ConfigurationError:
    """Return the error of the first thing that pydantic found in a file of this text."""
    place: Place = tuple(fault["loc"])
    rule = fault.get("ctx", {}).get("error")
    if isinstance(rule, BrokenRuleError):
        place += tuple(rule.key)
    table, name = _named(place)
    key = ".".join(str(one) for one in place) or "-"
    told = messages.identity_setting_wrong(
        path=str(path),
        line=line_of(text, place),
        table=table,
        key=name,
        why_zh=fault_zh(fault),
        why_en=fault_en(fault),
    )
    return ConfigurationError(told, key=key)


def no_toml(path: Path, error: ValueError) -> ConfigurationError:
    """Return the error of a file that no TOML parser takes, with the place where it stopped."""
    found = _POSITION.search(str(error))
    line, column = (int(found[1]), int(found[2])) if found else (None, None)
    return ConfigurationError(messages.identity_file_malformed(str(path), line, column))


def line_of(text: str, place: Place) -> int | None:
    """Return the line on which a key stands, else the nearest table above it; None for neither.

    `("providers", 0, "scim", "client")` is `client` below the `[providers.scim]` that follows the
    first `[[providers]]`.
    """
    lines = _lines(text)
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return None


def _lines(text: str) -> dict[Place, int]:
    """Return the line of each table and key, by its place."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    within = ""
    for number, line in enumerate(text.splitlines(), 1):
        if within:  # a string over several lines
            within = "" if within in line else within
            continue
        if header := _HEADER.match(line):
            table = _table(header[2].split("."), counts, is_new=header[1] == "[[")
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key[1]), number)
        within = next((one for one in _QUOTES if line.count(one) == 1), "")
    return found


def _table(names: Sequence[str], counts: dict[Place, int], *, is_new: bool) -> Place:
    """Return the place of a header; of one of several tables, which one."""
    place: Place = ()
    for number, name in enumerate(names, 1):
        place += (name,)
        if is_new and number == len(names):
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place += (counts[place],)
    return place


def _named(place: Place) -> tuple[str, str]:
    """Return the table of a place and the key in it, as people write both."""
    tables = [str(one) for one in place if isinstance(one, str)]
    numbers = [one for one in place if isinstance(one, int)]
    if len(place) == 1 and isinstance(place[0], str):
        return "", place[0]
    if isinstance(place[-1] if place else "", int):  # a whole table, or one item of a list
        return f"{'.'.join(tables)}[{numbers[-1] + 1}]", ""
    which = f"[{numbers[0] + 1}]" if numbers else ""
    head, *rest = tables[:-1] or [""]
    return ".".join([f"{head}{which}", *rest]), tables[-1] if tables else ""
