"""Messages in two languages stand in catalogues, not in the middle of logic."""

import ast
import re
from pathlib import Path

from core.text import Text
from tests.test_naming import modules

_NAMES = r"messages|\w*(words|wording|verdicts|speech|findings|faults|labels)"
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
