"""Writer of docs/configuration.md and its Chinese edition: `make reference`.

Keys, types, defaults and limits come from the settings' models, the English from their docstrings,
the Chinese from `docs/configuration.zh.po`. What has no Chinese yet stands in English, so that the
reference can always be written; `untranslated` names it.
"""

import ast
import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

from core.settings import Settings, SettingsSection
from core.text import Language
from tests.cli.catalogue import read_po

DOCS = Path(__file__).parents[1] / "docs"
WORDS = DOCS / "configuration.zh.po"
EDITIONS: Mapping[Language, Path] = {
    "en": DOCS / "configuration.md",
    "zh": DOCS / "configuration.zh.md",
}
_UNITS = (
    ("_kib_per_second", "KiB/s"),
    ("_seconds_per_minute", "seconds a minute"),
    ("_per_minute", "a minute"),
    ("_minutes", "minutes"),
    ("_seconds", "seconds"),
    ("_hours", "hours"),
    ("_days", "days"),
    ("_mib", "MiB"),
    ("_mib_per_network", "MiB"),
    ("_bytes", "bytes"),
    ("_prefix", "bits"),
)
"""Units by the endings of keys."""
TYPES = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "path": "path",
    "string": "text",
}
PATTERNS = {
    "^(software:|pkcs11:[^\\s]*)$": "`software:` or `pkcs11:…`",
    "^[a-z0-9]{1,16}$": "1–16 of a–z, 0–9",
    r"^[0-2](\.(0|[1-9][0-9]*))+$": "an OID, as `1.2.3`",
    r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$": "a name of a bucket",
    r"^([A-Za-z0-9_-]{1,40}(/[A-Za-z0-9_-]{1,40})*)?$": (
        "parts of a–z, A–Z, 0–9, `_`, `-`, with slashes between"
    ),
    r"^[a-z0-9-]{1,40}$": "1–40 of a–z, 0–9, `-`",
}
"""Regular expressions in words."""
_COLUMNS = ("key", "type", "default", "unit", "limits", "environment", "what it does")
_INTRODUCTION = """
All settings of `xinyin.toml`, the file in the home that `init` writes. It is TOML: a table
for each section, `key = value` below it. What is left out has its default. An unknown key or
a value out of its limits stops every command, which names the key.

A flag comes before the environment, the environment before the file. In the environment, a
list is written with commas. Settings are read when a process starts: restart the services
after a change.

Four variables stand beside the keys: `XINYIN_HOME` is the home, `XINYIN_LANG` (`zh` or `en`)
the language of messages, `XINYIN_DEBUG=1` shows the details of an internal error, and
systemd's `CREDENTIALS_DIRECTORY` holds the passphrases that a unit loads.

`make reference` writes this page from the program; do not edit it.
"""
_TITLE = "Configuration reference"
_OTHER = {"en": ("Chinese", "configuration.zh.md"), "zh": ("English", "configuration.md")}


@dataclass(frozen=True, slots=True)
class Row:
    """One key, in English; a default of None means that there is none."""

    key: str
    type: str
    default: str | None
    unit: str
    limits: tuple[str, ...]
    variable: str
    told: str


@dataclass(frozen=True, slots=True)
class Table:
    """One section of the file, in English."""

    heading: str
    told: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(section: type[SettingsSection] = Settings) -> Iterator[Table]:
    """Yield the sections in the order of their models."""
    for name, field in section.model_fields.items():
        kind = field.annotation
        assert isinstance(kind, type), name
        assert issubclass(kind, SettingsSection), name
        children = {
            child.alias or key: child.annotation
            for key, child in kind.model_fields.items()
            if isinstance(child.annotation, type) and issubclass(child.annotation, SettingsSection)
        }
        if children:
            (one,) = set(children.values())
            assert one is not None
            rows = tuple(_rows(one, f"XINYIN_{name}_KIND".upper()))
            yield Table(f"[{name}.KIND]", paragraphs(one.__doc__ or ""), tuple(children), rows)
        else:
            yield Table(
                f"[{name}]",
                paragraphs(kind.__doc__ or ""),
                (),
                tuple(_rows(kind, f"XINYIN_{name}".upper())),
            )


def _rows(section: type[SettingsSection], prefix: str) -> Iterator[Row]:
    told = docstrings(section)
    whole = section.model_json_schema()
    schemas = whole["properties"]
    for name, field in section.model_fields.items():
        key = field.alias or name
        schema = value_schema(schemas[key], whole.get("$defs", {}))
        yield Row(
            key,
            _type(schema),
            default_of(field.get_default()),
            next((unit for ending, unit in _UNITS if key.endswith(ending)), ""),
            tuple(limits(schema)),
            f"{prefix}_{name}".upper(),
            told.get(name, ""),
        )


def value_schema(schema: dict[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a value that is there."""
    choices = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    reference = str(choices[0].get("$ref", "")).rpartition("/")[2]
    return dict(definitions[reference] if reference else choices[0])


def _type(schema: Mapping[str, Any]) -> str:
    kind = "path" if schema.get("format") == "path" else schema.get("type", "")
    return TYPES.get(kind, kind)


def default_of(value: object) -> str | None:
    if value is PydanticUndefined or value is None:
        return None if value is None else "required"
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, default=str)


def limits(schema: Mapping[str, Any]) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        yield f"{low}–{high}"
    elif low is not None:
        yield f"≥ {low}"
    elif high is not None:
        yield f"≤ {high}"
    if "enum" in schema:
        yield ", ".join(f"`{one}`" for one in schema["enum"])
    if "maxLength" in schema:
        yield f"≤ {schema['maxLength']} characters"
    if "pattern" in schema:
        yield PATTERNS.get(schema["pattern"], f"`{schema['pattern']}`".replace("|", "\\|"))


def paragraphs(text: str) -> tuple[str, ...]:
    """Return paragraphs, each on one line."""
    return tuple(" ".join(one.split()) for one in text.strip().split("\n\n"))


def docstrings(section: type[Any]) -> dict[str, str]:
    """Return the string below each key of a model, on one line."""
    (body,) = ast.parse(inspect.cleandoc("\n" + inspect.getsource(section))).body
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            found[before.target.id] = " ".join(str(after.value.value).split())
    return found


class Words:
    """What stands in the reference, in one language."""

    def __init__(self, language: Language, *catalogues: Path) -> None:
        known = [read_po(path) for path in (WORDS, *catalogues)]
        self._known = (
            {en: zh for one in known for en, zh in one.items()} if language == "zh" else None
        )
        self.asked = {*TYPES.values(), *dict(_UNITS).values(), "characters"}
        self.missing: list[str] = []

    def __call__(self, english: str) -> str:
        """Return the words; English where the catalogue lacks them, which is noted."""
        self.asked.add(english)
        if self._known is None or not english:
            return english
        if english not in self._known:
            self.missing.append(english)
        return self._known.get(english, english)


def render(language: Language, words: Words | None = None) -> str:
    """Return one edition, as Markdown."""
    say = words or Words(language)
    other, link = _OTHER[language]
    lines = [f"# {say(_TITLE)}", "", f"[{say(other)}]({link})"]
    for paragraph in paragraphs(_INTRODUCTION):
        lines += ["", say(paragraph)]
    made = list(tables())
    lines += ["", " · ".join(f"[`{one.heading}`](#{anchor(one.heading)})" for one in made)]
    for table in made:
        lines += ["", f"## {table.heading}"]
        for paragraph in table.told:
            lines += ["", say(paragraph)]
        if table.kinds:
            lines += ["", f"KIND: {', '.join(f'`{one}`' for one in table.kinds)}."]
        lines += [
            "",
            line_of_cells(say(one) for one in _COLUMNS),
            line_of_cells("---" for _ in _COLUMNS),
        ]
        lines += [line_of_cells(_cells(row, say)) for row in table.rows]
    return "\n".join(lines) + "\n"


def _cells(row: Row, say: Words) -> Iterator[str]:
    yield f"`{row.key}`"
    yield say(row.type)
    yield say("none") if row.default is None else _shown(row.default, say)
    yield say(row.unit)
    yield "; ".join(_limit(one, say) for one in row.limits)
    yield f"`{row.variable}`"
    yield say(row.told).replace("|", "\\|")


def _limit(limit: str, say: Words) -> str:
    if limit in PATTERNS.values():
        return say(limit)
    return limit.replace("characters", say("characters"))


def _shown(default: str, say: Words) -> str:
    return say(default) if default == "required" else f"`{default}`"


def line_of_cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def anchor(heading: str) -> str:
    """Return the fragment that GitHub gives a heading."""
    return re.sub(r"[^\w-]", "", heading.lower())


def untranslated() -> list[str]:
    """Return what has no Chinese yet."""
    words = Words("zh")
    render("zh", words)
    return words.missing


def unused() -> set[str]:
    """Return what the catalogue holds and no edition asks for."""
    words = Words("zh")
    render("zh", words)
    return set(read_po(WORDS)) - words.asked - {"Chinese"}


if __name__ == "__main__":
    for language, path in EDITIONS.items():
        path.write_text(render(language), "utf-8")
    for english in untranslated():
        print(f"no Chinese: {english}")  # noqa: T201
