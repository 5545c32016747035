"""Tokens in the operating system's keyring where it keeps them, else in the file."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import keyring
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as Failing
from keyring.backends.null import Keyring as Null
from keyring.errors import KeyringLocked, PasswordDeleteError

from cli.remote.os_keyring import SERVICE
from cli.remote.sign_in_file import FILE_NAME, KeptSignIn, SignInFile
from core.errors import ConfigurationError
from identity.oidc.provider import Provider
from identity.oidc.token_endpoint import TokenSet
from identity.tokens.algorithms import JwsAlgorithm

SERVER = "https://issuing.example.gov.cn"
TOKENS = TokenSet(
    "access-secret",
    datetime(2026, 5, 4, 8, tzinfo=UTC),
    bound=True,
    refresh_token="refresh-secret",  # of nobody
    id_token="id-secret",  # of nobody
)


class Memory(KeyringBackend):
    """A keyring as a desktop has one."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError

    def _check(self) -> None:
        if self.locked:
            raise KeyringLocked


class Plain(Memory):
    """A keyring that is a plain file, which the library does not recommend."""

    priority = 0.5  # type: ignore[assignment]


class Truncating(Memory):
    """A keyring with an end."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:64])


@pytest.fixture
def before() -> Iterator[None]:
    """Put the keyring of before back afterwards."""
    kept = keyring.get_keyring()
    yield
    keyring.set_keyring(kept)


@pytest.fixture
def memory(before: None) -> Memory:
    del before
    made = Memory()
    keyring.set_keyring(made)
    return made


@pytest.fixture
def file(tmp_path: Path) -> SignInFile:
    return SignInFile({"XINYIN_CONFIG": str(tmp_path)})


def sign_in() -> KeptSignIn:
    provider = Provider(
        "main", "https://id.example.gov.cn", "line", JwsAlgorithm.ES256, None, ("openid",), SERVER
    )
    return KeptSignIn(SERVER, provider, TOKENS, ec.generate_private_key(ec.SECP256R1()))


def test_tokens_lie_in_the_keyring_and_nowhere_else(
    memory: Memory, file: SignInFile, tmp_path: Path
) -> None:
    one = sign_in()
    file.keep(one)
    written = (tmp_path / FILE_NAME).read_text("utf-8")
    assert "secret" not in written
    assert "PRIVATE KEY" not in written
    ((service, _),) = memory.kept
    assert service == SERVICE
    found = file.find(SERVER)
    assert found is not None
    assert found.tokens == TOKENS
    assert found.key.private_numbers() == one.key.private_numbers()
    other = SignInFile({"XINYIN_CONFIG": str(tmp_path / "another")})
    with other.locked():
        other.keep(one)
    assert len(memory.kept) == 2
    assert file.forget(SERVER)
    assert file.find(SERVER) is None
    assert len(memory.kept) == 1
    assert other.find(SERVER) is not None


@pytest.mark.parametrize("backend", [Null, Failing, Plain, Truncating])
def test_a_keyring_that_does_not_keep_is_not_used(
    before: None, backend: type[KeyringBackend], file: SignInFile, tmp_path: Path
) -> None:
    del before
    chosen = backend()
    keyring.set_keyring(chosen)
    file.keep(sign_in())
    assert "refresh-secret" in (tmp_path / FILE_NAME).read_text("utf-8")
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    found = file.find(SERVER)
    assert found is not None
    assert found.tokens == TOKENS
    assert not getattr(chosen, "kept", {})
    assert file.forget(SERVER)
    assert json.loads((tmp_path / FILE_NAME).read_text("utf-8")) == {}


def test_a_keyring_that_is_locked_is_told(memory: Memory, file: SignInFile) -> None:
    file.keep(sign_in())
    memory.locked = True
    with pytest.raises(ConfigurationError) as refused:
        file.find(SERVER)
    assert "Unlock it" in refused.value.text.en
    assert not file.forget(SERVER)
    file.keep(sign_in())
    memory.locked = False
    assert file.find(SERVER) is not None
    assert file.forget(SERVER)
    assert memory.kept == {}


def test_a_sign_in_of_before_is_found(memory: Memory, file: SignInFile, tmp_path: Path) -> None:
    """Kept in the file by an earlier version, or while there was no keyring."""
    keyring.set_keyring(Null())  # type: ignore[no-untyped-call]
    file.keep(sign_in())
    keyring.set_keyring(memory)
    found = file.find(SERVER)
    assert found is not None
    file.keep(found)
    assert "secret" not in (tmp_path / FILE_NAME).read_text("utf-8")
