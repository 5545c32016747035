"""Keys in files: one `<id>.pem` a key, mode 0600, holding encrypted PKCS#8 (RFC 5958, PBES2).

PBES2 as `cryptography` writes it stretches a passphrase too little, so the PKCS#8 password is
itself made from the passphrase with scrypt (RFC 7914). Its salt takes in the key's id, purpose and
algorithm: who edits these in the file's header gets a key that no longer opens.
"""

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
    CertificatePublicKeyTypes,
)
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from core.clock import Clock
from core.errors import ConfigurationError
from core.files import erase_file, write_atomically
from core.ids import KeyId
from keys import messages, names
from keys.algorithms import generate_private_key, public_key_of, signing_with
from keys.model import (
    KeyAlgorithm,
    KeyInfo,
    KeyPurpose,
    Signer,
    WrongPassphraseError,
)

_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1
"""32 MiB and some 80 ms a key: paid once per process (RFC 7914 2 gives no floor)."""
_MIN_PASSPHRASE_BYTES = 12
_HEADER_END = b"\n\n"


class SoftwareSigner:
    """A key held open in this process's memory."""

    def __init__(self, info: KeyInfo, key: CertificateIssuerPrivateKeyTypes) -> None:
        self._info = info
        self._key = key
        self._public_key = public_key_of(key)
        self._sign = signing_with(key)

    @property
    def info(self) -> KeyInfo:
        """Public facts of the key."""
        return self._info

    @property
    def public_key(self) -> CertificatePublicKeyTypes:
        """The public key."""
        return self._public_key

    def sign(self, data: bytes) -> bytes:
        """Sign `data` as `keys.model.Signer.sign` states."""
        return self._sign(data)

    def builder_key(self) -> CertificateIssuerPrivateKeyTypes:
        """Return the key for `cryptography`'s builders."""
        return self._key

    def __repr__(self) -> str:
        """Name the key; never its contents."""
        return f"<SoftwareSigner {self._info.key_id} for {self._info.purpose}>"


@dataclass(frozen=True, slots=True)
class _KeyFile:
    """A key file, taken apart."""

    info: KeyInfo
    salt: bytes
    pkcs8: bytes

    @classmethod
    def parse(cls, key_id: KeyId, data: bytes) -> "_KeyFile":
        head, separator, pkcs8 = data.partition(_HEADER_END)
        try:
            fields = json.loads(head)
            info = KeyInfo(
                key_id=key_id,
                purpose=KeyPurpose(fields["purpose"]),
                algorithm=KeyAlgorithm(fields["algorithm"]),
                spki=bytes.fromhex(fields["spki"]),
                created_at=datetime.fromisoformat(fields["created_at"]),
            )
            salt = bytes.fromhex(fields["salt"])
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(key_id) from error
        if not separator:
            raise _damaged(key_id)
        return cls(info, salt, pkcs8)

    def serialise(self) -> bytes:
        fields = {
            "purpose": self.info.purpose,
            "algorithm": self.info.algorithm,
            "created_at": self.info.created_at.isoformat(),
            "spki": self.info.spki.hex(),
            "salt": self.salt.hex(),
        }
        return json.dumps(fields).encode() + _HEADER_END + self.pkcs8


class SoftwareKeyStore:
    """Keys in a directory of their own, which this makes with mode 0700.

    `passphrase` is asked for once, when the first key is opened or generated.
    """

    def __init__(self, directory: Path, passphrase: Callable[[], bytes], clock: Clock) -> None:
        self._directory = directory
        self._ask_passphrase = passphrase
        self._clock = clock
        self._passphrase: bytes | None = None
        self._opened: dict[KeyId, SoftwareSigner] = {}
        self._lock = threading.Lock()
        """Guards `_passphrase` and `_opened`."""

    def unlock(self) -> None:
        """Ask for the passphrase now, so that processes forked from this one need not."""
        with self._lock:
            self._read_passphrase()

    def generate(self, key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm) -> KeyInfo:
        """Make a key, durable when this returns. Raises `KeyExistsError`."""
        path = self._path(key_id)
        # `parents=True` alone would leave those above open to others.
        self._directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory.mkdir(mode=0o700, exist_ok=True)
        if path.exists():
            raise names.exists(key_id)
        key = generate_private_key(algorithm)
        spki = public_key_of(key).public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        info = KeyInfo(key_id, purpose, algorithm, spki, self._clock.now())
        salt = os.urandom(16)
        self._check_passphrase()
        with self._lock:
            password = self._derive(info, salt)
        pkcs8 = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password),
        )
        try:
            write_atomically(
                path, _KeyFile(info, salt, pkcs8).serialise(), mode=0o600, overwrite=False
            )
        except FileExistsError as error:
            raise names.exists(key_id) from error
        return info

    def find(self, key_id: KeyId) -> KeyInfo:
        """Return the facts of a key. Raises `KeyNotFoundError`."""
        return self._read(key_id).info

    def list_keys(self) -> list[KeyInfo]:
        """Return all keys, by id."""
        return [self.find(KeyId(path.stem)) for path in sorted(self._directory.glob("*.pem"))]

    def open(self, key_id: KeyId, purpose: KeyPurpose) -> Signer:
        """Open a key for its purpose; the same `Signer` for the same key in one process.

        Raises `KeyNotFoundError`, `WrongPurposeError`, `WrongPassphraseError`.
        """
        with self._lock:
            signer = self._opened.get(key_id) or self._decrypt(key_id)
            if signer.info.purpose is not purpose:
                raise names.wrong_purpose(key_id, signer.info.purpose, purpose)
            self._opened[key_id] = signer
            return signer

    @property
    def location(self) -> str:
        """Say where these keys are."""
        return "software"

    def may_open(self, key_id: KeyId, purpose: KeyPurpose) -> bool:
        """Tell nothing else than yes: of a key's life the register knows."""
        del key_id, purpose
        return True

    def life_epoch(self) -> int:
        """Return the same always, as above."""
        return 0

    def destroy(self, key_id: KeyId) -> None:
        """Delete a key's file, overwritten first; what is gone already is no error.

        Overwriting is a best effort: file systems and disks keep copies. Raises `StorageError`.
        """
        path = self._path(key_id)
        with self._lock:
            self._opened.pop(key_id, None)
        with suppress(FileNotFoundError):
            erase_file(path)

    def _decrypt(self, key_id: KeyId) -> SoftwareSigner:
        file = self._read(key_id)
        try:
            key = serialization.load_pem_private_key(file.pkcs8, self._derive(file.info, file.salt))
        except ValueError as error:
            raise WrongPassphraseError(messages.key_decryption_failed(key_id)) from error
        signer = SoftwareSigner(file.info, key)  # type: ignore[arg-type]  # we generated it
        spki = signer.public_key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if spki != file.info.spki:
            raise _damaged(key_id)
        return signer

    def _check_passphrase(self) -> None:
        """A key under another passphrase than its neighbours' would never open beside them."""
        with self._lock:
            for known in sorted(self._directory.glob("*.pem"))[:1]:
                if not self._opened:
                    self._decrypt(KeyId(known.stem))

    def _derive(self, info: KeyInfo, salt: bytes) -> bytes:
        """Return the PKCS#8 password (64 hex digits) that belongs to this key and no other."""
        passphrase = self._read_passphrase()
        bound = f"\0{info.key_id}\0{info.purpose}\0{info.algorithm}".encode()
        kdf = Scrypt(salt=salt + bound, length=32, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P)
        return kdf.derive(passphrase).hex().encode()

    def _read_passphrase(self) -> bytes:
        if self._passphrase is None:
            passphrase = self._ask_passphrase()
            if len(passphrase) < _MIN_PASSPHRASE_BYTES:
                raise ConfigurationError(messages.passphrase_too_short(_MIN_PASSPHRASE_BYTES))
            self._passphrase = passphrase
        return self._passphrase

    def _read(self, key_id: KeyId) -> _KeyFile:
        try:
            data = self._path(key_id).read_bytes()
        except FileNotFoundError as error:
            raise names.not_found(key_id) from error
        return _KeyFile.parse(key_id, data)

    def _path(self, key_id: KeyId) -> Path:
        names.check_key_id(key_id)
        return self._directory / f"{key_id}.pem"


def read_key_info(key_id: KeyId, data: bytes) -> KeyInfo:
    """Return the facts in a key file. Raises `WrongPassphraseError` if it is damaged."""
    return _KeyFile.parse(key_id, data).info


def _damaged(key_id: KeyId) -> WrongPassphraseError:
    return WrongPassphraseError(messages.key_file_damaged(key_id))
