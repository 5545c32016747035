"""An opened key bound to its life: who retires it elsewhere stops it here."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
    CertificatePublicKeyTypes,
)

from keys.model import KeyInfo, Signer


class LivingSigner:
    """An opened key that signs only while its life allows it."""

    def __init__(self, signer: Signer, check: Callable[[], None]) -> None:
        """`check` raises `KeyRetiredError`, and what the register raises."""
        self._signer = signer
        self._check = check

    @property
    def info(self) -> KeyInfo:
        """Public facts of the key."""
        return self._signer.info

    @property
    def public_key(self) -> CertificatePublicKeyTypes:
        """The public key."""
        return self._signer.public_key

    def sign(self, data: bytes) -> bytes:
        """Sign `data` as `keys.model.Signer.sign` states. Raises `KeyRetiredError`."""
        self._check()
        return self._signer.sign(data)

    def builder_key(self) -> CertificateIssuerPrivateKeyTypes:
        """Return the key for `cryptography`'s builders, to be used at once."""
        self._check()
        return self._signer.builder_key()
