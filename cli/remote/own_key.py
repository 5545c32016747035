"""An officer's own key, opened where they are: a file in a folder of theirs, or on a token."""

import os
import secrets
from pathlib import Path

from core.clock import SystemClock
from core.ids import KeyId
from keys.model import KeyPurpose, Signer
from keys.passphrase import PassphraseSource, read_once
from keys.pkcs11_uri import SCHEME, parse_token_uri
from keys.software import SoftwareKeyStore

_CREDENTIAL = "xinyin-officer"
_OBJECT = ";object="


def open_own_key(place: str, passphrase_file: Path | None) -> Signer:
    """Open a key by its place: the path of its file, or a token's address with `;object=`.

    Raises `KeyNotFoundError`, `WrongPassphraseError`, `KeyUnavailableError`, `ConfigurationError`.
    """
    clock = SystemClock()
    if place.startswith(SCHEME):
        from keys.pkcs11_store import Pkcs11KeyStore  # noqa: PLC0415  # only where there is one

        uri, _, name = place.partition(_OBJECT)
        address = parse_token_uri(uri)
        prompt, file = "PIN of your token 令牌 PIN: ", address.pin_file or passphrase_file
        pin = _source(prompt, Path.cwd(), file).read
        token = Pkcs11KeyStore(address, read_once(pin), clock, secrets.token_bytes, None)
        return token.open(KeyId(name), KeyPurpose.OFFICER)
    path = Path(place)
    read = _source("Passphrase of your key 您的密钥口令: ", path.parent, passphrase_file).read
    store = SoftwareKeyStore(path.parent, read_once(read), clock)
    return store.open(KeyId(path.stem), KeyPurpose.OFFICER)


def _source(prompt: str, folder: Path, file: Path | None) -> PassphraseSource:
    return PassphraseSource(_CREDENTIAL, prompt, folder, None, file, dict(os.environ))
