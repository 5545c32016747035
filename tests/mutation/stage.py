"""First stage: tests collected and their fixtures made once, then a forked process per mutant.

1. Each test runs once with a module that notes which of its statements ran.
2. For each mutant of code in a function, a child process puts the changed code object in the place
   of the function's own, and runs the tests that came by the changed statement, the fastest first,
   until one fails.

What survives here, or cannot be put in place, is left to the second stage (`confirm`), which starts
from the changed source: fixtures made before the fork, and processes that tests start, are not
mutated here.
"""

import ast
import importlib
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from itertools import accumulate
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import cast

import click
import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.mutants import Mutant

PATIENCE = 10.0
"""Seconds for a mutant beyond thrice what its tests took: the machine may be shared."""
BUDGET = 10.0
"""CPU seconds of tests for a mutant."""
_NOTE = "__ran__"


class ForkStage:
    """Pytest plugin that runs mutants instead of reporting tests."""

    def __init__(
        self,
        root: Path,
        module: str,
        mutants: list[Mutant],
        tell: Callable[[Mutant, bool, tuple[str, ...]], None],
    ) -> None:
        """`tell` takes each mutant, whether it was killed, and the tests that came by it."""
        self._path = root / module
        self._name = module.removesuffix(".py").replace("/", ".")
        self._mutants = mutants
        self._tell = tell
        self._seconds: dict[pytest.Item, float] = {}
        self._effort: dict[pytest.Item, float] = {}
        """CPU seconds, which say more on a busy machine."""
        self._passing: dict[int, list[pytest.Item]] = defaultdict(list)
        """Tests that came by a statement, by its line."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run all tests once, and then the mutants."""
        module = importlib.import_module(self._name)
        source = self._path.read_text(encoding="utf-8")
        ran: set[int] = set()
        setattr(module, _NOTE, ran.add)
        noting = ast.fix_missing_locations(_Noting().visit(ast.parse(source)))
        originals = self._put(module, compile(noting, str(self._path), "exec"))
        for item, following in _in_turn(session.items, session):
            ran.clear()
            begun, used = time.monotonic(), time.process_time()
            if why := _failure(item, following):
                print(f"fails unchanged, left out: {item.nodeid}: {why}", file=sys.stderr)  # noqa: T201
                continue
            self._seconds[item] = time.monotonic() - begun
            self._effort[item] = time.process_time() - used
            for line in ran:
                self._passing[line].append(item)
        for function, code in originals.items():
            function.__code__ = code
        steady = self._steady(session)
        for mutant in self._mutants:
            items = [one for one in self._passing[mutant.statement] if one in steady]
            items = self._affordable(items)
            here = mutant.function is not None and mutant.function in _functions(module)
            killed = here and bool(items) and self._kills(module, mutant, items, session)
            passing = self._passing[mutant.statement]
            self._tell(mutant, killed, tuple(one.nodeid for one in passing))
        return True

    def _steady(self, session: pytest.Session) -> set[pytest.Item]:
        """Return the tests that pass in a forked process too."""
        steady = set()
        for item in self._seconds:
            if in_child(partial(_run, [item], session), self._allowed([item])) == 0:
                steady.add(item)
            else:
                print(f"fails in a child, left out: {item.nodeid}", file=sys.stderr)  # noqa: T201
        return steady

    def _kills(
        self, module: ModuleType, mutant: Mutant, items: list[pytest.Item], session: pytest.Session
    ) -> bool:
        code = compile(mutant.source, str(self._path), "exec")

        def child() -> int:
            self._put(module, code, only=mutant.function)
            return _run(items, session)

        return in_child(child, self._allowed(items)) != 0

    def _affordable(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """Return the fastest tests, as many as take `BUDGET` together, one at least."""
        items = sorted(items, key=self._effort.__getitem__)
        sums = accumulate(self._effort[item] for item in items)
        return [one for one, sum_ in zip(items, sums, strict=True) if sum_ <= BUDGET] or items[:1]

    def _allowed(self, items: list[pytest.Item]) -> float:
        return PATIENCE + 3 * sum(self._seconds[item] for item in items)

    def _put(
        self, module: ModuleType, code: CodeType, only: str | None = None
    ) -> dict[FunctionType, CodeType]:
        """Give functions their code of another compilation; return what they had."""
        functions, had = _functions(module), {}
        for name, changed in _codes(code):
            function = functions.get(name)
            if function is not None and only in (None, name):
                had[function] = function.__code__
                function.__code__ = changed
        return had


def _run(items: list[pytest.Item], session: pytest.Session) -> int:
    """Return the place, from one, of the first test that fails; 0 if none does."""
    for place, (item, following) in enumerate(_in_turn(items, session), 1):
        if _failure(item, following):
            return min(place, 200)
    return 0


def _in_turn(
    items: list[pytest.Item], session: pytest.Session
) -> Iterator[tuple[pytest.Item, pytest.Item]]:
    """Yield each test and what comes after it: at the end the session, whose fixtures stay."""
    return zip(items, (*items[1:], cast("pytest.Item", session)), strict=True)


def _failure(item: pytest.Item, following: pytest.Item) -> str:
    """Return the last words of a test that fails, or is skipped; else nothing."""
    for one in runtestprotocol(item, log=False, nextitem=following):
        if one.failed or (one.skipped and not hasattr(one, "wasxfail")):
            return one.longreprtext.strip().rpartition("\n")[2] or one.outcome
    return ""


def in_child(work: Callable[[], int], allowed: float) -> int:
    """Return what `work` returned in a forked process; -1 if it died or took too long."""
    pid = os.fork()
    if pid == 0:
        status = 255
        try:
            os.setsid()
            status = work()
        finally:
            os._exit(status)
    deadline = time.monotonic() + allowed
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return -1
        time.sleep(0.01)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1


def _functions(module: ModuleType) -> dict[str, FunctionType]:
    """Return a module's own functions by qualified name, methods and what is decorated too."""
    found: dict[str, FunctionType] = {}

    def look(names: dict[str, object]) -> None:
        for value in names.values():
            if isinstance(value, type) and value.__module__ == module.__name__:
                look(dict(vars(value)))
            function = _unwrapped(value)
            if function is not None and function.__module__ == module.__name__:
                found[function.__qualname__] = function

    look(dict(vars(module)))
    return found


def _unwrapped(value: object) -> FunctionType | None:
    while not isinstance(value, FunctionType) or hasattr(value, "__wrapped__"):
        if isinstance(value, property):
            value = value.fget
        elif isinstance(value, cached_property):
            value = value.func
        elif hasattr(value, "__wrapped__"):
            value = value.__wrapped__
        elif hasattr(value, "__func__"):
            value = value.__func__
        elif isinstance(value, click.Command):
            value = value.callback
        else:
            return None
    return value


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """Yield the code of outermost functions by qualified name."""
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if one.co_flags & 0x02:  # CO_NEWLOCALS: a function, no class body
                yield one.co_qualname, one
            else:
                yield from _codes(one)


class _Noting(ast.NodeTransformer):
    """Puts a note of its line before each statement of a function."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Go through a node's statements."""
        super().generic_visit(node)
        if isinstance(node, ast.Module | ast.ClassDef):
            return node
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                noted = [new for one in statements for new in (*_note(one), one)]
                setattr(node, name, noted)
        return node


def _note(statement: ast.stmt) -> Iterator[ast.stmt]:
    if isinstance(statement, ast.Global | ast.Nonlocal | ast.FunctionDef | ast.ClassDef):
        return
    line = ast.Constant(statement.lineno)
    yield ast.Expr(ast.Call(ast.Name(_NOTE, ast.Load()), [line], []))
