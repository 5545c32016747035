"""Messages in two languages stand in catalogues, not in the middle of logic."""

import ast
import importlib
import inspect
import re
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core.text import Text, counted
from tests.test_naming import modules

_NAMES = r"messages|\w*(words|sentences|verdicts|speech|findings|faults|labels)"
CATALOGUES = re.compile(rf"/({_NAMES})\.py$")
CJK = re.compile("[\u4e00-\u9fff]")


def _literal(node: ast.expr) -> str:
    """Return the literal words of a string or f-string; nothing of another expression."""
    if not isinstance(node, ast.Constant | ast.JoinedStr):
        return ""
    parts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return "".join(part for part in parts if isinstance(part, str))


def _pairs(function: ast.AST) -> list[int]:
    """Return the lines of calls that take a sentence in Chinese and English."""
    return [
        call.lineno
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        for zh, en in zip(call.args, call.args[1:], strict=False)
        if CJK.search(_literal(zh)) and _literal(en) and not CJK.search(_literal(en))
    ]


def test_messages_stand_in_catalogues() -> None:
    found = {
        f"{file}:{line}"
        for file, module in modules().items()
        if not CATALOGUES.search(f"/{file}")
        for function in ast.walk(module)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in _pairs(function)
    }
    assert found == set()


def test_the_check_sees_a_message_in_logic() -> None:
    logic = "def f():\n    raise E(Text('没有。', f'There is no {x}.'))\n"
    assert _pairs(ast.parse(logic)) == [2]
    assert _pairs(ast.parse("def f():\n    raise E(messages.no_such(x))\n")) == []


def test_every_message_of_a_catalogue_is_used_and_whole() -> None:
    product = {file: ast.unparse(module) for file, module in modules().items()}
    unused, partial = [], []
    for file, module in modules().items():
        if Path(file).name != "messages.py":
            continue
        room = Path(file).parent
        beside = [text for one, text in product.items() if Path(one).parent == room and one != file]
        for name, zh, en in _messages(module):
            if not re.search(rf"\bmessages\.{name}\b", "".join(beside)):
                unused.append(f"{file}: {name}")
            if not zh or not en:
                partial.append(f"{file}: {name}")
    assert (unused, partial) == ([], [])


def test_a_catalogue_is_known_to_its_own_room_alone() -> None:
    for file, module in modules().items():
        room = Path(file).parent.as_posix().replace("/", ".")
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom) and "messages" in [one.name for one in node.names]:
                assert node.module == room, file


def _messages(module: ast.Module) -> list[tuple[str, str, str]]:
    """Return (name, Chinese, English) of the messages of a catalogue."""
    found = []
    for node in module.body:
        text: ast.expr | None = None
        name = ""
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name, text = node.target.id, node.value
        elif isinstance(node, ast.FunctionDef) and isinstance(node.body[-1], ast.Return):
            name, text = node.name, node.body[-1].value
        if isinstance(text, ast.Call) and ast.unparse(text.func) == Text.__name__:
            zh, en = text.args
            found.append((name, _literal(zh), _literal(en)))
    assert found
    return found


_COUNTED = r"\b1 (?:[a-z]+ ){0,2}?[a-z]+[^s\W]s\b|\b1 (?:are|were|have)\b"
"""One of several, in English."""
_ORDINAL = re.compile(r"\b(?:[Ee]ntry|[Ss]tep|[Pp]age|CRL|certificate|no\.|follow) 1\b")
_NO_COUNT = re.compile(r"1 (?:and removes|archived document has|grant was|was|character and does)")
"""Singular all the same."""
_ARGUMENTS: dict[object, object] = {
    int: 1,
    object: 1,
    float: 1.0,
    str: "x",
    bool: True,
    Path: Path("x"),
    Text: Text("甲", "x"),
    date: date(2026, 1, 1),
    datetime: datetime(2026, 1, 1, tzinfo=UTC),
    timedelta: timedelta(days=1),
}


def _said_of_one() -> Iterator[tuple[str, str]]:
    """Yield the English of each message that takes a number, for one of whatever it counts."""
    for file in modules():
        if not CATALOGUES.search(f"/{file}"):
            continue
        catalogue = importlib.import_module(file.removesuffix(".py").replace("/", "."))
        for name, function in inspect.getmembers(catalogue, inspect.isfunction):
            hints = typing.get_type_hints(function)
            counts = {int, object, float} & {hint for key, hint in hints.items() if key != "return"}
            if function.__module__ == catalogue.__name__ and hints["return"] is Text and counts:
                given = [
                    (parameter.kind is parameter.KEYWORD_ONLY, key, _ARGUMENTS.get(hints[key]))
                    for key, parameter in inspect.signature(function).parameters.items()
                ]
                named = {key: value for by_name, key, value in given if by_name}
                text = function(*(value for by_name, _, value in given if not by_name), **named)
                yield f"{file}: {name}", text.en


def test_one_thing_is_told_of_in_the_singular() -> None:
    found = list(_said_of_one())
    wrong = []
    for name, said in found:
        if re.search(_COUNTED, _NO_COUNT.sub("", _ORDINAL.sub("", said))):
            wrong.append(f"{name}: {said}")
    assert len(found) > 150
    assert wrong == []


def test_the_check_of_numbers_sees_a_plural() -> None:
    assert re.search(_COUNTED, "The file has 1 flaws.")
    assert re.search(_COUNTED, "1 archived documents are due.")
    assert not re.search(_COUNTED, "The file has 1 flaw.")
    assert [counted(n, "entry", "is", "are") for n in (1, 2)] == ["1 entry is", "2 entries are"]
    assert [counted(n, "day") for n in (0, 1)] == ["0 days", "1 day"]
