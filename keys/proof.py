"""Proof that a key signs: a signature over random data, checked with its public key."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from core.ids import Random
from keys import messages
from keys.algorithms import digest_of
from keys.model import KeyUnavailableError, Signer

_DOMAIN_SEPARATION = b"xinyin key check\0"
"""What is signed begins so: it can be no certificate, CRL, token or document."""


def prove(signer: Signer, random: Random) -> None:
    """Sign and verify. Raises `KeyUnavailableError`."""
    data = _DOMAIN_SEPARATION + random(32)
    signature = signer.sign(data)
    public = load_der_public_key(signer.info.spki)
    digest = digest_of(signer.info.algorithm)
    try:
        if isinstance(public, ec.EllipticCurvePublicKey) and digest is not None:
            public.verify(signature, data, ec.ECDSA(digest))
        elif isinstance(public, rsa.RSAPublicKey) and digest is not None:
            public.verify(signature, data, padding.PKCS1v15(), digest)
        else:
            assert isinstance(
                public, mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
            )
            public.verify(signature, data)
    except InvalidSignature as error:
        raise KeyUnavailableError(
            messages.signature_public_key_mismatch(signer.info.key_id)
        ) from error
