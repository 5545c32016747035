"""Objects of a key on a token: a self-describing pair.

Both bear the same CKA_LABEL, the key's id (with `@namespace` where homes share a token), and the
same CKA_ID, `xinyin/<purpose>/<UTC instant>/<8 random hex digits>` in ASCII. They cannot be
modified (CKA_MODIFIABLE false), so that purpose and name stay what they were when it was made.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import (
    Attribute,
    KeyType,
    MechanismFlag,
    ObjectClass,
    PrivateKey,
    PublicKey,
    Session,
    SignMixin,
)
from pkcs11.exceptions import PKCS11Error
from pkcs11.util.ec import encode_named_curve_parameters

from core.ids import KeyId
from keys import messages
from keys.algorithms import UnsupportedKeyError, algorithm_of
from keys.model import KeyAlgorithm, KeyInfo, KeyPurpose, KeyUnavailableError

_ID = re.compile(rb"xinyin/([a-z0-9-]{1,32})/([0-9]{8}T[0-9]{6}Z)/([0-9a-f]{8})")
_INSTANT = "%Y%m%dT%H%M%SZ"
_CURVES = {KeyAlgorithm.ECDSA_P256: "secp256r1", KeyAlgorithm.ECDSA_P384: "secp384r1"}
_CURVE_OF = {
    encode_named_curve_parameters("secp256r1"): ec.SECP256R1,
    encode_named_curve_parameters("secp384r1"): ec.SECP384R1,
}
_PUBLIC = {Attribute.PRIVATE: False, Attribute.MODIFIABLE: False}
_PRIVATE = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.MODIFIABLE: False,
    Attribute.DERIVE: False,
    Attribute.SIGN_RECOVER: False,
}
_RSA_BITS = 3072


@dataclass(frozen=True, slots=True)
class ObjectNames:
    """The two names that a key's objects bear."""

    label: str
    object_id: bytes

    @property
    def template(self) -> dict[Attribute, Any]:
        """Search template of objects with these names."""
        return {Attribute.LABEL: self.label, Attribute.ID: self.object_id}


def new_object_id(purpose: KeyPurpose, at: datetime, random: bytes) -> bytes:
    """Return the CKA_ID of a new key; `random` is four bytes."""
    return f"xinyin/{purpose}/{at.astimezone(UTC).strftime(_INSTANT)}/{random.hex()}".encode()


def generate_pair(session: Session, algorithm: KeyAlgorithm, names: ObjectNames) -> None:
    """Generate a pair on the token that signs, and does nothing else, and never leaves it.

    Raises `UnsupportedKeyError` for ML-DSA, `PKCS11Error`.
    """
    common: dict[str, Any] = {
        "id": names.object_id,
        "label": names.label,
        "store": True,
        "capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY,
        "public_template": _PUBLIC,
        "private_template": _PRIVATE,
    }
    if algorithm in _CURVES:
        parameters = session.create_domain_parameters(
            KeyType.EC,
            {Attribute.EC_PARAMS: encode_named_curve_parameters(_CURVES[algorithm])},
            local=True,
        )
        parameters.generate_keypair(**common)
    elif algorithm is KeyAlgorithm.RSA_3072:
        session.generate_keypair(KeyType.RSA, _RSA_BITS, **common)
    else:
        raise UnsupportedKeyError(messages.token_algorithm_unsupported(algorithm))


def public_objects(session: Session, label: str | None = None) -> list[PublicKey]:
    """Return the public objects of keys of ours, of one label or all."""
    return list(_objects(session, ObjectClass.PUBLIC_KEY, label))


def private_objects(session: Session, label: str) -> list[PrivateKey]:
    """Return the private objects of keys of ours with a label."""
    return list(_objects(session, ObjectClass.PRIVATE_KEY, label))


def check_presence(session: Session) -> None:
    """A token that is gone may show itself as empty; ask it. Raises `PKCS11Error`."""
    session.token.slot.get_token()


def signing_half(private: PrivateKey) -> SignMixin:
    """Return a private key that can sign and cannot be read out. Raises `KeyUnavailableError`."""
    if not isinstance(private, SignMixin):
        raise KeyUnavailableError(messages.TOKEN_KEY_SIGNING_FORBIDDEN)
    if not private[Attribute.SENSITIVE] or private[Attribute.EXTRACTABLE]:
        raise KeyUnavailableError(messages.TOKEN_KEY_EXTRACTABLE)
    return private


def read_info(key_id: KeyId, public: PublicKey) -> KeyInfo:
    """Return the key facts in a public object. Raises `KeyUnavailableError`, `PKCS11Error`."""
    matched = _ID.fullmatch(public[Attribute.ID])
    assert matched is not None  # only such objects are found
    key = _public_key(public)
    try:
        return KeyInfo(
            key_id=key_id,
            purpose=KeyPurpose(matched[1].decode()),
            algorithm=algorithm_of(key),
            spki=key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            created_at=datetime.strptime(matched[2].decode(), _INSTANT).replace(tzinfo=UTC),
        )
    except (ValueError, UnsupportedKeyError) as error:
        raise _damaged(key_id) from error


def _objects(session: Session, kind: ObjectClass, label: str | None) -> list[Any]:
    wanted: dict[Attribute, Any] = {Attribute.CLASS: kind}
    if label is not None:
        wanted[Attribute.LABEL] = label
    return [one for one in session.get_objects(wanted) if _is_ours(one)]


def _is_ours(one: Any) -> bool:
    """Tokens hold other applications' keys too; whatever bears no such CKA_ID is theirs."""
    try:
        object_id = one[Attribute.ID]
    except PKCS11Error:
        return False
    return isinstance(object_id, bytes) and _ID.fullmatch(object_id) is not None


def _public_key(public: PublicKey) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    try:
        if public.key_type is KeyType.RSA:
            modulus = int.from_bytes(public[Attribute.MODULUS], "big")
            exponent = int.from_bytes(public[Attribute.PUBLIC_EXPONENT], "big")
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()
        curve = _CURVE_OF[public[Attribute.EC_PARAMS]]()
        point = _bare_point(public[Attribute.EC_POINT], 2 * ((curve.key_size + 7) // 8) + 1)
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, point)
    except (KeyError, ValueError) as error:
        raise _damaged(KeyId(public.label)) from error


def _bare_point(point: bytes, length: int) -> bytes:
    """Take the point out of its DER OCTET STRING (PKCS#11 2.40, 2.3.3), if it is in one."""
    return point if len(point) == length else point[2:]


def _damaged(key_id: KeyId) -> KeyUnavailableError:
    return KeyUnavailableError(messages.token_key_objects_damaged(key_id))
