"""A new definition from a few answers: commented TOML that holds, to be gone on with by hand."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap
from typing import Final

from core.text import Language, Text
from registry.model import Reason
from registry.types.drafting import skeleton_words as words
from registry.types.fields import FieldKind
from registry.types.numbering import NumberKind
from registry.types.validity import ValidityKind

_LONGEST_KEY: Final = 40
_WIDTH: Final = 96
"""Characters of a line of comment."""


class HolderKind(StrEnum):
    """Kinds of holder that a type may have."""

    BODY = "body"
    PERSON = "person"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class DraftField:
    """A field beside those of the holder."""

    label: Text
    kind: FieldKind
    public: bool = False
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its key, made from the English label."""
        return re.sub(r"[^a-z0-9]+", "_", self.label.en.lower()).strip("_")[:_LONGEST_KEY]


@dataclass(frozen=True, slots=True)
class TypeDraft:
    """Answers from which a definition is written."""

    code: str
    slug: str
    name: Text
    holder: HolderKind
    number: NumberKind = NumberKind.ASSIGNED
    prefix: str = ""
    """What assigned and derived numbers begin with."""
    pattern: str = ""
    """Of numbers that are given."""
    validity: ValidityKind = ValidityKind.YEARS
    years: int = 5
    photo: bool = False
    landscape: bool = False
    fields: tuple[DraftField, ...] = ()
    told_apart_by: tuple[str, ...] = ()


def short_name_of(english: str) -> str:
    """Return a short name made from an English one; empty where that has no letters."""
    return re.sub(r"[^a-z0-9]+", "-", english.lower()).strip("-0123456789")[:_LONGEST_KEY]


def write_skeleton(
    draft: TypeDraft, language: Language, reason_names: Mapping[Reason, Text]
) -> str:
    """Return the definition as TOML, its comments in one language."""
    blocks = [
        _comment(words.HEAD, language),
        [
            *_comment(words.CODE, language),
            f"code = {_string(draft.code)}",
            *_comment(words.SLUG, language),
            f"slug = {_string(draft.slug)}",
            f"name = {_words(draft.name)}",
        ],
        [
            *_comment(words.DESIGN, language),
            "[design]",
            f"orientation = {_string('landscape' if draft.landscape else 'portrait')}",
            'colour = "#1d4f73"',
        ],
        list(_number(draft, language)),
        list(_validity(draft, language)),
        list(_holder(draft, language)),
        _comment(words.FIELDS, language),
        *_fields(draft),
        list(_reasons(language, reason_names)),
        [*_comment(words.DESK, language), "# [desk]", "# second_person = true"],
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _comment(text: Text, language: Language) -> list[str]:
    lines = (line for part in text.to(language).splitlines() for line in wrap(part, _WIDTH))
    return [f"# {line}" for line in lines]


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _words(text: Text) -> str:
    return f"{{ zh = {_string(text.zh)}, en = {_string(text.en)} }}"


def _number(draft: TypeDraft, language: Language) -> Iterator[str]:
    told = {
        NumberKind.ASSIGNED: words.NUMBER_ASSIGNED,
        NumberKind.DERIVED: words.NUMBER_DERIVED,
        NumberKind.GIVEN: words.NUMBER_GIVEN,
    }
    yield from _comment(told[draft.number], language)
    yield "[number]"
    yield f"rule = {_string(draft.number)}"
    yield f"label = {_words(words.NUMBER)}"
    if draft.number is NumberKind.ASSIGNED:
        yield f"template = {_string(draft.prefix + '{sequence:8}')}"
        yield f"scope = {_string(draft.prefix or draft.slug)}"
    elif draft.number is NumberKind.DERIVED:
        yield f"template = {_string(draft.prefix + '{' + _CODE_KEYS[draft.holder] + '}')}"
    else:
        yield f"pattern = {_string(draft.pattern)}"


def _validity(draft: TypeDraft, language: Language) -> Iterator[str]:
    yield from _comment(words.VALIDITY, language)
    yield "[validity]"
    yield f"rule = {_string(draft.validity)}"
    if draft.validity is ValidityKind.YEARS:
        yield f"years = {draft.years}"
    elif draft.validity is ValidityKind.GIVEN:
        yield "long_term_allowed = true"


def _holder(draft: TypeDraft, language: Language) -> Iterator[str]:
    yield from _comment(words.HOLDER, language)
    yield "[holder]"
    yield 'name = "holder_name"'
    yield f"code = {_string(_CODE_KEYS[draft.holder])}"
    yield f"licences = {_string('many' if draft.told_apart_by else 'one')}"
    if draft.told_apart_by:
        yield f"told_apart_by = [{', '.join(map(_string, draft.told_apart_by))}]"


def _fields(draft: TypeDraft) -> Iterator[list[str]]:
    yield from _HOLDERS[draft.holder]
    for field in draft.fields:
        yield list(_one(field))
    if draft.photo:
        yield _field("photo", words.PHOTO, FieldKind.PHOTO)


def _one(field: DraftField) -> Iterator[str]:
    more = {
        FieldKind.TEXT: ("max_length = 100",),
        FieldKind.PERSON: ("max_length = 40",),
        FieldKind.CODE: (
            'check = "pattern"',
            'pattern = "[0-9A-Z]{1,20}"',
            'hint = { zh = "1 至 20 位数字和大写字母", en = "1 to 20 digits and capital letters" }',
        ),
        FieldKind.CHOICE: (_choices(field.choices),),
    }
    yield from _field(field.key, field.label, field.kind, *more.get(field.kind, ()))
    if field.public:
        yield "public = true"
        if field.kind is FieldKind.PERSON:
            yield 'mask = "person"'


def _choices(choices: Iterable[str]) -> str:
    return f"choices = [{', '.join(f'{{ value = {_string(one)} }}' for one in choices)}]"


def _field(key: str, label: Text, kind: FieldKind, *more: str) -> list[str]:
    return [
        "[[fields]]",
        f"key = {_string(key)}",
        f"label = {_words(label)}",
        f"kind = {_string(kind)}",
        *more,
    ]


def _reasons(language: Language, names: Mapping[Reason, Text]) -> Iterator[str]:
    yield from _comment(words.REASONS, language)
    yield "[reasons]"
    for number, reason in enumerate(_REASONS, start=1):
        name = names[reason]
        told = Text(name.zh, name.en.capitalize())
        yield f'{reason} = {{ code = "{number:02}", name = {_words(told)} }}'


_CODE_KEYS: Final = {
    HolderKind.BODY: "credit_code",
    HolderKind.PERSON: "resident_id",
    HolderKind.EITHER: "holder_code",
}
_REPRESENTATIVE: Final = _field(
    "representative", words.REPRESENTATIVE, FieldKind.PERSON,
    "max_length = 40", "public = true", 'mask = "person"',
)  # fmt: skip
_HOLDERS: Final = {
    HolderKind.BODY: (
        _field(
            "holder_name", words.HOLDER_NAME, FieldKind.TEXT, "max_length = 60", "public = true"
        ),
        _field(
            "credit_code", words.CREDIT_CODE, FieldKind.CODE, 'check = "uscc"', "public = true"
        ),
        _REPRESENTATIVE,
        _field("address", words.ADDRESS, FieldKind.TEXT, "max_length = 100", "wide = true"),
    ),
    HolderKind.PERSON: (
        _field(
            "holder_name", words.PERSON_NAME, FieldKind.PERSON,
            "max_length = 40", "public = true", 'mask = "person"',
        ),
        _field(
            "sex", words.SEX, FieldKind.CHOICE,
            'choices = [{ value = "男" }, { value = "女" }]', 'sex_in = "resident_id"',
        ),
        _field(
            "birth", words.BIRTH, FieldKind.DATE,
            "not_after_today = true", 'birth_in = "resident_id"',
        ),
        _field("resident_id", words.RESIDENT_ID, FieldKind.CODE, 'check = "resident_id"'),
    ),
    HolderKind.EITHER: (
        _field(
            "holder_name", words.HOLDER_NAME, FieldKind.TEXT,
            "max_length = 60", "public = true", 'mask = "holder"',
        ),
        _field(
            "holder_code", words.EITHER_CODE, FieldKind.CODE, 'check = "uscc_or_resident_id"',
            f"person_label = {_words(words.RESIDENT_ID)}", "hide_birthday = true",
        ),
        _REPRESENTATIVE,
        _field("address", words.ADDRESS, FieldKind.TEXT, "max_length = 100", "wide = true"),
    ),
}  # fmt: skip
_REASONS: Final = (
    Reason.ANNULLED, Reason.FORFEITED, Reason.RECALLED, Reason.DEREGISTERED, Reason.SURRENDERED,
    Reason.CHANGED, Reason.RENEWED, Reason.REISSUED, Reason.CORRECTED, Reason.UNDER_REVIEW,
)  # fmt: skip
