"""The words of click itself, and of `--help`, in the language of messages.

click asks gettext for its words; ours and click's stand in one catalogue, `cli/locale`, made from
`messages.po` by `make words`. English is what the code says.
"""

import gettext
import os
import re
from collections.abc import Iterable
from pathlib import Path

import click

from cli.shell.output import terminal_language

_CATALOGUE = Path(__file__).parent / "locale"
_DOMAIN = "messages"
"""The one that click asks for: it names none."""
_BILINGUAL = re.compile(r"[\x00-\x7f“”…]*?(?P<zh>[^\x00-\x7f“”…].*)", re.DOTALL)
"""The first paragraph of each command's help: English, then Chinese."""
_EXTRA = "  ["
"""Between an option's help and what click adds: default, required."""


def choose_language() -> None:
    """Let click speak the language that the environment asks for."""
    language = terminal_language(os.environ)
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(_DOMAIN, str(_CATALOGUE))
    chinese = language == "zh"
    click.Context.formatter_class = ChineseFormatter if chinese else click.HelpFormatter


def summarise(command: click.Command) -> click.Command:
    """Let a command be listed in the language of messages."""
    if terminal_language(os.environ) == "zh":
        command.short_help = _first(command.help or "").rstrip("。")
    else:
        command.short_help = None
    if isinstance(command, click.Group):
        for one in command.commands.values():
            summarise(one)
    return command


class ChineseFormatter(click.HelpFormatter):
    """Writes help in Chinese, as far as the catalogue goes."""

    def write_text(self, text: str) -> None:
        """Write paragraphs; an example stays as it is."""
        super().write_text("\n\n".join(_paragraph(one) for one in text.split("\n\n")))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write options and arguments."""
        super().write_dl([(name, _option(told)) for name, told in rows], col_max, col_spacing)


def _option(told: str) -> str:
    said, extra, rest = told.partition(_EXTRA)
    return f"{gettext.gettext(said) if said else said}{extra}{rest}"


def _first(text: str) -> str:
    """Return the Chinese of a bilingual first paragraph."""
    paragraph = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    found = _BILINGUAL.fullmatch(paragraph)
    return found["zh"] if found else gettext.gettext(paragraph)


def _line(text: str) -> str:
    told = text.strip()
    return text.replace(told, gettext.gettext(told)) if told else text


def _paragraph(text: str) -> str:
    if text.startswith("\b"):
        return "\n".join(_line(one) for one in text.split("\n"))
    told = " ".join(text.split())
    translated = gettext.gettext(told)
    return translated if translated != told else _first(told)
