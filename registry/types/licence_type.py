"""Licence types, as their defining bodies laid them down in TOML."""

import re
from collections.abc import Mapping
from dataclasses import fields
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
from core.text import Text
from registry.codes import is_uscc
from registry.model import Reason, TypeKind
from registry.types.cleaning import clean_code
from registry.types.definition import COLOUR, Definition, Key, Words, check_words
from registry.types.desk import DeskRule
from registry.types.document_type import with_form
from registry.types.fields import CodeCheck, FieldKind, FieldRule
from registry.types.numbering import NUMBER, NumberKind, NumberRule
from registry.types.rows import BadValueError
from registry.types.validity import VALID_FROM, VALID_UNTIL, ValidityKind, ValidityRule
from signing.face import AUTHORITY, FaceDesign

_MAX_STATEMENT: Final = 300


class HolderLicences(StrEnum):
    """Limits to the licences of a type that one holder may have in force."""

    ONE = "one"
    MANY = "many"


class HolderRule(Definition):
    """Names of the fields that hold the holder (持证主体)."""

    name: Key
    code: Key
    licences: HolderLicences = HolderLicences.ONE
    """How many of the type one holder may have in force."""
    told_apart_by: tuple[Key, ...] = ()
    """With `many`: keys of the fields (or `number`) that make a licence one of its kind."""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if (self.licences is HolderLicences.MANY) != bool(self.told_apart_by):
            raise ValueError("told_apart_by belongs to licences = “many”, and it needs it")
        return self


class IndustryReason(Definition):
    """A reason as the type's own code list has it; lists differ from type to type."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,8}$")]
    name: Words


def _check_design(design: FaceDesign) -> FaceDesign:
    for one in fields(design):
        label = getattr(design, one.name)
        if isinstance(label, Text):
            check_words(label, f"{one.name}.")
    if not re.fullmatch(COLOUR, design.colour):
        raise ValueError("colour must be written as #rrggbb, in small letters")
    if design.statement is not None and not 1 <= len(design.statement) <= _MAX_STATEMENT:
        raise ValueError(f"statement has 1 to {_MAX_STATEMENT} characters")
    return design


class LicenceType(Definition):
    """One kind of licence, as its defining body laid it down."""

    code: Annotated[TypeCode, StringConstraints(pattern=r"^[0-9A-Z]{18}[0-9]{3}$")]
    """The defining body's USCC and 3 digits (GB/T 36904)."""
    slug: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    """Short name for commands: `food-operation`."""
    name: Words
    design: Annotated[FaceDesign, AfterValidator(_check_design)]
    """Titled with the type's name where it has no title of its own."""
    number: NumberRule
    validity: ValidityRule
    holder: HolderRule
    ordered: Annotated[tuple[FieldRule, ...], Field(min_length=1, max_length=100, alias="fields")]
    """In the order of the official face."""
    reasons: Mapping[Reason, IndustryReason]
    desk: DeskRule = DeskRule()
    kind: TypeKind = TypeKind.LICENCE
    schema_version: Literal[1] = 1
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
        if not is_uscc(self.code[:18]):
            raise ValueError("code must begin with the defining body's USCC, check included")
        if len(self.fields) < len(self.ordered):
            raise ValueError("each key may stand once in fields")
        if {NUMBER, VALID_FROM, VALID_UNTIL} & set(self.fields):
            raise ValueError("number, valid_from and valid_until are not keys of fields")
        if len(self.columns) < 2 * len(set(self.columns.values())):
            raise ValueError("each label may stand once in fields, and none may equal a key")
        if sum(field.kind is FieldKind.PHOTO for field in self.ordered) > 1:
            raise ValueError("a type has one photo at most")
        self._check_holder()
        for field in self.ordered:
            for key in filter(None, (field.birth_in, field.sex_in)):
                if key not in self.fields or self.fields[key].kind is not FieldKind.CODE:
                    raise ValueError(f"“{field.key}” refers to “{key}”, which is no code field")
        self.number.check_fields(self.fields)
        return self

    def _check_holder(self) -> None:
        for key in (self.holder.name, self.holder.code):
            if key not in self.fields or not self.fields[key].required:
                raise ValueError(f"holder names “{key}”, which must be a required field")
        for key in self.holder.told_apart_by:
            given = key == NUMBER and self.number.kind is NumberKind.GIVEN
            if not given and (key not in self.fields or self.fields[key].kind is FieldKind.PHOTO):
                raise ValueError(f"told_apart_by names “{key}”, which is no field of text")
        checked = (CodeCheck.USCC, CodeCheck.RESIDENT_ID, CodeCheck.USCC_OR_RESIDENT_ID)
        if self.fields[self.holder.code].check not in checked:
            raise ValueError("the holder's code must be a USCC or a resident ID")

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
        return next((label for label, known in self.columns.items() if known == key), key)

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
