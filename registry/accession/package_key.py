"""Key that closes packages: it signs nothing else, and lies in the issuing domain."""

from contextlib import suppress

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from core.ids import KeyId
from keys.model import KeyAlgorithm, KeyExistsError, KeyPurpose, KeyStore, Signer


class PackageSigner:
    """Opens the newest of the keys `archive-…` that is not retired; one per process."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._named: KeyId | None = None

    def key_id(self) -> KeyId:
        """Return the name of the key that signs now; one is made if there is none.

        Raises what the key store raises.
        """
        if self._named is None:
            self._named = self._find()
        return self._named

    def public_pem(self, key_id: KeyId) -> bytes:
        """Return a key's public half, PEM."""
        key = load_der_public_key(self._keys.find(key_id).spki)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def open(self, key_id: str) -> Signer:
        """Open a key. Raises what the key store raises."""
        return self._keys.open(KeyId(key_id), KeyPurpose.ARCHIVE)

    def public_keys(self) -> dict[KeyId, bytes]:
        """Return the public halves of all keys that closed packages, PEM, by name."""
        known = [one for one in self._keys.list_keys() if one.purpose is KeyPurpose.ARCHIVE]
        return {one.key_id: self.public_pem(one.key_id) for one in known}

    def _find(self) -> KeyId:
        known = [one for one in self._keys.list_keys() if one.purpose is KeyPurpose.ARCHIVE]
        for one in sorted(known, key=lambda key: (key.created_at, key.key_id), reverse=True):
            if self._keys.may_open(one.key_id, KeyPurpose.ARCHIVE):
                return one.key_id
        key_id = KeyId(f"archive-{len(known) + 1}")
        with suppress(KeyExistsError):  # another process was faster
            self._keys.generate(key_id, KeyPurpose.ARCHIVE, KeyAlgorithm.ECDSA_P256)
        return key_id
