"""No command's message names an option that the command lacks: read from the code of commands.

From each command the functions of `cli` that it can reach, and the messages of those.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from cli.main import xinyin as main

ROOT = Path(__file__).parents[2]
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*[a-z0-9]")
COMMAND = re.compile(r"xinyin((?: [a-z][a-z-]*)+)[^。；;，,]*?$")
ABOUT_OTHERS = frozenset({"context_chosen", "CONTEXT_REMOVED"})
"""Messages on what other commands do from now on."""
Name = tuple[str, str]


class Module:
    """What a module defines, and what its names stand for."""

    def __init__(self, name: str, path: Path) -> None:
        tree = ast.parse(path.read_text("utf-8"))
        self.defined: dict[str, ast.stmt] = {}
        self.stands_for: dict[str, Name] = {}
        for one in tree.body:
            match one:
                case ast.FunctionDef(name=found) | ast.ClassDef(name=found):
                    self.defined[found] = one
                case (
                    ast.Assign(targets=[ast.Name(id=found)])
                    | ast.AnnAssign(target=ast.Name(id=found))
                ):
                    self.defined[found] = one
                case _:
                    pass
            for imported in ast.walk(one):
                if isinstance(imported, ast.ImportFrom) and imported.module:
                    for alias in imported.names:
                        self.stands_for[alias.asname or alias.name] = imported.module, alias.name
        self.stands_for |= {found: (name, found) for found in self.defined}

    def used_by(self, name: str) -> Iterator[Name]:
        """What a function, class or value refers to."""
        for one in ast.walk(self.defined[name]):
            match one:
                case ast.Attribute(value=ast.Name(id=base), attr=attribute):
                    module, found = self.stands_for.get(base, ("", ""))
                    yield f"{module}.{found}", attribute
                case ast.Name(id=found) if found in self.stands_for:
                    yield self.stands_for[found]
                case _:
                    pass


@cache
def modules() -> dict[str, Module]:
    found = {}
    for path in sorted((ROOT / "cli").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name] = Module(name, path)
    return found


def commands(
    group: click.Group = main, *path: str
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


def options_of(command: click.Command) -> set[str]:
    named = {name for one in (*command.params, *main.params) for name in one.opts}
    return named | {name for one in command.params for name in one.secondary_opts} | {"--help"}


def messages_of(command: click.Command) -> Iterator[tuple[Name, str]]:
    """The messages that a command can come to, each sentence of them."""
    assert command.callback is not None
    waiting = [(command.callback.__module__, command.callback.__name__)]
    seen: set[Name] = set()
    while waiting:
        name = waiting.pop()
        module = modules().get(name[0])
        if name in seen or module is None or name[1] not in module.defined:
            continue
        seen.add(name)
        if name[0].endswith("messages"):
            every = list(ast.walk(module.defined[name[1]]))
            pieces = {id(p) for one in every if isinstance(one, ast.JoinedStr) for p in one.values}
            for one in every:
                if id(one) in pieces:
                    continue
                if isinstance(one, ast.JoinedStr):
                    parts = [p.value if isinstance(p, ast.Constant) else "…" for p in one.values]
                    yield name, "".join(map(str, parts))
                elif isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield name, one.value
        else:
            waiting += module.used_by(name[1])


ALL = dict(commands())


def lacking(path: tuple[str, ...], said: str) -> Iterator[str]:
    """The options that a sentence names and the command of which it speaks lacks."""
    for found in OPTION.finditer(said):
        spoken = COMMAND.search(said[: found.start()])
        target = path
        if spoken is not None:
            words = tuple(spoken[1].split())
            named = [words[:n] for n in range(len(words), 0, -1) if words[:n] in ALL]
            if not named:
                continue
            target = named[0]
        if found[0] not in options_of(ALL[target]):
            yield f"{' '.join(target)}: {found[0]}"


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_messages_name_options_that_there_are(path: tuple[str, ...]) -> None:
    found = {
        f"{name[0]}.{name[1]}: {one}"
        for name, said in messages_of(ALL[path])
        if name[1] not in ABOUT_OTHERS
        for one in lacking(path, said)
    }
    assert found == set()


def test_messages_are_found() -> None:
    """The reading of code finds what is known to be there."""
    said = [text for _, text in messages_of(ALL["licence", "issue"])]
    assert any("--force" in text for text in said)
    assert list(lacking(("break-glass", "list"), "用 --force 覆盖。")) == [
        "break-glass list: --force"
    ]
    assert list(lacking(("break-glass", "list"), "run xinyin licence issue --force")) == []
