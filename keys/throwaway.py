"""Keys in memory for one run: what a rehearsal signs with. Nothing of them is kept."""

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.clock import Clock
from core.ids import KeyId
from keys import names
from keys.algorithms import generate_private_key
from keys.model import KeyAlgorithm, KeyInfo, KeyPurpose, Signer
from keys.software import SoftwareSigner


class ThrowAwayKeys:
    """A `keys.model.KeyStore` that forgets everything when it is let go."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._signers: dict[KeyId, SoftwareSigner] = {}

    def generate(self, key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm) -> KeyInfo:
        """Make a key. Raises `KeyExistsError`."""
        if key_id in self._signers:
            raise names.exists(key_id)
        key = generate_private_key(algorithm)
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        info = KeyInfo(key_id, purpose, algorithm, spki, self._clock.now())
        self._signers[key_id] = SoftwareSigner(info, key)
        return info

    def find(self, key_id: KeyId) -> KeyInfo:
        """Return the facts of a key. Raises `KeyNotFoundError`."""
        return self._find(key_id).info

    def list_keys(self) -> list[KeyInfo]:
        """Return all keys, by id."""
        return [self._signers[key_id].info for key_id in sorted(self._signers)]

    def open(self, key_id: KeyId, purpose: KeyPurpose) -> Signer:
        """Open a key for its purpose. Raises `KeyNotFoundError`, `WrongPurposeError`."""
        signer = self._find(key_id)
        if signer.info.purpose is not purpose:
            raise names.wrong_purpose(key_id, signer.info.purpose, purpose)
        return signer

    def may_open(self, key_id: KeyId, purpose: KeyPurpose) -> bool:
        """Tell nothing else than yes."""
        del key_id, purpose
        return True

    def life_epoch(self) -> int:
        """Return the same always."""
        return 0

    def _find(self, key_id: KeyId) -> SoftwareSigner:
        if key_id not in self._signers:
            raise names.not_found(key_id)
        return self._signers[key_id]
