"""Licence types as TOML, judged at the edge by pydantic, then built into frozen data."""

import re
import tomllib
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from core.ids import TypeCode
from core.text import Text
from registry.codes import is_uscc
from registry.model import Reason, RegistryError
from registry.types.fields import Choice, CodeCheck, FieldKind, FieldRule
from registry.types.licence_type import HolderLicences, HolderRule, IndustryReason, LicenceType
from registry.types.masks import Mask
from registry.types.numbering import NUMBER, NumberKind, NumberRule, Part, parse_template, shape_of
from registry.types.validity import VALID_FROM, VALID_UNTIL, ValidityKind, ValidityRule
from signing.face import AUTHORITY, VALIDITY, FaceDesign, Orientation

_MAX_SOURCE: Final = 256 * 1024
"""Characters; a type with a hundred fields has a tenth of it."""
_SHOWN_FLAWS: Final = 20
"""Of a definition that is wrong throughout, as many flaws are told as fit on a screen."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]


Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]


class BadTypeError(RegistryError):
    """A licence type's definition cannot hold."""

    code = "bad_type"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Text(_Model):
    zh: Words
    en: Words

    def text(self) -> Text:
        return Text(self.zh, self.en)


def _text(words: _Text | None) -> Text | None:
    return words.text() if words else None


class _Choice(_Model):
    value: Words
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{0,10}$")] = ""
    colour: Colour | None = None


def _float_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) else value


Amount = Annotated[Decimal, BeforeValidator(_float_text)]


class _Field(_Model):
    key: Key
    label: _Text
    kind: FieldKind
    face_label: _Text | None = None
    person_label: _Text | None = None
    required: bool = True
    wide: bool = False
    public: bool = False
    on_face: bool = True
    mask: Mask | None = None
    hide_birthday: bool = False
    month_only: bool = False
    not_after_today: bool = False
    birth_in: Key | None = None
    sex_in: Key | None = None
    min_length: Annotated[int, Field(ge=1, le=4000)] = 1
    max_length: Annotated[int, Field(ge=1, le=4000)] = 100
    check: CodeCheck | None = None
    pattern: Pattern | None = None
    hint: _Text | None = None
    choices: tuple[_Choice, ...] = ()
    minimum: Amount | None = None
    maximum: Amount | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    unit: _Text | None = None
    listed: bool = False

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if (self.kind is FieldKind.CHOICE) != bool(self.choices):
            raise ValueError("choices belong to kind “choice”, and it needs them")
        if (self.kind is FieldKind.CODE) != (self.check is not None):
            raise ValueError("check belongs to kind “code”, and it needs it")
        if self.check is CodeCheck.PATTERN and not (self.pattern and self.hint):
            raise ValueError("check “pattern” needs pattern and hint")
        if self.public and self.mask is None and self.is_personal:
            raise ValueError("a public field that may hold personal data needs a mask")
        return self

    @property
    def is_personal(self) -> bool:
        resident = (CodeCheck.RESIDENT_ID, CodeCheck.USCC_OR_RESIDENT_ID)
        return self.kind in (FieldKind.PERSON, FieldKind.PHOTO) or self.check in resident

    def rule(self) -> FieldRule:
        texts = {"label", "face_label", "person_label", "hint", "unit"}
        plain = self.model_dump(exclude=texts | {"choices", "pattern"})
        return FieldRule(
            **plain,
            label=self.label.text(),
            face_label=_text(self.face_label),
            person_label=_text(self.person_label),
            hint=_text(self.hint),
            unit=_text(self.unit),
            choices=tuple(Choice(one.value, one.code, one.colour) for one in self.choices),
            pattern=_pattern(self.pattern) if self.pattern else None,
        )


class _Number(_Model):
    rule: NumberKind
    label: _Text
    template: Annotated[str, StringConstraints(max_length=200)] = ""
    scope: Annotated[str, StringConstraints(max_length=200)] = ""
    pattern: Pattern | None = None
    holds_holder_code: bool = False

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        given = self.rule is NumberKind.GIVEN
        if given != (self.pattern is not None) or given == bool(self.template):
            raise ValueError("rule “given” takes a pattern, the others a template")
        if (self.rule is NumberKind.ASSIGNED) != bool(self.scope):
            raise ValueError("scope belongs to rule “assigned”, and it needs it")
        return self


class _Validity(_Model):
    rule: ValidityKind
    years: Annotated[int, Field(ge=1, le=100)] | None = None
    long_term_allowed: bool = False

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.rule is ValidityKind.YEARS and self.years is None:
            raise ValueError("rule “years” needs years")
        return self


class _Design(_Model):
    orientation: Orientation
    colour: Colour
    title: _Text | None = None
    statement: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None
    authority_label: _Text | None = None
    validity_label: _Text | None = None
    until_only: bool = False
    granted_label: _Text | None = None


class _Holder(_Model):
    name: Key
    code: Key
    licences: HolderLicences = HolderLicences.ONE
    told_apart_by: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if (self.licences is HolderLicences.MANY) != bool(self.told_apart_by):
            raise ValueError("told_apart_by belongs to licences = “many”, and it needs it")
        return self


class _Reason(_Model):
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,8}$")]
    name: _Text


class _Type(_Model):
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}[0-9]{3}$")]
    slug: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    name: _Text
    design: _Design
    number: _Number
    validity: _Validity
    holder: _Holder
    fields: Annotated[tuple[_Field, ...], Field(min_length=1, max_length=100)]
    reasons: dict[Reason, _Reason]
    schema_version: Literal[1] = 1

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if not is_uscc(self.code[:18]):
            raise ValueError("code must begin with the defining body's USCC, check included")
        keys = [field.key for field in self.fields]
        labels = [field.label.zh for field in self.fields]
        if len(set(keys)) < len(keys) or len(set(labels)) < len(labels):
            raise ValueError("each key and each label may stand once in fields")
        if {NUMBER, VALID_FROM, VALID_UNTIL} & set(keys):
            raise ValueError("number, valid_from and valid_until are not keys of fields")
        if sum(field.kind is FieldKind.PHOTO for field in self.fields) > 1:
            raise ValueError("a type has one photo at most")
        self._refers_rightly({field.key: field for field in self.fields})
        return self

    def _refers_rightly(self, fields: dict[str, _Field]) -> None:
        for key in (self.holder.name, self.holder.code):
            if key not in fields or not fields[key].required:
                raise ValueError(f"holder names “{key}”, which must be a required field")
        for key in self.holder.told_apart_by:
            given = key == NUMBER and self.number.rule is NumberKind.GIVEN
            if not given and (key not in fields or fields[key].kind is FieldKind.PHOTO):
                raise ValueError(f"told_apart_by names “{key}”, which is no field of text")
        checked = (CodeCheck.USCC, CodeCheck.RESIDENT_ID, CodeCheck.USCC_OR_RESIDENT_ID)
        if fields[self.holder.code].check not in checked:
            raise ValueError("the holder's code must be a USCC or a resident ID")
        for field in self.fields:
            for key in filter(None, (field.birth_in, field.sex_in)):
                if key not in fields or fields[key].kind is not FieldKind.CODE:
                    raise ValueError(f"“{field.key}” refers to “{key}”, which is no code field")


def build(toml_text: str) -> LicenceType:
    """Read a licence type from TOML. Raises `BadTypeError` naming each key and its remedy."""
    if len(toml_text) > _MAX_SOURCE:
        raise _bad_type(["(file)"], [f"longer than {_MAX_SOURCE} characters"])
    try:
        model = _Type.model_validate(tomllib.loads(toml_text))
    except tomllib.TOMLDecodeError as error:
        raise _bad_type(["TOML"], [str(error)]) from error
    except ValidationError as error:
        flaws = error.errors(include_url=False, include_input=False)[:_SHOWN_FLAWS]
        where = [".".join(str(one) for one in flaw["loc"]) or "(type)" for flaw in flaws]
        raise _bad_type(where, [flaw["msg"] for flaw in flaws]) from error
    try:
        return _licence_type(model, toml_text)
    except (ValueError, KeyError) as error:
        raise _bad_type(["number / pattern"], [str(error)]) from error


def _licence_type(model: _Type, source: str) -> LicenceType:
    fields = {field.key: field.rule() for field in model.fields}
    number = _number_rule(model.number, fields)
    return LicenceType(
        code=TypeCode(model.code),
        slug=model.slug,
        name=model.name.text(),
        fields=MappingProxyType(fields),
        number_label=model.number.label.text(),
        number=number,
        number_holds_holder_code=model.number.holds_holder_code
        or any(part.key == model.holder.code for part in number.template),
        validity=ValidityRule(
            model.validity.rule, model.validity.years, model.validity.long_term_allowed
        ),
        design=_design(model),
        holder=HolderRule(
            model.holder.name,
            model.holder.code,
            model.holder.licences,
            model.holder.told_apart_by,
        ),
        reasons=MappingProxyType(
            {
                reason: IndustryReason(one.code, one.name.text())
                for reason, one in model.reasons.items()
            }
        ),
        columns=MappingProxyType(_columns(model)),
        source=source,
    )


def _design(model: _Type) -> FaceDesign:
    title = model.design.title or model.name
    return FaceDesign(
        title=title.text(),
        orientation=model.design.orientation,
        colour=model.design.colour,
        statement=model.design.statement,
        authority_label=_text(model.design.authority_label) or AUTHORITY,
        validity_label=_text(model.design.validity_label) or VALIDITY,
        until_only=model.design.until_only,
        granted_label=_text(model.design.granted_label),
    )


def _columns(model: _Type) -> dict[str, str]:
    pairs = [(field.label.zh, field.key) for field in model.fields]
    if model.number.rule is NumberKind.GIVEN:
        pairs.append((model.number.label.zh, NUMBER))
    if model.validity.rule is ValidityKind.GIVEN:
        pairs += [("有效期起", VALID_FROM), ("有效期至", VALID_UNTIL)]
    names = dict(pairs) | {key: key for _, key in pairs}
    if len(names) < 2 * len(pairs):
        raise ValueError("a label equals another label or key")
    return names


def _number_rule(model: _Number, fields: dict[str, FieldRule]) -> NumberRule:
    template, scope = parse_template(model.template), parse_template(model.scope)
    for part in template + scope:
        if part.key:
            _refuse_unfit(part, fields)
    counted = sum(part.width > 0 for part in template)
    if counted != (model.rule is NumberKind.ASSIGNED) or any(p.width or p.check for p in scope):
        raise ValueError("{sequence:N} stands once in the template of an assigned number only")
    shape = _pattern(model.pattern) if model.pattern else shape_of(template, fields)
    return NumberRule(model.rule, template, scope, shape)


def _refuse_unfit(part: Part, fields: dict[str, FieldRule]) -> None:
    rule = fields.get(part.key)
    if rule is None or not rule.required:
        raise ValueError(f"{{{part.key}}} must name a required field")
    if part.code and not (rule.choices and all(choice.code for choice in rule.choices)):
        raise ValueError(f"{{{part.key}.code}} needs a code for each of the field's choices")
    if not part.code and rule.kind not in (FieldKind.AREA, FieldKind.CODE):
        raise ValueError(f"{{{part.key}}} must name a code or an area")


def _pattern(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"pattern “{pattern}”: {error}") from error


def _bad_type(where: list[str], flaws: list[str]) -> BadTypeError:
    lines = [f"{key}: {flaw}" for key, flaw in zip(where, flaws, strict=True)]
    return BadTypeError(
        "证照类型的定义有误，请更正下列各项：\n" + "\n".join(lines),
        "The definition of the licence type cannot hold; correct these:\n" + "\n".join(lines),
        keys=", ".join(where),
    )
