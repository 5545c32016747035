"""Our client's key in custody, in software and on a token, exchanged with an overlap."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from core.errors import XinyinError
from home.identity.file import read_identity_file
from home.identity.sign_in import provider_parts
from home.keys import PassphraseOptions
from home.wiring import Home
from tests.cli.commands import Ran, xinyin
from tests.cli.conftest import DemoHome, bare, passphrases
from tests.identity.provider import key_client, running_provider, tokens_of_system
from tests.softhsm import SoftHsm

__all__ = ["bare", "passphrases"]


class Custody:
    """A home whose client keys are somewhere."""

    def __init__(self, home: Path, passphrase: Path, environment: dict[str, str]) -> None:
        self.home, self.passphrase, self.environment = home, passphrase, environment

    def run(self, *arguments: str, opens: bool = False) -> Ran:
        more = ("--passphrase-file", self.passphrase) if opens and not self.environment else ()
        ran = xinyin(*arguments, "--home", self.home, *more, env=self.environment)
        assert ran.code == 0, ran.err
        return ran

    def key_set(self) -> list[dict[str, Any]]:
        keys: list[dict[str, Any]] = json.loads(self.run("client-key", "jwks").out)["keys"]
        return keys

    @contextmanager
    def opened(self) -> Iterator[Home]:
        options = PassphraseOptions(file=None if self.environment else self.passphrase)
        with Home(self.home, self.environment, options) as home:
            yield home


@pytest.fixture(params=["software", "token"])
def custody(
    request: pytest.FixtureRequest,
    bare: DemoHome,
    passphrases: tuple[Path, Path],
    tmp_path: Path,
) -> Custody:
    shutil.copytree(bare.directory, tmp_path / "home")
    environment: dict[str, str] = {}
    if request.param == "token":
        softhsm: SoftHsm = request.getfixturevalue("softhsm")
        environment["XINYIN_KEYS_ISSUING_URI"] = softhsm.token().uri()
    return Custody(tmp_path / "home", passphrases[0], environment)


def test_a_key_is_exchanged_without_a_gap(custody: Custody) -> None:
    made = custody.run("client-key", "make", "client-2026", opens=True)
    (first,) = json.loads(made.out)["keys"]
    assert (first["kid"], first["use"], first["alg"]) == ("client-2026", "sig", "ES256")
    assert "d" not in first
    custody.run("client-key", "make", "client-2027", opens=True)
    both = custody.key_set()
    assert [one["kid"] for one in both] == ["client-2026", "client-2027"]
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    store = key_client(
        "store",
        public,
        grant_types=["client_credentials"],
        response_types=[],
        dpop_bound_access_tokens=True,
    )
    store["jwks"] = {"keys": both}
    with running_provider([store], {}) as provider:
        sign_in = _signing_in(custody, provider.issuer)
        assert sign_in("client-2026")
        assert sign_in("client-2027")
        custody.run("key", "retire", "client-2026", "--basis", "更换", "--yes")
        assert [one["kid"] for one in custody.key_set()] == ["client-2027"]
        assert sign_in("client-2027")
        with pytest.raises(XinyinError):
            sign_in("client-2026")
        with pytest.raises(XinyinError):
            sign_in("audit-1")


def _signing_in(custody: Custody, issuer: str) -> Callable[[str], str]:
    def sign_in(name: str) -> str:
        (custody.home / "identity.toml").write_text(
            'public_url = "https://desk.example.gov.cn"\n[[providers]]\nalias = "main"\n'
            f'label = "x"\nissuer = "{issuer}"\nclient_id = "store"\nalgorithm = "ES256"\n'
            f'plain_loopback = true\nclient_key = "custody:{name}"\n'
        )
        with custody.opened() as home:
            file = read_identity_file(home.directory)
            assert file is not None
            client = provider_parts(home, file, file.providers[0]).client
            key = ec.generate_private_key(ec.SECP256R1())
            return tokens_of_system(client, key).access_token

    return sign_in
