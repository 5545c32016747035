"""Writer of docs/licence-types.md and its Chinese edition: `make reference`.

Keys, defaults and limits come from the models that judge definitions, the English from their
docstrings, the Chinese from `docs/licence-types.zh.po`; what kinds, masks and templates do to a
value is tried while this is written. What has no Chinese yet stands in English.
"""

import ast
import inspect
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from core.text import Language
from registry.model import Reason
from registry.types.definition import KEY, ONE_LINE
from registry.types.desk import DeskRule, SignsInPerson
from registry.types.fields import Choice, CodeCheck, FieldKind, FieldRule
from registry.types.licence_type import (
    REASON_CODE,
    SLUG,
    TYPE_CODE,
    HolderLicences,
    HolderRule,
    IndustryReason,
    LicenceType,
)
from registry.types.masks import Mask, mask_code, mask_person
from registry.types.numbering import NumberKind, NumberRule
from registry.types.retention import RetentionRule
from registry.types.types import parse_type
from registry.types.validity import ValidityKind, ValidityRule
from registry.types.values import read_value
from signing.face import FaceDesign, Orientation, PageDesign
from tests.cli.catalogue import read_po
from tests.configuration import (
    DOCS,
    PATTERNS,
    Words,
    anchor,
    default_of,
    docstrings,
    limits,
    line_of_cells,
    paragraphs,
    value_schema,
)

WORDS = DOCS / "licence-types.zh.po"
EDITIONS: Mapping[Language, Path] = {
    "en": DOCS / "licence-types.md",
    "zh": DOCS / "licence-types.zh.md",
}
TODAY = date(2026, 3, 1)
EXAMPLE = """code = "11990000MB00990170001"
slug = "elderly-care"
name = { zh = "养老机构登记证", en = "Elderly Care Registration" }

[design]
orientation = "portrait"
colour = "#1d4f73"

[number]
rule = "assigned"
label = { zh = "登记编号", en = "Number" }
template = "YL{area}{sequence:6}{mod11_10}"
scope = "{area}"

[validity]
rule = "years"
years = 5

[holder]
name = "operator"
code = "credit_code"

[[fields]]
key = "operator"
label = { zh = "机构名称", en = "Operator" }
kind = "text"
max_length = 60
public = true

[[fields]]
key = "credit_code"
label = { zh = "统一社会信用代码", en = "Unified social credit code" }
kind = "code"
check = "uscc"

[[fields]]
key = "head"
label = { zh = "负责人", en = "Head" }
kind = "person"
public = true
mask = "person"

[[fields]]
key = "area"
label = { zh = "行政区划代码", en = "Area code" }
kind = "area"
on_face = false

[reasons]
DEREGISTERED = { code = "04", name = { zh = "注销", en = "Deregistered" } }
"""
_INTRODUCTION = """
A licence type is one TOML file. From an empty directory to the first licence:

`xinyin type init` asks and writes a file to begin with; `xinyin type lint FILE` tells all that
is wrong with it, and what will hardly be meant; `xinyin type preview FILE` draws the page with
made-up data and says what the public would see. None of them needs a home, a key or a grant.

`xinyin type add FILE --seal SEAL` records it; `xinyin type sample TYPE` prints a record, or
with `--csv` a table, to be filled in. Before a newer definition is recorded, `xinyin type diff
TYPE FILE` tells in words what it changes for holders, verifiers and officers.

`make reference` writes this page from the program; do not edit it. Each example on it is read
by the program in a test.
"""
_WHOLE = "A whole definition"
_TITLE = "Licence types: reference"
_KEYS = ("key", "type", "default", "limits", "what it does")
_OTHER = {"en": ("Chinese", "licence-types.zh.md"), "zh": ("English", "licence-types.md")}
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "table",
    "regex": "regular expression",
    "Text": '`{ zh = "…", en = "…" }`',
    "Texts": 'list of `{ zh = "…", en = "…" }`',
    "Part": "template",
}
_SHAPES = {
    KEY: "a–z, 0–9, _; begins with a letter; ≤ 40",
    ONE_LINE: "one line, no blanks at its ends",
    TYPE_CODE: "a USCC and 3 digits",
    SLUG: "a–z, 0–9, -; begins with a letter; 2–40",
    REASON_CODE: "1–8 of 0–9, A–Z",
    r"^[0-9A-Z]{0,10}$": "≤ 10 of 0–9, A–Z",
    r"^#[0-9a-f]{6}$": "`#rrggbb`",
}
PATTERNS.update(_SHAPES)

_MODELS: tuple[tuple[str, Any], ...] = (
    ("", LicenceType),
    ("[design]", FaceDesign),
    ("[[design.pages]]", PageDesign),
    ("[number]", NumberRule),
    ("[validity]", ValidityRule),
    ("[holder]", HolderRule),
    ("[[fields]]", FieldRule),
    ("choices", Choice),
    ("[reasons]", IndustryReason),
    ("[desk]", DeskRule),
    ("[retention]", RetentionRule),
)
_SETS: Mapping[str, tuple[type[StrEnum], ...]] = {
    "[design]": (Orientation,),
    "[number]": (NumberKind,),
    "[validity]": (ValidityKind,),
    "[holder]": (HolderLicences,),
    "[[fields]]": (FieldKind, CodeCheck, Mask),
    "[reasons]": (Reason,),
    "[desk]": (SignsInPerson,),
}
_OF_SETS = {
    Orientation: "orientation",
    NumberKind: "rule",
    ValidityKind: "rule",
    HolderLicences: "licences",
    FieldKind: "kind",
    CodeCheck: "check",
    Mask: "mask",
    Reason: "reason",
    SignsInPerson: "signs",
}
KINDS: Mapping[FieldKind, tuple[str, str]] = {
    FieldKind.TEXT: ('kind = "text"\nmax_length = 20', " 青岚市云上面馆　"),
    FieldKind.PERSON: ('kind = "person"', "买买提 • 江"),
    FieldKind.DATE: ('kind = "date"\nnot_after_today = true', "2026/1/5"),
    FieldKind.CHOICE: ('kind = "choice"\nchoices = [{ value = "一级", code = "1" }]', "一级"),
    FieldKind.CODE: ('kind = "code"\ncheck = "uscc"', "９１350100m000100y43"),
    FieldKind.AREA: ('kind = "area"', "990100"),
    FieldKind.NUMBER: (
        'kind = "number"\ndecimals = 2\nunit = { zh = "万元", en = "× 10,000 CNY" }',
        "5,000.50万元",
    ),
    FieldKind.PHOTO: ('kind = "photo"', ""),
}  # fmt: skip
"""A field of each kind, and how it is entered."""
CHECKS: Mapping[CodeCheck, tuple[str, str]] = {
    CodeCheck.USCC: ('check = "uscc"', "91350100M000100Y43"),
    CodeCheck.RESIDENT_ID: ('check = "resident_id"', "11010519491231002X"),
    CodeCheck.USCC_OR_RESIDENT_ID: ('check = "uscc_or_resident_id"', "11010519491231002X"),
    CodeCheck.PATTERN: (
        'check = "pattern"\npattern = "T[0-9]{4}"\nhint = { zh = "T 加 4 位", en = "T and 4" }',
        "T0001",
    ),
}  # fmt: skip
MASKS: Mapping[Mask, tuple[str, Callable[[str], str]]] = {
    Mask.PERSON: ("张小三", mask_person),
    Mask.HOLDER: ("张小三", mask_person),
    Mask.CODE: ("11010519491231002X", mask_code),
}
PARTS: tuple[tuple[str, str], ...] = (
    ("JY", "plain text, as it stands"),
    ("{area}", "a field's value: a required field of kind code or area"),
    ("{main_form.code}", "the code of a choice's word; each of its words must have one"),
    ("{sequence:6}", "the counter, with so many digits; once, in assigned numbers alone"),
    ("{mod11_10}", "the check digit of all digits before it (GB/T 17710)"),
)
"""Parts of a template; tried on the example of 食品经营许可证."""


def render(language: Language, words: Words | None = None) -> str:
    """Return one edition, as Markdown."""
    say = words or Words(language, WORDS)
    other, link = _OTHER[language]
    lines = [f"# {say(_TITLE)}", "", f"[{say(other)}]({link})"]
    for paragraph in paragraphs(_INTRODUCTION):
        lines += ["", say(paragraph)]
    heads = [name for name, _ in _MODELS if name]
    lines += ["", " · ".join(f"[`{one}`](#{anchor(one)})" for one in heads)]
    lines += ["", f"## {say(_WHOLE)}", "", "```toml", EXAMPLE.rstrip(), "```"]
    for name, model in _MODELS:
        lines += ["", f"## {name}" if name else f"## {say('Top of the file')}"]
        lines += ["", line_of_cells(say(one) for one in _KEYS), line_of_cells("---" for _ in _KEYS)]
        lines += [line_of_cells(cells) for cells in _keys(model, say)]
        for kind in _SETS.get(name, ()):
            lines += ["", *_set(kind, say)]
        if name == "[number]":
            lines += ["", *_parts(say)]
    return "\n".join(lines) + "\n"


def _keys(model: Any, say: Words) -> Iterator[list[str]]:
    """Yield a row for each key of a part."""
    told = docstrings(model)
    whole = TypeAdapter(model).json_schema(by_alias=True)
    definitions = whole.get("$defs", {})
    required = set(whole.get("required", ()))
    for name, alias in _names(model):
        raw = whole["properties"][alias]
        schema = value_schema(raw, definitions)
        yield [
            f"`{alias}`",
            say(_kind(raw, schema)),
            say("required") if _needed(model, alias, required) else _default(raw, say),
            " · ".join(_limit(one, say) for one in limits(schema)),
            say(told[name]).replace("|", "\\|"),
        ]


def _needed(model: Any, alias: str, required: set[str]) -> bool:
    """Tell whether a key must be there; the page is titled with the type's name by itself."""
    return alias in required and (model, alias) != (FaceDesign, "title")


def _names(model: Any) -> list[tuple[str, str]]:
    if is_dataclass(model):
        return [(one.name, one.name) for one in dataclass_fields(model)]
    assert issubclass(model, BaseModel)
    return [(name, one.alias or name) for name, one in model.model_fields.items()]


def _kind(raw: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    choices = raw.get("anyOf", [raw])
    reference = str(choices[0].get("$ref", "")).rpartition("/")[2]
    inner = str(schema.get("items", {}).get("$ref", "")).rpartition("/")[2]
    inner = "Texts" if inner == "Text" else inner
    for name in (reference, inner, schema.get("format"), schema.get("type")):
        if name in _TYPES:
            return _TYPES[name]
    return "text" if "enum" in schema else "whole number"


def _default(raw: Mapping[str, Any], say: Words) -> str:
    default = raw.get("default")
    if not default and not isinstance(default, bool | int):
        return say("none")
    if isinstance(default, dict):
        return say("its own defaults") if "zh" not in default else str(default["zh"])
    return f"`{default_of(tuple(default) if isinstance(default, list) else default)}`"


def _limit(limit: str, say: Words) -> str:
    if limit in _SHAPES.values():
        return say(limit)
    return limit.replace("characters", say("characters"))


def _set(kind: type[StrEnum], say: Words) -> Iterator[str]:
    """Yield the table of a closed set, with what was tried of it."""
    told = _members(kind)
    tried: Callable[[Any], tuple[str, ...]] = _TRIED.get(kind, lambda _: ())
    heads = (_OF_SETS[kind], "what it is", *_HEADS.get(kind, ()))
    yield line_of_cells(say(one) if number else f"`{one}`" for number, one in enumerate(heads))
    yield line_of_cells("---" for _ in heads)
    for member in kind:
        cells = (f"`{member.value}`", say(told[member.name]), *tried(member))
        yield line_of_cells(cells)


def _members(kind: type[StrEnum]) -> dict[str, str]:
    """Return the docstring below each member of a closed set."""
    (body,) = ast.parse(inspect.cleandoc("\n" + inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    found = {one.name: one.name.replace("_", " ").capitalize() + "." for one in kind}
    for before, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(before, ast.Assign) and isinstance(after, ast.Expr):
            (target,) = before.targets
            assert isinstance(target, ast.Name)
            assert isinstance(after.value, ast.Constant)
            found[target.id] = " ".join(str(after.value.value).split())
    return found


def field_of(written: str) -> FieldRule:
    """Return the field of a fragment of TOML."""
    head = {"key": "example", "label": {"zh": "示例", "en": "Example"}}
    return FieldRule.model_validate(head | tomllib.loads(written))


def _tried_kind(kind: FieldKind) -> tuple[str, ...]:
    written, entered = KINDS[kind]
    rule = field_of(written)
    if kind is FieldKind.PHOTO:
        return (_code(written), "", "", "")
    kept = read_value(rule, entered, TODAY)
    return (_code(written), f"`{entered}`", f"`{kept}`", rule.shown(kept))


def _tried_check(check: CodeCheck) -> tuple[str, ...]:
    written, entered = CHECKS[check]
    read_value(field_of(f'kind = "code"\n{written}'), entered, TODAY)
    return (_code(written), f"`{entered}`")


def _tried_mask(mask: Mask) -> tuple[str, ...]:
    value, masked = MASKS[mask]
    return (value, f"`{masked(value)}`")


_TRIED: Mapping[type[StrEnum], Callable[[Any], tuple[str, ...]]] = {
    FieldKind: _tried_kind,
    CodeCheck: _tried_check,
    Mask: _tried_mask,
}
_HEADS: Mapping[type[StrEnum], tuple[str, ...]] = {
    FieldKind: ("written", "entered", "kept", "on the page"),
    CodeCheck: ("written", "takes"),
    Mask: ("value", "the public sees"),
}


def _parts(say: Words) -> Iterator[str]:
    food = parse_type((DOCS.parent / "examples/types/food-operation.toml").read_text("utf-8"))
    data = {"main_form": "餐饮服务经营者", "area": "990102"}
    heads = ("part of a template", "what it is")
    yield line_of_cells(say(one) for one in heads)
    yield line_of_cells("---" for _ in heads)
    for part, told in PARTS:
        yield line_of_cells([f"`{part}`", say(told)])
    yield ""
    template = "JY{main_form.code}{area}{sequence:6}{mod11_10}"
    assert template in food.source
    number = food.assign_number(data, 12)
    yield f"`{template}` → `{number}`"


def _code(written: str) -> str:
    return " · ".join(f"`{line}`".replace("|", "\\|") for line in written.splitlines())


def untranslated() -> list[str]:
    """Return what has no Chinese yet."""
    words = Words("zh", WORDS)
    render("zh", words)
    return words.missing


def unused() -> set[str]:
    """Return what the catalogue holds and no edition asks for."""
    words = Words("zh", WORDS)
    render("zh", words)
    return set(read_po(WORDS)) - words.asked


def examples(page: str) -> Iterable[str]:
    """Return the blocks of TOML on a page."""
    return (part.partition("```")[0] for part in page.split("```toml\n")[1:])


if __name__ == "__main__":
    for edition, path in EDITIONS.items():
        path.write_text(render(edition), "utf-8")
    for english in untranslated():
        print(f"no Chinese: {english}")  # noqa: T201
