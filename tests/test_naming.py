"""House style that a program can check: class names and how docstrings begin (the glossary)."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "ca",
    "cli",
    "core",
    "home",
    "identity",
    "issuing_api",
    "keys",
    "registry",
    "signing",
    "verify_api",
)
RIDDLE = re.compile(
    r"(What|Which|Who|Whoever|Whose|Where|When|Why|How|Whether|Says|Tells)\b"
    r"|(Return|Yield|Tell) (what|who|where|which of)\b"
)
"""Beginnings that hide the thing's name. `Tell whether` is a verb with its object."""
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def modules() -> dict[str, ast.Module]:
    """Parse every module of the product, by its path."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def docstrings() -> Iterator[tuple[str, str]]:
    """Yield (place, docstring) of every module, class and function."""
    for file, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
                yield f"{file}:{getattr(node, 'lineno', 1)}", text


def test_a_public_class_name_stands_once() -> None:
    places = defaultdict(list)
    for file, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(f"{file}:{node.lineno}")
    assert len(places) > 500
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_docstrings_begin_with_the_thing_or_a_verb() -> None:
    found = [
        f"{place}: {text.partition(chr(10))[0]}"
        for place, text in docstrings()
        if RIDDLE.match(text)
    ]
    assert found == []
