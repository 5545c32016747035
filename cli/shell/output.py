"""Data on stdout, messages on stderr; JSON where asked for; progress on a terminal only."""

import json
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from unicodedata import east_asian_width

import click

from cli.shell.headings import heading_of
from core.sanitize import escaped_json, for_terminal
from core.text import Language, Text

if TYPE_CHECKING:  # rich takes a while to load; a pipe needs it seldom
    from rich.console import Console
    from rich.progress import Progress

T = TypeVar("T")
_UNFOLDED = 2000
_TYPED_AGAIN = frozenset(
    {"serial", "key", "identifier", "number", "标识", "编号", "序列号", "密钥"}
)
"""Columns that people copy into the next command: on one line, however narrow the terminal."""


def terminal_language(environment: Mapping[str, str]) -> Language:
    """Return the language of messages: `XINYIN_LANG`, else the locale's; English by default."""
    chosen = environment.get("XINYIN_LANG") or environment.get("LC_ALL") or ""
    chosen = chosen or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "zh" if chosen.lower().startswith("zh") else "en"


def spoken(text: Text) -> str:
    """Return a sentence in the language of messages, where there is no `Output` yet."""
    return text.to(terminal_language(os.environ))


def tell(line: str) -> None:
    """Print a line on stderr, whoever wrote it: nothing in it steers the terminal."""
    click.echo(for_terminal(line), err=True)


class ReaderLeftError(Exception):
    """Closed standard output: the reader has left, as `head` does."""


def _leave() -> None:
    raise ReaderLeftError


class Output:
    """Output format and language of a command."""

    def __init__(self, *, as_json: bool, language: Language) -> None:
        self.as_json = as_json
        self.language = language
        self._live: Progress | None = None
        """The bar on the terminal, while there is one."""

    @cached_property
    def _errors(self) -> "Console":
        from rich.console import Console  # noqa: PLC0415

        return Console(stderr=True, highlight=False)

    @cached_property
    def _console(self) -> "Console":
        from rich.console import Console  # noqa: PLC0415

        # Into a pipe or file, a record stays on its line, so that `grep` and `cut` find it whole.
        width = None if sys.stdout.isatty() else _UNFOLDED
        # What is in a table was written by others: no part of it is markup.
        console = Console(highlight=False, markup=False, emoji=False, width=width)
        console.on_broken_pipe = _leave  # type: ignore[method-assign]  # it would end with 1
        return console

    @property
    def is_read_by_people(self) -> bool:
        """Tell whether data goes to a terminal, for somebody to read."""
        return not self.as_json and sys.stdout.isatty()

    def say(self, text: Text) -> None:
        """Tell the person something, on stderr."""
        with self._bar_aside():
            tell(text.to(self.language))

    def data(self, value: Mapping[str, object]) -> None:
        """Print one JSON object on a line of its own."""
        click.echo(escaped_json(json.dumps(value, ensure_ascii=False)))

    def facts(self, value: Mapping[str, object]) -> None:
        """Print what there is to know of one thing: a JSON object, or a line for each key.

        A list of records becomes a table of its own below.
        """
        if self.as_json:
            self.data(value)
            return
        tables = {key: _records(one) for key, one in value.items() if _records(one)}
        heads = {key: heading_of(key, self.language) for key in value}
        width = max((_width(heads[key]) for key in value if key not in tables), default=0)
        for key, one in value.items():
            if key not in tables:
                space = " " * (width - _width(heads[key]) + 2)
                self.text(f"{heads[key]}{space}{_shown(one)}".rstrip())
        for key, records in tables.items():
            self.text("")
            self.text(heads[key])
            self.records(records)

    def text(self, line: str) -> None:
        """Print a line of data."""
        with self._bar_aside():
            click.echo(for_terminal(line))

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print rows for people."""
        from rich.table import Table  # noqa: PLC0415

        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in headings:
            table.add_column(heading, overflow="fold", no_wrap=heading in _TYPED_AGAIN)
        for row in rows:
            table.add_row(*("" if cell is None else for_terminal(str(cell)) for cell in row))
        self._console.print(table)

    def records(self, records: Sequence[Mapping[str, object]]) -> None:
        """Print records: JSON lines, or a table of their keys."""
        if self.as_json:
            for record in records:
                self.data(record)
        elif records:
            heads = [heading_of(key, self.language) for key in records[0]]
            self.table(heads, [list(record.values()) for record in records])

    def progress(self, items: Sequence[T], label: Text) -> Generator[T]:
        """Go through `items`, with a bar where stderr is a terminal."""
        return self.track(items, len(items), label)

    def track(self, items: Iterable[T], total: int, label: Text) -> Generator[T]:
        """Go through `items`, some `total` of them, with a bar where stderr is a terminal."""
        if self.as_json or not self._errors.is_terminal:
            yield from items
            return
        with self._shown() as bar:
            # Not rich's own `track`: its counting ends where the bar is taken aside for a line.
            task = bar.add_task(label.to(self.language), total=total)
            for item in items:
                yield item
                bar.advance(task)

    @contextmanager
    def bar(self, label: Text) -> Iterator[Callable[[int, int], None]]:
        """Hand out what is to be told (done, of how many); a bar where stderr is a terminal."""
        if self.as_json or not self._errors.is_terminal:
            yield lambda _done, _whole: None
            return
        with self._shown() as bar:
            task = bar.add_task(label.to(self.language), total=None)
            yield lambda done, whole: bar.update(task, completed=done, total=whole)

    @contextmanager
    def _shown(self) -> Iterator["Progress"]:
        with self._progress() as bar:
            self._live = bar
            try:
                yield bar
            finally:
                self._live = None

    @contextmanager
    def _bar_aside(self) -> Iterator[None]:
        """Take the bar off the terminal while a line is printed: they never share one."""
        bar = self._live
        if bar is None:
            yield
            return
        bar.stop()
        try:
            yield
        finally:
            bar.start()

    def _progress(self) -> "Progress":
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            Task,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.text import Text as Shown  # noqa: PLC0415

        class RateColumn(ProgressColumn):
            """Items a second, of late."""

            def render(self, task: Task) -> Shown:
                return Shown("" if task.speed is None else f"{task.speed:.3g}/s")

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(),
        )
        return Progress(*columns, console=self._errors, transient=True)


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _records(value: object) -> list[Mapping[str, object]]:
    """Return the records of a list that has nothing else; none for any other value."""
    if not isinstance(value, list | tuple):
        return []
    found = [one for one in value if isinstance(one, Mapping)]
    return found if len(found) == len(value) else []


def _shown(value: object) -> str:
    """Return a value as people read it; nothing for what is not there."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(one)}".rstrip() for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return str(value)


def use_utf8() -> None:
    """Write UTF-8 whatever the locale: Chinese names must not stop a command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
