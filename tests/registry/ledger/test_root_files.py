"""Pinned roots: read from files, again when these change; nothing else is trusted."""

import logging
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from registry.ledger.root_files import MAX_ROOTS, RootFiles
from tests.signing.material import Entity, make, name


def entity(common: str) -> Entity:
    return make(name(common), ca=True, start=datetime.now(UTC) - timedelta(days=1))


def test_a_home_without_files_trusts_nothing(tmp_path: Path) -> None:
    assert RootFiles(tmp_path)() == ()


def test_a_pinned_root_is_trusted_at_once_and_pinned_once(tmp_path: Path) -> None:
    files, root = RootFiles(tmp_path), entity("root").der
    assert files() == ()
    assert files.pin(root)
    assert files() == (root,)
    assert not files.pin(root)
    (path,) = files.directory.iterdir()
    assert path.read_bytes() == root
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_pem_is_read_as_well(tmp_path: Path) -> None:
    files, root = RootFiles(tmp_path), entity("root")
    files.directory.mkdir(parents=True)
    (files.directory / "root.cer").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    assert files() == (root.der,)
    assert not files.pin(root.der)


def test_changes_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("registry.ledger.root_files.time.monotonic", lambda: now[0])
    files, first, second = RootFiles(tmp_path), entity("1").der, entity("2").der
    files.pin(first)
    assert files() == (first,)
    RootFiles(tmp_path).pin(second)  # another process
    assert files() == (first,), "looked at once a second at most"
    now[0] += 1.0
    assert set(files()) == {first, second}
    for path in files.directory.iterdir():
        path.unlink()
    now[0] += 1.0
    assert files() == ()


def test_what_is_no_certificate_is_told_and_not_trusted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files, root = RootFiles(tmp_path), entity("root").der
    files.pin(root)
    (files.directory / "broken.cer").write_bytes(root[:-3])
    (files.directory / "note.txt").write_text("not looked at")
    with caplog.at_level(logging.ERROR):
        assert RootFiles(tmp_path)() == (root,)
    assert "broken.cer" in caplog.text
    assert files.unreadable() == ["broken.cer"]


def test_their_number_is_bounded(tmp_path: Path) -> None:
    files, root = RootFiles(tmp_path), entity("root")
    files.directory.mkdir(parents=True)
    for number in range(MAX_ROOTS + 5):
        (files.directory / f"{number:03}.cer").write_bytes(root.der)
    assert files() == (root.der,)
    assert x509.load_der_x509_certificate(files()[0]) == root.certificate
