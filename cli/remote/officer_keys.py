"""Keys of an officer's own: in a folder of theirs, encrypted, or on a token of theirs."""

import os
import re
import secrets
from pathlib import Path

from core.clock import SystemClock
from core.ids import KeyId
from keys.model import KeyAlgorithm, KeyNotFoundError, KeyPurpose, KeyStore, Signer
from keys.passphrase import PassphraseSource, new_passphrase_reader, read_once
from keys.pkcs11_uri import SCHEME, parse_token_uri
from keys.software import SoftwareKeyStore

FOLDER = "officer-keys"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9.-]+")
_CREDENTIAL = "xinyin-officer"


class OfficerKeys:
    """An officer's keys; the passphrase, or the token's PIN, is asked for once."""

    def __init__(
        self, directory: Path, uri: str, passphrase_file: Path | None, passphrase_fd: int | None
    ) -> None:
        """`directory` is of this account's alone. Raises `ConfigurationError`."""
        self.on_token = uri.startswith(SCHEME)
        self._beside = directory
        self._directory = directory / FOLDER
        self._file, self._descriptor = passphrase_file, passphrase_fd
        self._uri = uri

    def open(self, key_id: KeyId) -> Signer:
        """Open a key, made now unless it is there.

        Raises `WrongPassphraseError`, `KeyUnavailableError`, `ConfigurationError`.
        """
        is_new = not (self.on_token or (self._directory / f"{key_id}.pem").exists())
        self._directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = self._store(is_new=is_new)
        try:
            store.find(key_id)
        except KeyNotFoundError:
            store.generate(key_id, KeyPurpose.OFFICER, KeyAlgorithm.ECDSA_P256)
        return store.open(key_id, KeyPurpose.OFFICER)

    def open_made(self, key_id: KeyId) -> Signer:
        """Open a key that is there; raises as `open`, and `KeyNotFoundError`."""
        return self._store(is_new=False).open(key_id, KeyPurpose.OFFICER)

    def place(self, key_id: KeyId) -> str:
        """Say where a key is: a file, or the token's address without its PIN."""
        if not self.on_token:
            return str(self._directory / f"{key_id}.pem")
        return f"{self._uri.partition('?')[0]};object={key_id}"

    def certificate(self, key_id: KeyId, server: str) -> Path:
        """Say where the certificate is kept that a server had made for a key."""
        name = _NOT_IN_NAMES.sub("-", server.partition("://")[2]).strip("-")
        return self._beside / f"{key_id}.{name}.crt.pem"

    def _store(self, *, is_new: bool) -> KeyStore:
        if self.on_token:
            return self._token()
        source = self._source("Passphrase of your key 您的密钥口令: ", self._file)
        read = new_passphrase_reader(source) if is_new else source.read
        return SoftwareKeyStore(self._directory, read_once(read), SystemClock())

    def _token(self) -> KeyStore:
        from keys.pkcs11_store import Pkcs11KeyStore  # noqa: PLC0415  # only where there is one

        address = parse_token_uri(self._uri)
        source = self._source("PIN of your token 令牌 PIN: ", address.pin_file or self._file)
        return Pkcs11KeyStore(
            address, read_once(source.read), SystemClock(), secrets.token_bytes, None
        )

    def _source(self, prompt: str, file: Path | None) -> PassphraseSource:
        return PassphraseSource(
            _CREDENTIAL, prompt, self._directory, self._descriptor, file, dict(os.environ)
        )


def name_for(authority: str) -> KeyId:
    """Return the name of the key with which somebody signs for an authority, if they say none."""
    return KeyId(f"officer-{authority}")
