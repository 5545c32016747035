"""What any command writes is its owner's alone: one function writes it, and its mode is private."""

import ast
import os
from pathlib import Path

import pytest

from cli.shell.delivery import OUTPUT_MODE, make_directory, write_output
from core.errors import UsageError
from core.files import write_atomically

HERE = Path(__file__).parents[1]
PACKAGES = ("ca", "cli", "core", "home", "identity", "issuing_api", "keys", "registry", "signing")
OWN = {
    "core/files.py": "the function itself",
    "core/metrics.py": "counts",
    "cli/speech.py": "click's formatter, in memory",
    "cli/keeping/audit_export.py": "events, of which none speaks of a holder",
    "core/web/metrics_share.py": "counts, in a folder of its own",
    "cli/licences/batches/runs.py": "in a lock that it holds, which is its owner's",
    "registry/importing/remarked_workbook.py": "a workbook, in memory",
    "registry/backup/dump.py": "private by its own opener",
    "registry/desk/exports/workbook.py": "an entry of an archive, in a stream that is its caller's",
}
"""Files that write by themselves, and why that may be."""
PUBLIC_WRITERS = (
    "ca/",
    "cli/ca/",
    "cli/keeping/",
    "cli/remote/enrol_command.py",
    "cli/bodies/outside_seal_commands.py",
    "cli/licences/types/",
    "signing/trust/",
    "registry/ledger/trust_desk.py",
)
"""Where files are written that anybody may read: none of these writes a licence."""
_WRITES = {"w", "wb", "x", "xb", "a", "ab", "r+b", "w+b"}


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "attr", None) or getattr(node.func, "id", None)) == name
    ]


def sources() -> list[tuple[str, ast.AST]]:
    return [
        (str(path.relative_to(HERE)), ast.parse(path.read_text("utf-8")))
        for package in PACKAGES
        for path in sorted((HERE / package).rglob("*.py"))
    ]


def test_nothing_writes_a_file_but_one_function() -> None:
    found = set()
    for name, tree in sources():
        if calls(tree, "write_bytes") or calls(tree, "write_text"):
            found.add(name)
        for call in calls(tree, "open"):
            said = {one.value for one in call.args if isinstance(one, ast.Constant)}
            if said & _WRITES:
                found.add(name)
    assert found <= OWN.keys(), found - OWN.keys()


def test_a_wider_mode_is_told_by_name_and_for_no_licence() -> None:
    for name, tree in sources():
        for call in calls(tree, "write_atomically"):
            for mode in (one.value for one in call.keywords if one.arg == "mode"):
                if ast.unparse(mode) == "PUBLIC":
                    assert name.startswith(PUBLIC_WRITERS), name
                elif name != "cli/shell/delivery.py":
                    assert ast.literal_eval(mode) == 0o600, name


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_file_is_private_whatever_stood_there(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "licence.pdf"
    path.write_bytes(b"before")
    path.chmod(0o666)
    before = os.umask(umask)
    try:
        write_output(path, b"%PDF")
        make_directory(tmp_path / "out")
        write_atomically(tmp_path / "plain", b"x")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "plain").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert sorted(one.name for one in tmp_path.iterdir()) == ["licence.pdf", "out", "plain"]


def test_the_mode_is_what_was_told_and_never_for_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "licence.pdf"
    monkeypatch.setenv(OUTPUT_MODE, "0640")
    before = os.umask(0)
    try:
        write_output(path, b"%PDF")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640
    for said in ("0644", "0666", "0777", "x", "-1"):
        monkeypatch.setenv(OUTPUT_MODE, said)
        with pytest.raises(UsageError):
            write_output(path, b"%PDF")
