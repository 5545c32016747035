"""An opened key on a token, and how its two objects are found again."""

from dataclasses import dataclass

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Mechanism
from pkcs11.exceptions import NoSuchKey

from core.ids import KeyId
from keys import messages
from keys.algorithms import sign_with
from keys.model import KeyInfo, KeysError, KeyUnavailableError
from keys.pkcs11_keys import TokenEcKey, TokenRsaKey
from keys.pkcs11_objects import (
    check_presence,
    private_objects,
    public_objects,
    read_info,
    signing_half,
)
from keys.pkcs11_token import TokenSession


class AmbiguousKeyError(KeysError):
    """Two keys on the token bear the same name."""

    code = "key_ambiguous"


@dataclass(frozen=True, slots=True)
class Pair:
    """Objects on the token under a key's label."""

    public: list[pkcs11.PublicKey]
    private: list[pkcs11.PrivateKey]

    @property
    def whole(self) -> bool:
        """Both halves are there."""
        return bool(self.public) and bool(self.private)


@dataclass(slots=True)
class _Handle:
    """A private key's object, valid in the session in which it was found."""

    session: pkcs11.Session
    private: pkcs11.SignMixin


class TokenSigner:
    """A key on a token, held open. It finds its key again after the token went and returned."""

    def __init__(self, info: KeyInfo, label: str, token: TokenSession) -> None:
        self._info = info
        self._label = label
        self._token = token
        self._handle: _Handle | None = None
        """Guarded by the module's lock, within which `TokenSession.run` calls."""
        public = load_der_public_key(info.spki)
        self._key = (
            TokenRsaKey(public, self._sign_on_token)
            if isinstance(public, rsa.RSAPublicKey)
            else TokenEcKey(_elliptic(public), self._sign_on_token)
        )

    @property
    def info(self) -> KeyInfo:
        """Public facts of the key."""
        return self._info

    @property
    def public_key(self) -> CertificatePublicKeyTypes:
        """The public key."""
        return self._key.public_key()

    def sign(self, data: bytes) -> bytes:
        """Sign `data` as `keys.model.Signer.sign` states."""
        return sign_with(self._key, data)

    def builder_key(self) -> TokenEcKey | TokenRsaKey:
        """Return the facade for `cryptography`'s builders."""
        return self._key

    def find(self) -> None:
        """Find the private object now. Raises as `TokenSession.run`."""
        self._token.run(self._private)

    def _sign_on_token(self, data: bytes, mechanism: Mechanism) -> bytes:
        return self._token.run(
            lambda session: self._private(session).sign(data, mechanism=mechanism)
        )

    def _private(self, session: pkcs11.Session) -> pkcs11.SignMixin:
        handle = self._handle
        if handle is not None and handle.session is session:
            return handle.private
        pair = find_pair(session, self._label)
        if not pair.whole:
            raise NoSuchKey
        check_single(self._info.key_id, pair)
        if read_info(self._info.key_id, pair.public[0]) != self._info:
            raise KeyUnavailableError(messages.token_key_replaced(self._info.key_id))
        private = signing_half(pair.private[0])
        self._handle = _Handle(session, private)
        return private

    def __repr__(self) -> str:
        """Name the key."""
        return f"<TokenSigner {self._info.key_id} for {self._info.purpose}>"


def find_pair(session: pkcs11.Session, label: str) -> Pair:
    """Return the objects under a label. Raises `PKCS11Error`."""
    return Pair(public_objects(session, label), private_objects(session, label))


def find_present_pair(session: pkcs11.Session, label: str) -> Pair:
    """Return the same, of a token that is surely there. Raises `PKCS11Error`."""
    check_presence(session)
    return find_pair(session, label)


def check_single(key_id: KeyId, pair: Pair) -> None:
    """Refuse to choose. Raises `AmbiguousKeyError`."""
    if len(pair.public) > 1 or len(pair.private) > 1:
        raise ambiguous(key_id)


def _elliptic(public: object) -> ec.EllipticCurvePublicKey:
    assert isinstance(public, ec.EllipticCurvePublicKey)  # as read_info made it
    return public


def ambiguous(key_id: KeyId) -> AmbiguousKeyError:
    """Return the error for two keys of one name."""
    return AmbiguousKeyError(messages.token_key_name_ambiguous(key_id))
