"""Flaws of a definition: each with its line, what is wrong and the remedy, in both languages."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from difflib import get_close_matches
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from core.text import Text
from registry.types import messages
from registry.types.definition import COLOUR, KEY, LONGEST, ONE_LINE, Definition, Loc, UnsoundError
from registry.types.desk import DeskRule
from registry.types.fields import CHOICE_CODE, Choice, FieldRule
from registry.types.licence_type import (
    REASON_CODE,
    SLUG,
    TYPE_CODE,
    HolderRule,
    IndustryReason,
    LicenceType,
    TypeParts,
)
from registry.types.numbering import NumberRule
from registry.types.retention import RetentionRule
from registry.types.toml_lines import Path, line_at, lines_of
from registry.types.validity import ValidityRule
from signing.face import AUTHORITY, FaceDesign, PageDesign

_MAX_SOURCE: Final = 256 * 1024
"""Characters; a type with a hundred fields has a tenth of it."""
_DESIGNS: Final = TypeAdapter(FaceDesign)
_QUOTED: Final = re.compile(r"'([^']+)'")
_TOML_END: Final = "(at end of document)"
_TOML_LINE: Final = re.compile(r"\(at line ([0-9]+), column [0-9]+\)")

D = TypeVar("D", bound=Definition)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing to put right in a definition."""

    line: int
    """From 1 on; 0 where it is told of the whole file."""
    place: str
    """Keys and positions with dots between them: `fields.3.label`."""
    text: Text
    """What is wrong, and what to do."""

    @property
    def told(self) -> Text:
        """The whole sentence: line, place, what and remedy."""
        return messages.flaw_at(line=self.line, place=self.place, told=self.text)


def read_definition(source: str) -> tuple[LicenceType | None, tuple[Flaw, ...]]:
    """Read a type from TOML, or tell all its flaws at once, in the order of the file."""
    if len(source) > _MAX_SOURCE:
        return None, (Flaw(0, "(file)", messages.definition_too_long(_MAX_SOURCE)),)
    try:
        content = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return None, (_no_toml(source, str(error)),)
    try:
        return LicenceType.model_validate(content, context=source), ()
    except ValidationError as error:
        found = [one for flaw in error.errors(include_url=False) for one in _from(flaw)]
        if not any(flaw["type"] == "value_error" and not flaw["loc"] for flaw in error.errors()):
            found += [(one.loc, one.text) for one in _parts(content).unsound()]
    return None, flaws_at(source, found)


def flaws_at(source: str, found: Iterable[tuple[Loc, Text]]) -> tuple[Flaw, ...]:
    """Return findings with the lines on which they stand in `source`, in its order."""
    lines = lines_of(source)
    flaws = {Flaw(line_at(lines, loc), _place(loc), text) for loc, text in found}
    return tuple(sorted(flaws, key=lambda one: (one.line, one.place, one.text.en)))


def _no_toml(source: str, told: str) -> Flaw:
    """Return the error of tomllib in both languages, with the line where it stopped."""
    at, end = _TOML_LINE.search(told), _TOML_END in told
    line = int(at[1]) if at else max(1, len(source.rstrip().splitlines())) if end else 0
    why = _TOML_LINE.sub("", told).replace(_TOML_END, "").strip()
    return Flaw(line, "TOML", messages.toml_unreadable(why))


def _place(loc: Path) -> str:
    return ".".join(map(str, loc)) or "(type)"


def _parts(content: Mapping[str, Any]) -> TypeParts:
    """Return the readable parts of a definition that cannot stand as a whole."""
    raw = content.get("fields")
    raw = raw if isinstance(raw, list) else []
    fields = {
        number: field
        for number, one in enumerate(raw)
        if (field := _part(FieldRule, one)) is not None
    }
    broken = (one for number, one in enumerate(raw) if number not in fields)
    code = content.get("code")
    return TypeParts(
        code if isinstance(code, str) and re.fullmatch(TYPE_CODE, code) else None,
        _part(NumberRule, content.get("number")),
        _part(ValidityRule, content.get("validity")),
        _part(HolderRule, content.get("holder")),
        fields,
        _design(content.get("design")),
        frozenset(str(one.get("key")) for one in broken if isinstance(one, dict)),
    )


def _design(raw: object) -> FaceDesign | None:
    """Return a readable design; its title may be the type's name."""
    try:
        return _DESIGNS.validate_python({"title": AUTHORITY} | raw if isinstance(raw, dict) else {})
    except ValidationError:
        return None


def _part(kind: type[D], raw: object) -> D | None:
    try:
        return kind.model_validate(raw)
    except ValidationError:
        return None


def _from(flaw: ErrorDetails) -> Iterator[tuple[Loc, Text]]:
    """Yield a finding of pydantic in our words."""
    loc = tuple(part for part in flaw["loc"] if part != "[key]")
    error = flaw.get("ctx", {}).get("error")
    if isinstance(error, UnsoundError):
        for one in error.found:
            yield (*loc, *one.loc), one.text
        return
    tell = _TOLD.get(flaw["type"])
    yield loc, messages.other_flaw(flaw["msg"]) if tell is None else tell(flaw, loc)


def _told_missing(_flaw: ErrorDetails, loc: Loc) -> Text:
    return messages.key_missing(str(loc[-1]))


def _told_unknown(_flaw: ErrorDetails, loc: Loc) -> Text:
    key = str(loc[-1])
    near = get_close_matches(key, _keys_at(loc[:-1]), n=1)
    return messages.key_unknown(key=key, near="".join(near))


def _keys_at(loc: Loc) -> Iterable[str]:
    """Return the keys that there are at a place."""
    table = tuple("" if isinstance(part, int) else part for part in loc)
    if table[:1] == ("reasons",) and len(table) == 2:  # noqa: PLR2004  # reasons.ANNULLED
        return _keys_of(IndustryReason)
    if table not in _TABLES:
        return ("zh", "en")
    return _TABLES[table]


def _keys_of(kind: type[Definition]) -> tuple[str, ...]:
    return tuple(one.alias or key for key, one in kind.model_fields.items())


def _told_choice(flaw: ErrorDetails, loc: Loc) -> Text:
    words = _QUOTED.findall(str(flaw.get("ctx", {}).get("expected", "")))
    given = flaw.get("input")
    asked = given if isinstance(given, str) else str(loc[-1])
    near = get_close_matches(asked, words, n=1)
    return messages.not_one_of(words=", ".join(words), near="".join(near))


def _told_shape(flaw: ErrorDetails, _loc: Loc) -> Text:
    pattern = str(flaw.get("ctx", {}).get("pattern", ""))
    return _SHAPES.get(pattern) or messages.other_flaw(flaw["msg"])


def _bound(name: str, say: Callable[[Any], Text]) -> Callable[[ErrorDetails, Loc], Text]:
    return lambda flaw, _loc: say(flaw.get("ctx", {}).get(name))


def _always(text: Text) -> Callable[[ErrorDetails, Loc], Text]:
    return lambda _flaw, _loc: text


_TABLES: Final[Mapping[Loc, tuple[str, ...]]] = {
    (): _keys_of(LicenceType),
    ("design",): tuple(one.name for one in dataclass_fields(FaceDesign)),
    ("design", "pages", ""): tuple(one.name for one in dataclass_fields(PageDesign)),
    ("number",): _keys_of(NumberRule),
    ("validity",): _keys_of(ValidityRule),
    ("holder",): _keys_of(HolderRule),
    ("desk",): _keys_of(DeskRule),
    ("retention",): _keys_of(RetentionRule),
    ("fields", ""): _keys_of(FieldRule),
    ("fields", "", "choices", ""): _keys_of(Choice),
}
_SHAPES: Final[Mapping[str, Text]] = {
    KEY: messages.SHAPE_KEY,
    COLOUR: messages.COLOUR_SHAPE,
    ONE_LINE: messages.words_must_be_one_line(LONGEST),
    CHOICE_CODE: messages.SHAPE_CHOICE_CODE,
    TYPE_CODE: messages.TYPE_CODE_SHAPE,
    SLUG: messages.SHAPE_SLUG,
    REASON_CODE: messages.SHAPE_REASON_CODE,
}
_TOLD: Final[Mapping[str, Callable[[ErrorDetails, Loc], Text]]] = {
    "missing": _told_missing,
    "extra_forbidden": _told_unknown,
    "unexpected_keyword_argument": _told_unknown,
    "enum": _told_choice,
    "literal_error": _told_choice,
    "string_pattern_mismatch": _told_shape,
    "greater_than_equal": _bound("ge", messages.number_at_least),
    "less_than_equal": _bound("le", messages.number_at_most),
    "too_short": _bound("min_length", messages.length_at_least),
    "too_long": _bound("max_length", messages.length_at_most),
    "string_too_short": _bound("min_length", messages.length_at_least),
    "string_too_long": _bound("max_length", messages.length_at_most),
    "string_type": _always(messages.MUST_BE_TEXT),
    "is_instance_of": _always(messages.MUST_BE_TEXT),
    "bool_type": _always(messages.MUST_BE_TRUE_OR_FALSE),
    "bool_parsing": _always(messages.MUST_BE_TRUE_OR_FALSE),
    "int_type": _always(messages.MUST_BE_WHOLE_NUMBER),
    "int_parsing": _always(messages.MUST_BE_WHOLE_NUMBER),
    "int_from_float": _always(messages.MUST_BE_WHOLE_NUMBER),
    "decimal_type": _always(messages.MUST_BE_NUMBER),
    "decimal_parsing": _always(messages.MUST_BE_NUMBER),
    "list_type": _always(messages.MUST_BE_LIST),
    "tuple_type": _always(messages.MUST_BE_LIST),
    "dict_type": _always(messages.MUST_BE_TABLE),
    "mapping_type": _always(messages.MUST_BE_TABLE),
    "model_type": _always(messages.MUST_BE_TABLE),
    "dataclass_type": _always(messages.MUST_BE_TABLE),
}
