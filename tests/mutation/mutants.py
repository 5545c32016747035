"""Mutants of one module: small changes to its source, each of which a test should notice.

Not changed: annotations, decorators, docstrings, f-strings, an option's help, and what is said when
something is raised.
"""

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change."""

    module: str
    """Path from the top of the project."""
    line: int
    statement: int
    """Line where the changed statement begins."""
    function: str | None
    """Qualified name of the outermost function that it lies in; None where it runs at import."""
    source: str
    """The whole module, changed."""
    before: str
    after: str

    @property
    def key(self) -> str:
        """Name that stays the same while lines move."""
        return f"{self.module} {self.function or '-'}: {self.before} => {self.after}"


@dataclass(frozen=True, slots=True)
class _Place:
    statement: int
    function: str | None


def mutants(root: Path, module: str) -> list[Mutant]:
    """Return all mutants of a module, in the order of its lines."""
    source = (root / module).read_text(encoding="utf-8")
    found = _Finder(module, source).find()
    return sorted({one.key: one for one in found}.values(), key=lambda one: one.line)


class _Finder:
    def __init__(self, module: str, source: str) -> None:
        self._module = module
        self._source = source
        self._lines = source.encode().splitlines(keepends=True)

    def find(self) -> Iterator[Mutant]:
        """Yield mutants, some perhaps twice."""
        yield from self._statements(ast.parse(self._source).body, "", None)

    def _statements(
        self, body: list[ast.stmt], scope: str, function: str | None
    ) -> Iterator[Mutant]:
        for statement in body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from self._definition(statement, scope, function)
                continue
            place = _Place(statement.lineno, function)
            yield from self._of_statement(statement, place)
            for name in ("body", "orelse", "finalbody"):
                yield from self._statements(getattr(statement, name, []), scope, function)
            for handler in getattr(statement, "handlers", []):
                yield from self._statements(handler.body, scope, function)
            for case in getattr(statement, "cases", []):
                yield from self._statements(case.body, scope, function)

    def _definition(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
        scope: str,
        function: str | None,
    ) -> Iterator[Mutant]:
        name = f"{scope}{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from self._statements(node.body, f"{name}.", function)
            return
        place = _Place(node.lineno, function)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            yield from self._of_expression(default, place)
        yield from self._statements(node.body, f"{name}.<locals>.", function or name)

    def _of_statement(self, node: ast.stmt, place: _Place) -> Iterator[Mutant]:
        match node:
            case ast.Raise():
                yield self._changed(node, "pass", place)
                return  # what it says is not judged here
            case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
                return
            case ast.Return(value=ast.expr() as value) if not _is_nothing(value):
                yield self._changed(value, "None", place)
            case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Continue() | ast.Break():
                yield self._changed(node, "pass", place)
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
                yield self._changed(node, "pass", place)
            case ast.If(test=test) | ast.While(test=test):
                yield from self._negated(test, place)
            case _:
                pass
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "body", "orelse", "finalbody", "handlers", "cases"):
                continue
            for child in value if isinstance(value, list) else [value]:
                yield from self._of_expression(child, place)

    def _of_expression(self, node: object, place: _Place) -> Iterator[Mutant]:
        if not isinstance(node, ast.AST) or isinstance(node, ast.JoinedStr):
            return
        if isinstance(node, ast.expr):
            for other in _variants(node):
                yield self._changed(node, f"({ast.unparse(other)})", place)
        if isinstance(node, ast.Call):
            for keyword in [one for one in node.keywords if one.arg != "help"]:
                yield self._changed(keyword, "", place)
        if isinstance(node, ast.IfExp):
            yield from self._negated(node.test, place)
        if isinstance(node, ast.comprehension):
            for test in node.ifs:
                yield from self._negated(test, place)
        for child in ast.iter_child_nodes(node):
            yield from self._of_expression(child, place)

    def _negated(self, test: ast.expr, place: _Place) -> Iterator[Mutant]:
        """Where no other change amounts to it."""
        if isinstance(test, ast.UnaryOp):
            return
        if isinstance(test, ast.Compare) and not isinstance(
            test.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE
        ):
            return
        yield self._changed(test, f"(not ({ast.unparse(test)}))", place)

    def _changed(self, node: ast.expr | ast.stmt | ast.keyword, text: str, place: _Place) -> Mutant:
        start = sum(map(len, self._lines[: node.lineno - 1])) + node.col_offset
        end = sum(map(len, self._lines[: (node.end_lineno or 0) - 1])) + (node.end_col_offset or 0)
        whole = self._source.encode()
        after = whole[end:] if text else re.sub(rb"\A\s*,", b"", whole[end:])
        changed = (whole[:start] + text.encode() + after).decode()
        before = " ".join(whole[start:end].decode().split())
        return Mutant(
            self._module, node.lineno, place.statement, place.function, changed, before, text
        )


def _variants(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(ops=ops):
            for index, operator in enumerate(ops):
                changed = copy.deepcopy(node)
                changed.ops[index] = _COMPARISONS[type(operator)]()
                yield changed
        case ast.BoolOp(op=operator, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from (left, right)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as operator, right=right):
            yield ast.BinOp(left, _ARITHMETIC[type(operator)](), right)
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Name(id=name) if name in _CALLS:
            yield ast.Name(_CALLS[name])
        case _:
            pass


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)
