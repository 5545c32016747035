"""Sign-ins of a command line, in a file of its owner's alone (0600), one entry a server.

Tokens and the key to which they are bound lie in the operating system's keyring where there is one,
else in the file; whoever reads them is signed in as their owner until they end. Never in logs or
output.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from platformdirs import user_config_path

from cli.remote import messages
from cli.remote.os_keyring import OsKeyring
from core.errors import ConfigurationError
from core.files import locked, read_secret_file, write_atomically
from identity.oidc.provider import Provider
from identity.oidc.token_endpoint import TokenSet
from identity.tokens.algorithms import JwsAlgorithm

FILE_NAME = "sign-ins.json"
_SECRETS = ("access_token", "refresh_token", "id_token", "key")
_IN_KEYRING = "in_keyring"
_MAX_BYTES = 1024 * 1024
"""A sign-in takes some 5 KB, with a person's many groups 40 KB."""


@dataclass(frozen=True, slots=True)
class KeptSignIn:
    """A sign-in at one server."""

    server: str
    provider: Provider
    tokens: TokenSet
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    """To which the tokens are bound."""

    def with_tokens(self, tokens: TokenSet) -> "KeptSignIn":
        """Return the same with tokens that came for the old ones."""
        return replace(self, tokens=tokens)


class SignInFile:
    """The sign-ins of one account of this machine."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        chosen = environment.get("XINYIN_CONFIG")
        self.directory = Path(chosen) if chosen else user_config_path("xinyin")
        """Of this account's alone."""
        self._keyring = OsKeyring()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let no other command change it meanwhile: a refresh token may serve once."""
        with locked(self.directory / f"{FILE_NAME}.lock"):
            yield

    def find(self, server: str) -> KeptSignIn | None:
        """Return the sign-in at a server. Raises `ConfigurationError`."""
        kept = self._read().get(server)
        if kept is None:
            return None
        try:
            if kept.get(_IN_KEYRING):
                secrets = self._keyring.find(self._name(server))
                if secrets is None:
                    raise ConfigurationError(messages.keyring_away(server))
                kept = {**kept, **json.loads(secrets)}
            return _sign_in(server, kept)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(messages.sign_ins_malformed(str(self._path))) from error

    def servers(self) -> list[str]:
        """Return the servers at which somebody is signed in. Raises `ConfigurationError`."""
        return sorted(self._read())

    def keep(self, one: KeptSignIn) -> None:
        """Keep a sign-in in the place of the one at its server; `locked` is held."""
        kept = _kept(one)
        secrets = json.dumps({name: kept[name] for name in _SECRETS})
        if self._keyring.keep(self._name(one.server), secrets):
            public = {name: value for name, value in kept.items() if name not in _SECRETS}
            kept = {**public, _IN_KEYRING: True}
        self._write({**self._read(), one.server: kept})

    def forget(self, server: str) -> bool:
        """Forget the sign-in at a server; `locked` is held. Tell whether no secret is left."""
        known = self._read()
        kept = known.pop(server, None)
        gone = self._keyring.forget(self._name(server))
        self._write(known)
        return gone or not (isinstance(kept, dict) and kept.get(_IN_KEYRING))

    def _name(self, server: str) -> str:
        """Name in the keyring: two configurations of one account may know the same server."""
        where = hashlib.sha256(str(self.directory.absolute()).encode()).hexdigest()[:12]
        return f"{server} {where}"

    @property
    def _path(self) -> Path:
        return self.directory / FILE_NAME

    def _read(self) -> dict[str, Any]:
        if not self._path.exists():
            return {}
        try:
            read = json.loads(read_secret_file(self._path, limit=_MAX_BYTES))
        except ValueError as error:
            raise ConfigurationError(messages.sign_ins_malformed(str(self._path))) from error
        if not isinstance(read, dict):
            raise ConfigurationError(messages.sign_ins_malformed(str(self._path)))
        return read

    def _write(self, content: Mapping[str, object]) -> None:
        data = json.dumps(content, ensure_ascii=False, indent=1).encode()
        write_atomically(self._path, data, mode=0o600)


def _kept(one: KeptSignIn) -> dict[str, object]:
    provider, tokens = one.provider, one.tokens
    pem = one.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {
        "alias": provider.alias,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "algorithm": provider.algorithm,
        "scopes": provider.scopes,
        "resource": provider.resource,
        "plain_loopback": provider.plain_loopback,
        "access_token": tokens.access_token,
        "expires_at": tokens.expires_at.isoformat(),
        "refresh_token": tokens.refresh_token,
        "id_token": tokens.id_token,
        "key": pem.decode(),
    }


def _sign_in(server: str, kept: Mapping[str, Any]) -> KeptSignIn:
    key = load_pem_private_key(kept["key"].encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("no key of ours")
    provider = Provider(
        kept["alias"],
        kept["issuer"],
        kept["client_id"],
        JwsAlgorithm(kept["algorithm"]),
        None,
        tuple(kept["scopes"]),
        kept["resource"],
        bool(kept["plain_loopback"]),
    )
    expires_at = datetime.fromisoformat(kept["expires_at"])
    if expires_at.tzinfo is None:
        raise ValueError("an instant without a zone")
    tokens = TokenSet(
        kept["access_token"],
        expires_at,
        bound=True,
        refresh_token=kept["refresh_token"],
        id_token=kept["id_token"],
    )
    return KeptSignIn(server, provider, tokens, key)
