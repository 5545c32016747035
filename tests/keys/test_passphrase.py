"""Passphrases come from a descriptor, a private file, a systemd credential or a terminal."""

import os
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from keys.passphrase import PassphraseSource


def source(tmp_path: Path, **arguments: object) -> PassphraseSource:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    return PassphraseSource("xinyin-keys", "Passphrase: ", home, **arguments)  # type: ignore[arg-type]


def secret(path: Path, mode: int = 0o600) -> Path:
    path.write_bytes(b"a long passphrase\n")
    path.chmod(mode)
    return path


def test_from_a_private_file(tmp_path: Path) -> None:
    path = secret(tmp_path / "p")
    assert source(tmp_path, file=path).read() == b"a long passphrase"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = secret(tmp_path / "p", mode)
    with pytest.raises(ConfigurationError, match="open to others"):
        source(tmp_path, file=path).read()


def test_a_file_within_the_home_is_refused_also_through_a_link(tmp_path: Path) -> None:
    here = source(tmp_path)
    inside = secret(here.home / "p")
    link = tmp_path / "link"
    link.symlink_to(inside)
    for path in (inside, link):
        with pytest.raises(ConfigurationError, match="within the home"):
            source(tmp_path, file=path).read()


def test_from_a_descriptor(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, b"a long passphrase\n")
    os.close(write)
    assert source(tmp_path, descriptor=read).read() == b"a long passphrase"
    os.close(read)


def test_a_closed_descriptor_is_said_to_be_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="descriptor"):
        source(tmp_path, descriptor=987).read()


def test_from_a_systemd_credential(tmp_path: Path) -> None:
    secret(tmp_path / "xinyin-keys", 0o440)
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert source(tmp_path, environment=environment).read() == b"a long passphrase"


def test_without_any_source_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--passphrase-file"):
        source(tmp_path).read()
