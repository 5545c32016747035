"""What the import contracts of import-linter cannot say."""

import ast
from collections import Counter
from collections.abc import Iterator
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
SIGNERS = {"signing/sealing/updates.py"}
"""The part of `signing.sealing.pades` that drives pyHanko's signers."""
VALIDATORS = (
    "signing/inspection/",
    "signing/inspection/permitted_changes.py",
    "signing/trust/etsi_list.py",
)
"""The parts of `signing.validation` that drive pyHanko's validators, and the reader of trusted
lists, which judges no document."""


def imports() -> Iterator[tuple[str, str]]:
    """Yield (file, imported module or name) for every import of ours."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    yield from ((name, alias.name) for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    yield from ((name, f"{node.module}.{alias.name}") for alias in node.names)


def test_only_sealing_calls_pyhanko_s_signers() -> None:
    users = {file for file, what in imports() if what.startswith("pyhanko.sign.signers")}
    assert users == SIGNERS


def test_only_validation_calls_pyhanko_s_validators() -> None:
    users = {file for file, what in imports() if what.startswith("pyhanko.sign.validation")}
    assert users
    assert all(file.startswith(VALIDATORS) for file in users)


def test_only_one_wrapper_calls_python_jose() -> None:
    """It checks a signature; all else about a token is judged around it (ADR 34)."""
    users = {file for file, what in imports() if what.partition(".")[0] == "jose"}
    assert users == {"identity/tokens/jose.py"}
    others = {"joserfc", "authlib", "jwt", "ecdsa", "rsa"}
    assert not [what for _, what in imports() if what.partition(".")[0] in others]


def test_packages_hold_a_docstring_only() -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("__init__.py"):
            body = ast.parse(path.read_text("utf-8")).body
            statements = [node for node in body if not isinstance(node, ast.Expr)]
            assert statements == [], f"{path.relative_to(ROOT)} does something at import"


def test_no_folder_holds_more_than_a_newcomer_can_look_through() -> None:
    counts = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
    )
    assert {folder: count for folder, count in counts.items() if count > 24} == {}


def test_no_pdf_library_with_a_bad_record_is_on_the_verification_path() -> None:
    assert not [what for _, what in imports() if what.partition(".")[0] in {"pypdf", "PyPDF2"}]


def test_permits_are_made_in_one_place() -> None:
    """Whoever could make one could do without: `identity.people.permits` checks who asks."""
    makers = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and _called(node) in {"Permit", "permits.Permit"}
    }
    assert makers == {"identity/people/permits.py"}


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func)
