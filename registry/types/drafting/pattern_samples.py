"""Text that a regular expression takes, for samples: the plainest one, not any one."""

import re
from collections.abc import Callable, Mapping
from re import _constants, _parser  # how `re` itself reads a pattern
from typing import Any, Final

_OTHERS: Final = "0A一a-"
"""Tried in turn where a class says only what it does not take."""
_MOST: Final = 200


def sample_of(pattern: re.Pattern[str]) -> str | None:
    """Return a text that the whole pattern takes; None where none was found."""
    try:
        text = _sequence(_parser.parse(pattern.pattern))
    except (KeyError, re.error, RecursionError):  # a construct that licence types hardly have
        return None
    return text if len(text) <= _MOST and pattern.fullmatch(text) else None


def _sequence(parts: Any) -> str:
    return "".join(_WRITERS[operator](argument) for operator, argument in parts)


def _repeat(argument: Any) -> str:
    least, _, part = argument
    return _sequence(part) * min(int(least), _MOST)


def _class(members: Any) -> str:
    """Return a character that a class takes."""
    operator, argument = members[0]
    if operator is _constants.NEGATE:
        taken = re.compile("[^" + "".join(_written(one) for one in members[1:]) + "]")
        return next((one for one in _OTHERS if taken.fullmatch(one)), "")
    if operator is _constants.RANGE:
        return chr(int(argument[0]))
    return str(_WRITERS[operator](argument))


def _written(member: Any) -> str:
    operator, argument = member
    if operator is _constants.RANGE:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    if operator is _constants.LITERAL:
        return re.escape(chr(argument))
    raise KeyError(operator)


_CATEGORIES: Final = {
    _constants.CATEGORY_DIGIT: "0",
    _constants.CATEGORY_WORD: "A",
    _constants.CATEGORY_SPACE: " ",
    _constants.CATEGORY_NOT_DIGIT: "A",
    _constants.CATEGORY_NOT_SPACE: "A",
    _constants.CATEGORY_NOT_WORD: "-",
}
_WRITERS: Final[Mapping[Any, Callable[[Any], str]]] = {
    _constants.LITERAL: chr,
    _constants.ANY: lambda _: "一",
    _constants.NOT_LITERAL: lambda code: next(one for one in _OTHERS if ord(one) != code),
    _constants.IN: _class,
    _constants.CATEGORY: lambda category: _CATEGORIES[category],
    _constants.BRANCH: lambda argument: _sequence(argument[1][0]),
    _constants.SUBPATTERN: lambda argument: _sequence(argument[3]),
    _constants.MAX_REPEAT: _repeat,
    _constants.MIN_REPEAT: _repeat,
    _constants.AT: lambda _: "",
}
