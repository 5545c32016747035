"""`xinyin type init`: a new definition, from questions on a terminal or from options."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from cli.licences.types import messages
from cli.shell.delivery import refuse_unwritable
from cli.shell.options import command_options
from cli.shell.output import Output
from core.errors import UsageError
from core.files import PUBLIC, write_atomically
from core.text import Text
from home.wiring import Home
from registry.identifiers import is_uscc
from registry.licences.reason_words import REASON_NAMES
from registry.types.drafting.skeleton import (
    DraftField,
    HolderKind,
    TypeDraft,
    short_name_of,
    write_skeleton,
)
from registry.types.fields import FieldKind
from registry.types.numbering import NumberKind
from registry.types.types import parse_type
from registry.types.validity import ValidityKind

_NEEDED = ("name_zh", "name_en", "uscc", "holder")
"""Options without which nothing can be written, and nobody to be asked."""
_ADDED_KINDS = [kind.value for kind in FieldKind if kind is not FieldKind.PHOTO]
_PARTS = 3
"""Of a field in an option: Chinese label, English label, kind."""


@click.command("init")
@click.option("--name-zh", help="Chinese name of the licence.")
@click.option("--name-en", help="English name of the licence.")
@click.option("--uscc", help="Unified social credit code of the body that defines the type.")
@click.option("--digits", default="001", show_default=True, help="The body's 3 digits for it.")
@click.option("--slug", help="Short name for commands [default: from the English name].")
@click.option(
    "--holder",
    type=click.Choice([one.value for one in HolderKind]),
    help="Who holds it: a body, a person, or either.",
)
@click.option("--photo", is_flag=True, help="With a portrait.")
@click.option("--landscape", is_flag=True, help="A page that is wider than high.")
@click.option(
    "--number",
    type=click.Choice([one.value for one in NumberKind]),
    default=NumberKind.ASSIGNED.value,
    show_default=True,
    help="Where numbers come from.",
)
@click.option("--prefix", default="", help="What numbers begin with.")
@click.option("--pattern", help="Form of given numbers, a regular expression.")
@click.option(
    "--validity",
    type=click.Choice([one.value for one in ValidityKind]),
    default=ValidityKind.YEARS.value,
    show_default=True,
    help="Where the last day comes from.",
)
@click.option(
    "--years", type=click.IntRange(1, 100), default=5, show_default=True, help="The term."
)
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="ZH,EN,KIND[:A|B][,public]",
    help="A field beside those of the holder; with choice, its words.",
)
@click.option(
    "--told-apart-by",
    multiple=True,
    metavar="KEY",
    help="Field that tells licences of one holder apart, where one may have several.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File [default: SLUG.toml]."
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@command_options
def type_init(
    home: Home,
    output: Output,
    *,
    out: Path | None,
    force: bool,
    fields: tuple[str, ...],
    **given: Any,
) -> None:
    """Write a licence type to begin with, as commented TOML. 新建证照类型定义。

    Asks on a terminal for what the options leave open. No home is needed.

    \b
    Examples:
      xinyin type init
      xinyin type init --name-zh 养老机构登记证 --name-en 'Elderly Care Registration' \\
          --uscc 11990000MB00990170 --holder body --field 床位数,Beds,number,public
    """
    del home
    if sys.stdin.isatty():
        given = _ask(output, given)
        fields = fields or _ask_fields(output)
    missing = [f"--{name.replace('_', '-')}" for name in _NEEDED if not given[name]]
    if missing:
        raise UsageError(messages.options_missing(", ".join(missing)))
    draft = _draft(given, tuple(_field(one) for one in fields))
    path = out or Path(f"{draft.slug}.toml")
    refuse_unwritable(path, force=force)
    source = write_skeleton(draft, output.language, REASON_NAMES)
    parse_type(source)  # what was answered may not fit together
    write_atomically(path, source.encode(), mode=PUBLIC)
    output.say(messages.type_written(path))


def _draft(given: Mapping[str, Any], fields: tuple[DraftField, ...]) -> TypeDraft:
    uscc, slug = given["uscc"], given["slug"] or short_name_of(given["name_en"])
    if not is_uscc(uscc):
        raise UsageError(messages.USCC_WRONG)
    return TypeDraft(
        code=uscc + given["digits"],
        slug=slug,
        name=Text(given["name_zh"], given["name_en"]),
        holder=HolderKind(given["holder"]),
        number=NumberKind(given["number"]),
        prefix=given["prefix"],
        pattern=given["pattern"] or f"{given['prefix']}[0-9]{{8}}",
        validity=ValidityKind(given["validity"]),
        years=given["years"],
        photo=given["photo"],
        landscape=given["landscape"],
        fields=fields,
        told_apart_by=given["told_apart_by"],
    )


def _field(written: str) -> DraftField:
    parts = [part.strip() for part in written.split(",")]
    public = parts[-1] == "public"
    parts = parts[:-1] if public else parts
    if len(parts) != _PARTS or not all(parts):
        raise UsageError(messages.field_option_malformed(written))
    zh, en, kind = parts
    kind, _, choices = kind.partition(":")
    if kind not in _ADDED_KINDS:
        raise UsageError(messages.field_option_malformed(written))
    words = tuple(word for word in choices.split("|") if word)
    field = DraftField(Text(zh, en), FieldKind(kind), public=public, choices=words)
    if not field.key or (field.kind is FieldKind.CHOICE) != bool(words):
        raise UsageError(messages.field_option_malformed(written))
    return field


def _ask(output: Output, given: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for what the options leave open."""
    answers = dict(given)
    ask = _Asker(output)
    for name, question in (
        ("name_zh", messages.ASK_NAME_ZH),
        ("name_en", messages.ASK_NAME_EN),
    ):
        answers[name] = answers[name] or ask.text(question)
    if not answers["slug"]:
        answers["slug"] = ask.text(messages.ASK_SLUG, short_name_of(answers["name_en"]))
    answers["uscc"] = answers["uscc"] or ask.text(messages.ASK_USCC, judge=_uscc)
    if not answers["holder"]:
        answers["holder"] = ask.one_of(messages.ASK_HOLDER, list(HolderKind))
        answers["number"] = ask.one_of(messages.ASK_NUMBER, list(NumberKind))
        if answers["number"] == NumberKind.GIVEN:
            answers["pattern"] = ask.text(messages.ASK_PATTERN, "[0-9A-Z]{8}")
        else:
            answers["prefix"] = ask.text(messages.ASK_PREFIX, "", empty=True)
        answers["validity"] = ask.one_of(messages.ASK_VALIDITY, list(ValidityKind))
        if answers["validity"] == ValidityKind.YEARS:
            answers["years"] = ask.number(messages.ASK_YEARS, 5)
        answers["photo"] = answers["photo"] or ask.yes(messages.ASK_PHOTO)
    return answers


def _uscc(typed: str) -> str:
    if not is_uscc(typed):
        raise UsageError(messages.USCC_WRONG)
    return typed


def _ask_fields(output: Output) -> tuple[str, ...]:
    ask = _Asker(output)
    found: list[str] = []
    while True:
        zh = ask.text(messages.ASK_FIELD, "", empty=True)
        if not zh:
            return tuple(found)
        parts = [zh, ask.text(messages.ASK_FIELD_EN)]
        kind = ask.one_of(messages.ASK_FIELD_KIND, _ADDED_KINDS)
        if kind == FieldKind.CHOICE:
            kind += f":{ask.text(messages.ASK_CHOICES)}"
        parts.append(kind)
        if ask.yes(messages.ASK_PUBLIC):
            parts.append("public")
        found.append(",".join(parts))


class _Asker:
    """Asks on stderr, in the language of messages; asks again after a wrong answer."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def text(
        self,
        question: Text,
        default: str | None = None,
        *,
        empty: bool = False,
        judge: Callable[[str], str] = str,
    ) -> str:
        """Ask for a line."""
        while True:
            typed = str(
                click.prompt(
                    question.to(self._output.language),
                    default=default or ("" if empty else None),
                    show_default=bool(default),
                    err=True,
                )
            ).strip()
            try:
                return judge(typed)
            except UsageError as error:
                self._output.say(error.text)

    def one_of(self, question: Text, words: list[Any]) -> str:
        """Ask for one of some words; the first is offered."""
        choice = click.Choice([str(word) for word in words])
        asked = question.to(self._output.language)
        return str(click.prompt(asked, type=choice, default=str(words[0]), err=True))

    def number(self, question: Text, default: int) -> int:
        """Ask for a number of years."""
        asked = question.to(self._output.language)
        return int(click.prompt(asked, type=click.IntRange(1, 100), default=default, err=True))

    def yes(self, question: Text) -> bool:
        """Ask yes or no; no is offered."""
        return click.confirm(question.to(self._output.language), err=True)
