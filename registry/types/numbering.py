"""Licence numbers: assigned by a template, derived from the holder's data, or given.

A template is text with parts in braces: `{area}` a field's value, `{main_form.code}` the code of
its chosen word, `{sequence:6}` the counter with six digits, `{mod11_10}` the check digit of all
digits before it (GB/T 17710).
"""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, model_validator

from core.ids import LicenceNumber
from core.text import Text
from registry.identifiers import mod11_10
from registry.model import Reason, RegistryError
from registry.types import messages
from registry.types.definition import Definition, Pattern, Unsound, UnsoundError, Words, refuse
from registry.types.fields import CodeCheck, FieldKind, FieldRule
from registry.types.values import is_code

NUMBER: Final = "number"
"""Key of the column that holds a given number."""
FROM_PAPER: Final = "from_paper"
"""Key of the column with the number of the licence on paper whose place the electronic one takes;
it may stand beside those of every type."""
FROM_PAPER_LABEL: Final = Text("纸质证照编号", "Number of the licence on paper")
RENUMBERING: Final = frozenset({Reason.RENEWED, Reason.CHANGED, Reason.CORRECTED, Reason.REISSUED})
"""Reasons of new versions that a type may let take a new number; what is sealed anew keeps it."""
_LONGEST: Final = 200
_PART: Final = re.compile(
    r"\{(?:(?P<check>mod11_10)|sequence:(?P<width>[1-9]|1[0-2])"
    r"|(?P<key>[a-z][a-z0-9_]*)(?P<code>\.code)?)\}|(?P<text>[^{}]+)"
)


class NumberKind(StrEnum):
    """Sources of a type's numbers."""

    ASSIGNED = "assigned"
    """A counter's next number, written by `template`."""
    DERIVED = "derived"
    """Written by `template` from what is entered, without a counter."""
    GIVEN = "given"
    """Entered with each application, in the form that `pattern` asks for."""


class NumbersExhaustedError(RegistryError):
    """The counter has outgrown the digits that the template gives it."""

    code = "numbers_exhausted"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a template; exactly one of the four is set."""

    text: str = ""
    key: str = ""
    width: int = 0
    check: bool = False
    code: bool = False
    """With `key`: the code of the chosen word instead of the word."""


Fields = Mapping[str, FieldRule]


def _take_apart(template: Any) -> Any:
    """Return the parts of a template. Raises `ValueError` naming what cannot be read."""
    if not isinstance(template, str):
        raise _unsound(messages.TEMPLATE_IS_TEXT)
    if len(template) > _LONGEST:
        raise _unsound(messages.template_length(_LONGEST))
    parts, position = [], 0
    while position < len(template):
        match = _PART.match(template, position)
        if match is None:
            raise _unsound(messages.template_unreadable(template[position:]))
        parts.append(
            Part(
                text=match["text"] or "",
                key=match["key"] or "",
                width=int(match["width"] or 0),
                check=match["check"] is not None,
                code=match["code"] is not None,
            )
        )
        position = match.end()
    return tuple(parts)


def _unsound(text: Text) -> UnsoundError:
    return UnsoundError([Unsound((), text)])


Template = Annotated[tuple[Part, ...], BeforeValidator(_take_apart)]


class NumberRule(Definition):
    """Rule by which a type's licences are numbered."""

    kind: NumberKind = Field(alias="rule")
    """Where numbers come from."""
    label: Words
    """What the form calls the number."""
    template: Template = ()
    """Parts of the number; empty where numbers are given."""
    scope: Template = ()
    """Whose licences share a counter; empty where none counts."""
    pattern: Pattern | None = None
    """Of numbers that are given."""
    holds_holder_code: bool = False
    """Said of numbers that are given: they contain the holder's code."""
    new_for: tuple[Reason, ...] = ()
    """Reasons for which a new version takes a new number: of `RENEWED`, `CHANGED`, `CORRECTED` and
    `REISSUED`. For any other it keeps its number."""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        refuse(self._unsound())
        return self

    def _unsound(self) -> Iterator[Unsound]:
        given = self.kind is NumberKind.GIVEN
        if given != (self.pattern is not None) or given == bool(self.template):
            yield Unsound(("pattern" if given else "template",), messages.PATTERN_OR_TEMPLATE)
        if (self.kind is NumberKind.ASSIGNED) != bool(self.scope):
            yield Unsound(("scope",), messages.SCOPE_BELONGS_TO_ASSIGNED)
        if not RENUMBERING.issuperset(self.new_for) or len(set(self.new_for)) < len(self.new_for):
            yield Unsound(("new_for",), messages.NEW_NUMBER_REASONS)
        counted = sum(part.width > 0 for part in self.template)
        in_scope = any(part.width or part.check for part in self.scope)
        if counted != (self.kind is NumberKind.ASSIGNED) or in_scope:
            yield Unsound(("template",), messages.SEQUENCE_ONCE)

    def renews(self, reason: Reason | None) -> bool:
        """Tell whether a new version for a reason takes a new number."""
        return reason in self.new_for

    def unfit(self, fields: Fields, unknown: Container[str] = ()) -> Iterator[Unsound]:
        """Yield the parts of templates whose keys name no fit field.

        Nothing is said of the keys in `unknown`, whose fields cannot stand themselves.
        """
        for name, template in (("template", self.template), ("scope", self.scope)):
            for part in template:
                if part.key and part.key not in unknown:
                    found = _unfit(part, fields)
                    if found is not None:
                        yield Unsound((name,), found)

    def shape(self, fields: Fields) -> re.Pattern[str]:
        """Return the pattern of every number of the type."""
        if self.pattern is not None:
            return self.pattern
        return re.compile("".join(_shape(part, fields) for part in self.template))

    def write(self, fields: Fields, data: Mapping[str, str], sequence: int = 0) -> LicenceNumber:
        """Return the number of a licence. Raises `NumbersExhaustedError`."""
        return LicenceNumber(_write(self.template, fields, data, sequence))

    def has_slip(self, fields: Fields, text: str) -> bool:
        """Tell whether `text`, which has the number's shape, has a wrong check digit.

        Told of a check digit that comes last, and of a resident ID or USCC within the number.
        """
        if not self.template:
            return False
        if self.template[-1].check:
            return mod11_10("".join(filter(str.isdigit, text[:-1]))) != text[-1]
        parts = re.fullmatch("".join(f"({_shape(one, fields)})" for one in self.template), text)
        return parts is not None and not all(
            is_code(fields[part.key], value)
            for part, value in zip(self.template, parts.groups(), strict=True)
            if part.key and not part.code and fields[part.key].kind is FieldKind.CODE
        )

    def agrees(self, fields: Fields, data: Mapping[str, str], number: str) -> bool:
        """Tell whether `number` says of the holder what `data` says, whatever its sequence.

        A number that was given, or written by an earlier template, says nothing.
        """
        if not self.template or self.shape(fields).fullmatch(number) is None:
            return True
        parts = (_expected(part, fields, data) for part in self.template)
        return re.fullmatch("".join(parts), number) is not None

    def write_scope(self, fields: Fields, data: Mapping[str, str]) -> str:
        """Return the name of the counter that the sequence is taken from."""
        return _write(self.scope, fields, data, 0)


def _unfit(part: Part, fields: Fields) -> Text | None:
    rule = fields.get(part.key)
    if rule is None or not rule.required:
        return messages.template_key_unfit(part.key)
    if part.code and not (rule.choices and all(choice.code for choice in rule.choices)):
        return messages.template_code_unfit(part.key)
    if not part.code and rule.kind not in (FieldKind.AREA, FieldKind.CODE):
        return messages.template_value_unfit(part.key)
    return None


def _shape(part: Part, fields: Fields) -> str:
    if part.text:
        return re.escape(part.text)
    if part.width:
        return f"[0-9]{{{part.width}}}"
    if part.check:
        return "[0-9]"
    rule = fields[part.key]
    if part.code:
        return "(?:" + "|".join(re.escape(choice.code) for choice in rule.choices) + ")"
    if rule.kind is FieldKind.AREA:
        return "[0-9]{6}"
    return "[0-9A-Z]+" if rule.check is CodeCheck.PATTERN else "[0-9A-Z]{18}"


def _expected(part: Part, fields: Fields, data: Mapping[str, str]) -> str:
    """Return the pattern of one part of a number that was written for `data`."""
    if part.width or part.check:
        return _shape(part, fields)
    return re.escape(_write_part(part, fields, data, 0))


def _write(parts: tuple[Part, ...], fields: Fields, data: Mapping[str, str], sequence: int) -> str:
    number = ""
    for part in parts:
        if part.check:
            number += mod11_10("".join(filter(str.isdigit, number)))
        else:
            number += _write_part(part, fields, data, sequence)
    return number


def _write_part(part: Part, fields: Fields, data: Mapping[str, str], sequence: int) -> str:
    if part.text:
        return part.text
    if part.width:
        return _digits(sequence, part.width)
    value = data[part.key]
    return fields[part.key].code_of(value) if part.code else value


def _digits(sequence: int, width: int) -> str:
    digits = f"{sequence:0{width}d}"
    if sequence < 1 or len(digits) > width:
        raise NumbersExhaustedError(messages.licence_numbers_exhausted(width))
    return digits
