"""Coverage of our packages by all processes of a test run, at a cost of a few per cent.

coverage.py costs 30 to 50 % of the suite's CPU on Python 3.11, which has no `sys.monitoring`. Here
a hook on imports puts one store at the beginning of each straight run of statements, into a file
that all processes map: so those that fork, or are killed, count as well, and nothing is merged.
A statement counts as run when its straight run was begun; what an exception cut short is not told.

It begins where `COVERAGE_DIR` names a folder (`make test` sets it). `python -m tests.coverage
.coverage` tells the share of each package, and with `--modules` where most is missing.
"""

import ast
import contextlib
import ctypes
import marshal
import mmap
import os
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterator, MutableSequence, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

VARIABLE = "COVERAGE_DIR"
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
_MARKS = "__ran__"
_ROOT = Path(__file__).parents[1]
_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)
_WITHOUT_FILE = f"if {_MARKS!r} not in globals(): {_MARKS} = bytearray(1_000_000)"
"""For `python -m`, which runs the code in a module of its own making; that is not told."""
_FAILED = ctypes.c_void_p(-1).value


class _Marking(ast.NodeTransformer):
    """Puts a mark before each straight run of statements, and counts these."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Mark a node's bodies."""
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                setattr(node, name, list(self._marked(statements)))
        return node

    def _marked(self, statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
        begin = True
        for place, one in enumerate(statements):
            late = isinstance(one, ast.ImportFrom) and one.module == "__future__"
            if late or (place == 0 and _is_docstring(one)):
                yield one
                continue
            if begin:
                index = ast.Constant(len(self.sizes))
                target = ast.Subscript(ast.Name(_MARKS, ast.Load()), index, ast.Store())
                yield ast.copy_location(ast.Assign([target], ast.Constant(1)), one)
                self.sizes.append(0)
            self.sizes[-1] += 1
            begin = isinstance(one, _COMPOUND)
            yield one


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _mark(source: bytes) -> tuple[ast.Module, list[int]]:
    """Return a module with its marks, and how many statements each stands for."""
    marking = _Marking()
    tree = marking.visit(ast.parse(source))
    begin = next(
        (
            place
            for place, one in enumerate(tree.body)
            if not (_is_docstring(one) or getattr(one, "module", "") == "__future__")
        ),
        len(tree.body),
    )
    tree.body[begin:begin] = ast.parse(_WITHOUT_FILE).body
    return ast.fix_missing_locations(tree), marking.sizes


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, directory: Path) -> None:
        super().__init__(fullname, path)
        self._directory = directory

    def get_code(self, fullname: str) -> CodeType:
        """Return the marked code; compiled once for all processes."""
        path = Path(self.path)
        there = path.stat()
        cached = self._directory / f"{fullname}-{there.st_mtime_ns}-{there.st_size}.code"
        with contextlib.suppress(OSError, EOFError, ValueError):
            code: CodeType = marshal.loads(cached.read_bytes())  # our own
            return code
        tree, sizes = _mark(path.read_bytes())
        code = compile(tree, self.path, "exec")
        with contextlib.suppress(OSError):  # a process that may write nothing
            _write(self._directory / f"{fullname}.marks", bytes(len(sizes)))
            _write(cached, marshal.dumps(code))
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Run the module with its marks."""
        code = self.get_code(module.__name__)  # makes the file of marks where there is none
        module.__dict__[_MARKS] = _map(self._directory / f"{module.__name__}.marks")
        exec(code, module.__dict__)  # as every loader does


def _write(path: Path, data: bytes) -> None:
    """Write a file, unless another process did."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    own.write_bytes(data)
    with contextlib.suppress(FileExistsError):
        os.link(own, path)
    own.unlink()


def _map(path: Path) -> "MutableSequence[int] | memoryview | defaultdict[int, int]":
    """Map a file of marks; no descriptor stays open, which tests would count."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    try:
        with path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            access = mmap.PROT_READ | mmap.PROT_WRITE
            address = libc.mmap(None, size, access, mmap.MAP_SHARED, file.fileno(), 0)
    except OSError:
        return defaultdict(int)
    if address in (None, _FAILED):
        return defaultdict(int)
    return memoryview((ctypes.c_ubyte * size).from_address(address)).cast("B")


class _Finder(MetaPathFinder):
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find our modules, to be loaded with marks."""
        if fullname.partition(".")[0] not in PACKAGES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, SourceFileLoader) or spec.origin is None:
            return spec
        if Path(spec.origin).is_relative_to(_ROOT):
            spec.loader = _Loader(fullname, spec.origin, self._directory)
        return spec


def begin() -> None:
    """Measure this process from now on, if it is asked for."""
    directory = os.environ.get(VARIABLE)
    if directory and not any(isinstance(one, _Finder) for one in sys.meta_path):
        Path(directory).mkdir(exist_ok=True)
        sys.meta_path.insert(0, _Finder(Path(directory)))


def table(directory: Path, *, with_modules: bool = False) -> str:
    """Return each package's and the total's share of statements that ran; the emptiest modules."""
    told = dict.fromkeys((*PACKAGES, "total"), (0, 0))
    modules = []
    for path in sorted(path for name in PACKAGES for path in (_ROOT / name).rglob("*.py")):
        name = ".".join(path.relative_to(_ROOT).with_suffix("").parts).removesuffix(".__init__")
        _, sizes = _mark(path.read_bytes())
        marks = directory / f"{name}.marks"
        found = marks.read_bytes() if marks.exists() else bytes(len(sizes))
        covered = sum(size for size, mark in zip(sizes, found, strict=False) if mark)
        for key in (name.partition(".")[0], "total"):
            told[key] = told[key][0] + covered, told[key][1] + sum(sizes)
        modules.append((covered - sum(sizes), name, covered, sum(sizes)))
    rows = [(name, ran, all_) for name, (ran, all_) in told.items()]
    worst = [row[1:] for row in sorted(modules)[:10]]
    lines = [f"{name:32}{all_:8}{100 * ran / max(all_, 1):8.1f} %" for name, ran, all_ in rows]
    if with_modules:
        lines.append("most statements that no test ran:")
        lines += [f"  {name:30}{all_ - ran:8} of {all_}" for name, ran, all_ in worst]
    return "\n".join([f"{'package':32}{'statements':>8}{'ran':>8}", *lines])


def install() -> None:
    """Let every process of this environment begin to measure where it is asked for."""
    asked = f"os.environ.get('{VARIABLE}')"
    line = f"import os; {asked} and __import__('tests.coverage').coverage.begin()\n"
    (Path(sysconfig.get_path("purelib")) / "zz_coverage.pth").write_text(line)


if __name__ == "__main__":
    if sys.argv[1] == "--install":
        install()
    else:
        told = table(Path(sys.argv[1]), with_modules="--modules" in sys.argv)
        print(told)  # noqa: T201
