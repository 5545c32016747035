"""Licence types, as their defining bodies laid them down in TOML."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from core.ids import LicenceNumber, TypeCode
from registry.identifiers import is_uscc
from registry.model import Reason, TypeKind
from registry.types import messages
from registry.types.cells.cleaning import clean_code
from registry.types.definition import (
    Definition,
    Key,
    Unsound,
    Words,
    refuse,
)
from registry.types.desk import DeskRule
from registry.types.document_type import with_form
from registry.types.fields import CodeCheck, FieldKind, FieldRule
from registry.types.numbering import FROM_PAPER, FROM_PAPER_LABEL, NUMBER, NumberKind, NumberRule
from registry.types.page_check import unsound_design, unsound_pages, unsound_term
from registry.types.retention import RetentionRule
from registry.types.row_problems import BadValueError
from registry.types.validity import VALID_FROM, VALID_UNTIL, ValidityKind, ValidityRule
from signing.face import AUTHORITY, FaceDesign

TYPE_CODE: Final = r"^[0-9A-Z]{18}[0-9]{3}$"
SLUG: Final = r"^[a-z][a-z0-9-]{1,39}$"
REASON_CODE: Final = r"^[0-9A-Z]{1,8}$"
_HOLDER_CHECKS: Final = (CodeCheck.USCC, CodeCheck.RESIDENT_ID, CodeCheck.USCC_OR_RESIDENT_ID)


class HolderLicences(StrEnum):
    """Limits to the licences of a type that one holder may have in force."""

    ONE = "one"
    """One: another grant to the same holder is a change of it."""
    MANY = "many"
    """Several, told apart by `told_apart_by`."""


class HolderRule(Definition):
    """Names of the fields that hold the holder (持证主体)."""

    name: Key
    """Key of the required field with the holder's name."""
    code: Key
    """Key of the required code field with the holder's code: a USCC or a resident ID."""
    licences: HolderLicences = HolderLicences.ONE
    """How many of the type one holder may have in force."""
    told_apart_by: tuple[Key, ...] = ()
    """With `many`: keys of the fields (or `number`) that make a licence one of its kind."""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if (self.licences is HolderLicences.MANY) != bool(self.told_apart_by):
            refuse([Unsound(("told_apart_by",), messages.TOLD_APART_BELONGS_TO_MANY)])
        return self


class IndustryReason(Definition):
    """A reason as the type's own code list has it; lists differ from type to type."""

    code: Annotated[str, StringConstraints(pattern=REASON_CODE)]
    """Its code in the branch's own list."""
    name: Words
    """Its name in that list."""
    document_number: bool = False
    """A change for it states the number of the document of record (文号)."""


def _check_design(design: FaceDesign) -> FaceDesign:
    refuse(unsound_design(design))
    return design


@dataclass(frozen=True, slots=True)
class TypeParts:
    """Parts of a definition; None, or left out, where one could not be read."""

    code: str | None
    number: NumberRule | None
    validity: ValidityRule | None
    holder: HolderRule | None
    ordered: Mapping[int, FieldRule]
    """Fields by their position."""
    design: FaceDesign | None = None
    unknown: frozenset[str] = frozenset()
    """Keys of fields that could not be read: nothing is said of what refers to them."""

    def unsound(self) -> Iterator[Unsound]:
        """Yield the parts that do not fit together."""
        if self.code is not None and not is_uscc(self.code[:18]):
            yield Unsound(("code",), messages.TYPE_CODE_SHAPE)
        by_key = {field.key: field for field in reversed(list(self.ordered.values()))}
        yield from self._unsound_keys()
        yield from self._unsound_references(by_key)
        photos = [n for n, field in self.ordered.items() if field.kind is FieldKind.PHOTO]
        for position in photos[1:]:
            yield Unsound(("fields", position, "kind"), messages.ONE_PHOTO)
        if self.holder is not None:
            yield from self._unsound_holder(self.holder, by_key)
        if self.number is not None:
            for one in self.number.unfit(by_key, self.unknown):
                yield Unsound(("number", *one.loc), one.text)
        if self.design is not None:
            yield from self._unsound_design(self.design, by_key)

    def _unsound_keys(self) -> Iterator[Unsound]:
        keys: set[str] = set()
        others = dict(self._other_columns())
        labels = set(others)
        every_key = {field.key for field in self.ordered.values()} | set(others.values())
        for label in labels & every_key:
            yield Unsound(("number", "label"), messages.label_twice(label))
        for position, field in self.ordered.items():
            if field.key in keys:
                yield Unsound(("fields", position, "key"), messages.key_twice(field.key))
            if field.key in {NUMBER, VALID_FROM, VALID_UNTIL}:
                yield Unsound(("fields", position, "key"), messages.key_reserved(field.key))
            label = field.label.zh
            if label in labels or label in every_key:
                yield Unsound(("fields", position, "label"), messages.label_twice(label))
            keys.add(field.key)
            labels.add(label)

    def _other_columns(self) -> Iterator[tuple[str, str]]:
        if self.number is not None and self.number.kind is NumberKind.GIVEN:
            yield self.number.label.zh, NUMBER
        if self.validity is not None and self.validity.kind is ValidityKind.GIVEN:
            yield "有效期起", VALID_FROM
            yield "有效期至", VALID_UNTIL

    def _unsound_references(self, by_key: Mapping[str, FieldRule]) -> Iterator[Unsound]:
        for position, field in self.ordered.items():
            for name, key in (("birth_in", field.birth_in), ("sex_in", field.sex_in)):
                if key is None or key in self.unknown:
                    continue
                if key not in by_key or by_key[key].kind is not FieldKind.CODE:
                    yield Unsound(
                        ("fields", position, name),
                        messages.refers_to_no_code(field=field.key, key=key),
                    )

    def _unsound_design(
        self, design: FaceDesign, by_key: Mapping[str, FieldRule]
    ) -> Iterator[Unsound]:
        found = list(unsound_pages(design, by_key, self.unknown))
        if self.validity is not None:
            found += unsound_term(design, self.validity)
        for one in found:
            yield Unsound(("design", *one.loc), one.text)

    def _unsound_holder(
        self, holder: HolderRule, by_key: Mapping[str, FieldRule]
    ) -> Iterator[Unsound]:
        for name, key in (("name", holder.name), ("code", holder.code)):
            if key in self.unknown:
                continue
            if key not in by_key or not by_key[key].required:
                yield Unsound(("holder", name), messages.holder_field_unfit(key))
        given = self.number is None or self.number.kind is NumberKind.GIVEN
        for key in holder.told_apart_by:
            if key in self.unknown or (key == NUMBER and given):
                continue
            if key not in by_key or by_key[key].kind is FieldKind.PHOTO:
                yield Unsound(("holder", "told_apart_by"), messages.told_apart_unfit(key))
        code = by_key.get(holder.code)
        if code is not None and code.check not in _HOLDER_CHECKS:
            yield Unsound(("holder", "code"), messages.HOLDER_CODE_CHECK)


class LicenceType(Definition):
    """One kind of licence, as its defining body laid it down."""

    code: Annotated[TypeCode, StringConstraints(pattern=TYPE_CODE)]
    """The defining body's USCC and 3 digits (GB/T 36904)."""
    slug: Annotated[str, StringConstraints(pattern=SLUG)]
    """Short name for commands: `food-operation`."""
    name: Words
    """The licence's name; the page's title, unless `design` has another."""
    design: Annotated[FaceDesign, AfterValidator(_check_design)]
    """What the page looks like."""
    number: NumberRule
    """How licences are numbered."""
    validity: ValidityRule
    """For how long they are valid."""
    holder: HolderRule
    """Which fields name the holder."""
    ordered: Annotated[tuple[FieldRule, ...], Field(min_length=1, max_length=100, alias="fields")]
    """The fields, in the order of the page."""
    reasons: Mapping[Reason, IndustryReason]
    """Reasons for which a licence leaves force or is replaced, as the branch calls them."""
    desk: DeskRule = DeskRule()
    """Who asks, who approves, who seals."""
    retention: RetentionRule = RetentionRule()
    """For how long what they say is kept."""
    kind: TypeKind = TypeKind.LICENCE
    """Licences, whose page we draw, or official documents, whose pages others make."""
    schema_version: Literal[1] = 1
    """Version of this reference that the definition is written by."""
    _source: str = PrivateAttr("")

    @model_validator(mode="before")
    @classmethod
    def _give_form(cls, raw: Any) -> Any:
        return with_form(raw)

    @field_validator("design", mode="before")
    @classmethod
    def _give_title(cls, design: Any, known: ValidationInfo) -> Any:
        """Without a name there is nothing to draw, and the missing name is told by itself."""
        if isinstance(design, dict):
            return {"title": known.data.get("name", AUTHORITY)} | design
        return design

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        parts = TypeParts(
            self.code,
            self.number,
            self.validity,
            self.holder,
            dict(enumerate(self.ordered)),
            self.design,
        )
        refuse(parts.unsound())
        return self

    def model_post_init(self, source: Any) -> None:
        """Keep the text that the type was read from, which is handed over as the context."""
        self._source = source

    @property
    def source(self) -> str:
        """The TOML text that it was read from."""
        return self._source

    @cached_property
    def fields(self) -> Mapping[str, FieldRule]:
        """The fields by key, in the order of the official face."""
        return MappingProxyType({field.key: field for field in self.ordered})

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """Headings of columns, label or key, to their key; in the order of the face."""
        pairs = [(field.label.zh, field.key) for field in self.ordered]
        if self.number.kind is NumberKind.GIVEN:
            pairs.append((self.number.label.zh, NUMBER))
        if self.validity.kind is ValidityKind.GIVEN:
            pairs += [("有效期起", VALID_FROM), ("有效期至", VALID_UNTIL)]
        return MappingProxyType(dict(pairs) | {key: key for _, key in pairs})

    @cached_property
    def accepted(self) -> Mapping[str, str]:
        """Headings that a row may have: those of the columns, and the one of the paper's number."""
        own, paper = self.columns, {FROM_PAPER_LABEL.zh: FROM_PAPER, FROM_PAPER: FROM_PAPER}
        return MappingProxyType(paper | dict(own))

    @cached_property
    def number_shape(self) -> re.Pattern[str]:
        """Pattern of every number of the type."""
        return self.number.shape(self.fields)

    @property
    def is_document(self) -> bool:
        """It is of official documents, whose pages others make."""
        return self.kind is TypeKind.DOCUMENT

    @property
    def number_holds_holder_code(self) -> bool:
        """The number contains the holder's code: it is masked in public, and not searched by.

        A document's holder is the body that issued it, whose code is no secret.
        """
        if self.is_document:
            return False
        written = any(part.key == self.holder.code for part in self.number.template)
        return self.number.holds_holder_code or written

    @property
    def photo_field(self) -> FieldRule | None:
        """The field that holds the portrait, if the type has one."""
        return next((r for r in self.fields.values() if r.kind is FieldKind.PHOTO), None)

    def label_of(self, key: str) -> str:
        """Return the Chinese label of a column's key; the key itself if it is none of ours."""
        return next((label for label, known in self.accepted.items() if known == key), key)

    def assign_number(self, data: Mapping[str, str], sequence: int) -> LicenceNumber:
        """Return the number for `data`; `sequence` is taken from `number_scope` (from 1 on).

        Raises `NumbersExhaustedError`. Only for types whose numbers are assigned.
        """
        assert self.number.kind is NumberKind.ASSIGNED
        return self.number.write(self.fields, data, sequence)

    def number_scope(self, data: Mapping[str, str]) -> str:
        """Return the counter that the sequence comes from; empty where none counts."""
        return self.number.write_scope(self.fields, data)

    def matches_number(self, text: str) -> bool:
        """Tell whether `text` looks like a number of this type."""
        return self.number_shape.fullmatch(_code(text)) is not None

    def has_slip(self, text: str) -> bool:
        """Tell whether `text` looks like a number of this type but for its check digit."""
        code = _code(text)
        fits = self.number_shape.fullmatch(code) is not None
        return fits and self.number.has_slip(self.fields, code)


def _code(text: str) -> str:
    try:
        return clean_code(text)
    except BadValueError:  # characters that no number has
        return ""
