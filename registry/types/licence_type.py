"""Licence types: what a row must hold to become a licence, and what its face and others see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from core.ids import LicenceNumber, TypeCode
from core.text import Text
from registry.model import Application, Licence, PublicField, Reason
from registry.types.cleaning import clean_code
from registry.types.fields import FieldKind, FieldRule
from registry.types.masks import Mask, mask_code, mask_person
from registry.types.numbering import NumberKind, NumberRule
from registry.types.row_check import BODY, RowCheck
from registry.types.rows import BadValueError
from registry.types.validity import ValidityRule
from signing.face import FaceDesign, FaceField, LicenceFace


class HolderLicences(StrEnum):
    """How many licences of a type one holder may have in force."""

    ONE = "one"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class HolderRule:
    """Which fields name the holder (持证主体)."""

    name: str
    code: str
    licences: HolderLicences = HolderLicences.ONE
    """How many of the type one holder may have in force."""
    told_apart_by: tuple[str, ...] = ()
    """With `many`: keys of the fields (or `number`) that make a licence one of its kind."""


@dataclass(frozen=True, slots=True)
class IndustryReason:
    """A reason as the type's own code list has it; lists differ from type to type."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class LicenceType:
    """One kind of licence, as its defining body laid it down."""

    code: TypeCode
    """The defining body's USCC and 3 digits (GB/T 36904)."""
    slug: str
    """Short name for commands: `food-operation`."""
    name: Text
    fields: Mapping[str, FieldRule]
    """By key, in the order of the official face."""
    number_label: Text
    number: NumberRule
    number_holds_holder_code: bool
    """The number contains the holder's code: it is masked in public, and not searched by."""
    validity: ValidityRule
    design: FaceDesign
    holder: HolderRule
    reasons: Mapping[Reason, IndustryReason]
    columns: Mapping[str, str]
    """What a column may be headed, label or key, to its key; in the order of the face."""
    source: str
    """The TOML text that it was read from."""

    @property
    def photo_field(self) -> FieldRule | None:
        """The field that holds the portrait, if the type has one."""
        return next((r for r in self.fields.values() if r.kind is FieldKind.PHOTO), None)

    def label_of(self, key: str) -> str:
        """Return the Chinese label of a column's key; the key itself if it is none of ours."""
        return next((label for label, known in self.columns.items() if known == key), key)

    def check(
        self, row: Mapping[str, str], photo: bytes | None, today: date, source: str
    ) -> Application:
        """Turn a row into an application, or raise `RowProblems` with all that is wrong with it.

        `row` is keyed by field keys or Chinese labels; `source` says where it stands (`row 12`).
        """
        return RowCheck(self, row, photo, today, source).run()

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
        return self.number.shape.fullmatch(_code(text)) is not None

    def has_slip(self, text: str) -> bool:
        """Tell whether `text` looks like a number of this type but for its check digit."""
        return self.number.has_slip(self.fields, _code(text))

    def face(self, licence: Licence, link: str, photo: bytes | None) -> LicenceFace:
        """Return what the page shows; `link` goes into the QR code."""
        return LicenceFace(
            design=self._design_for(licence),
            number_label=self.number_label,
            number=licence.number,
            identifier=licence.identifier,
            fields=self.face_fields(licence),
            authority=licence.authority_name,
            granted_on=licence.granted_on,
            valid_from=licence.valid_from,
            valid_until=licence.valid_until,
            link=link,
            photo=photo,
            sample=licence.sample,
        )

    def _design_for(self, licence: Licence) -> FaceDesign:
        chosen = (rule.colour_of(licence.data.get(key, "")) for key, rule in self.fields.items())
        colour = next(filter(None, chosen), None)
        return self.design if colour is None else replace(self.design, colour=colour)

    def face_fields(self, licence: Licence) -> tuple[FaceField, ...]:
        """Return the labelled lines of the face, in its order."""
        values = licence.data
        return tuple(
            FaceField(
                key,
                rule.shown_label(values.get(key, "")),
                rule.printed(values.get(key, "")),
                wide=rule.wide,
            )
            for key, rule in self.fields.items()
            if rule.on_face and rule.kind is not FieldKind.PHOTO
        )

    def public_fields(self, licence: Licence) -> tuple[PublicField, ...]:
        """Return what the licence's own link shows: public fields, the holder masked."""
        person = any(holder.code_type != BODY for holder in licence.holders)
        return tuple(
            PublicField(rule.label, _masked(rule, licence.data.get(key, ""), person=person))
            for key, rule in self.fields.items()
            if rule.public
        )

    def public_number(self, licence: Licence) -> str:
        """Return the number for public answers: masked if it holds a holder's code."""
        if not self.number_holds_holder_code:
            return licence.number
        code = licence.holders[0].code
        before, found, after = licence.number.partition(code)
        if not found:
            return mask_code(licence.number)
        return "*" * len(before) + mask_code(code) + "*" * len(after)


def _code(text: str) -> str:
    try:
        return clean_code(text)
    except BadValueError:  # characters that no number has
        return ""


def _masked(rule: FieldRule, value: str, *, person: bool) -> str:
    if value and (rule.mask is Mask.PERSON or (rule.mask is Mask.HOLDER and person)):
        return mask_person(value)
    if value and rule.mask is Mask.CODE:
        return mask_code(value)
    return rule.shown(value)
