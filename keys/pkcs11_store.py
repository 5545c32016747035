"""Keys on a PKCS#11 token: generated there, signing there, never leaving it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Mechanism
from pkcs11.exceptions import NoSuchKey

from core.clock import Clock
from core.ids import KeyId, Random
from keys import names
from keys.algorithms import sign_with
from keys.model import KeyAlgorithm, KeyInfo, KeyPurpose, KeysError, KeyUnavailableError, Signer
from keys.pkcs11_keys import TokenEcKey, TokenRsaKey
from keys.pkcs11_objects import (
    ObjectNames,
    check_presence,
    generate_pair,
    new_object_id,
    private_objects,
    public_objects,
    read_info,
    signing_half,
)
from keys.pkcs11_token import TokenSession
from keys.pkcs11_uri import TokenAddress


class AmbiguousKeyError(KeysError):
    """Two keys on the token bear the same name."""

    code = "key_ambiguous"


class HalfKeyError(KeysError):
    """Of a key's two objects, the public one is missing."""

    code = "key_half_made"


@dataclass(frozen=True, slots=True)
class _Pair:
    """What stands on the token under a key's label."""

    public: list[pkcs11.PublicKey]
    private: list[pkcs11.PrivateKey]

    @property
    def whole(self) -> bool:
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
        """What may be known of the key."""
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
        pair = _pair(session, self._label)
        if not pair.whole:
            raise NoSuchKey
        _check_single(self._info.key_id, pair)
        if read_info(self._info.key_id, pair.public[0]) != self._info:
            raise KeyUnavailableError(
                f"令牌中的“{self._info.key_id}”已是另一把密钥。",
                f"The “{self._info.key_id}” on the token is another key now.",
            )
        private = signing_half(pair.private[0])
        self._handle = _Handle(session, private)
        return private

    def __repr__(self) -> str:
        """Name the key."""
        return f"<TokenSigner {self._info.key_id} for {self._info.purpose}>"


class Pkcs11KeyStore:
    """Keys of ours on one token, told from other applications' by their names.

    `namespace` keeps the keys of several homes on one token apart. `pin` is asked for once, when
    the token is first logged in to.
    """

    def __init__(
        self,
        address: TokenAddress,
        pin: Callable[[], bytes],
        clock: Clock,
        random: Random,
        namespace: str | None = None,
    ) -> None:
        self._token = TokenSession(address, pin)
        self._clock = clock
        self._random = random
        self._suffix = "" if namespace is None else f"@{namespace}"
        self._opened: dict[KeyId, TokenSigner] = {}

    @property
    def location(self) -> str:
        """Which token this is: its label and serial number. Raises `KeyUnavailableError`."""
        return self._token.run_publicly(_location)

    def unlock(self) -> None:
        """Ask for the PIN now, so that processes forked from this one need not; no login yet."""
        self._token.read_pin()

    def generate(self, key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm) -> KeyInfo:
        """Make a key on the token, durable when this returns.

        What an interrupted call left of a public object without its private one is cleared away.
        Raises `KeyExistsError`, `UnsupportedKeyError`, `HalfKeyError`, `KeyUnavailableError`.
        """
        label = self._label(key_id)
        found = self._token.run(lambda session: _present_pair(session, label))
        if found.private:
            if not found.public:
                raise _half(key_id)
            raise names.exists(key_id)
        object_id = new_object_id(purpose, self._clock.now(), self._random(4))
        self._token.run_writing(
            lambda session: _generate(session, algorithm, ObjectNames(label, object_id), key_id)
        )
        return self.find(key_id)

    def find(self, key_id: KeyId) -> KeyInfo:
        """Return what is known of a key of which both objects are there; logs in.

        Raises `KeyNotFoundError`, `AmbiguousKeyError`, `HalfKeyError`, `KeyUnavailableError`.
        """
        label = self._label(key_id)

        def find(session: pkcs11.Session) -> KeyInfo:
            pair = _present_pair(session, label)
            _check_single(key_id, pair)
            if not pair.private:
                raise names.not_found(key_id)
            if not pair.public:
                raise _half(key_id)
            return read_info(key_id, pair.public[0])

        return self._token.run(find)

    def list_keys(self) -> list[KeyInfo]:
        """Return all keys of which the public object is there, by id; needs no PIN.

        Raises `AmbiguousKeyError`, `KeyUnavailableError`.
        """

        def list_all(session: pkcs11.Session) -> list[KeyInfo]:
            check_presence(session)
            named = [(self._key_id(one.label), one) for one in public_objects(session)]
            return [read_info(key_id, one) for key_id, one in named if key_id is not None]

        found = sorted(self._token.run_publicly(list_all), key=lambda info: info.key_id)
        for one, following in pairwise(found):
            if one.key_id == following.key_id:
                raise _ambiguous(one.key_id)
        return found

    def open(self, key_id: KeyId, purpose: KeyPurpose) -> Signer:
        """Open a key for its purpose; the same `Signer` for the same key in one process.

        Raises `KeyNotFoundError`, `WrongPurposeError`, `WrongPassphraseError`,
        `KeyUnavailableError`.
        """
        signer = self._opened.get(key_id)
        if signer is None:
            info = self.find(key_id)
            signer = TokenSigner(info, self._label(key_id), self._token)
            signer.find()
            signer = self._opened.setdefault(key_id, signer)
        if signer.info.purpose is not purpose:
            raise names.wrong_purpose(key_id, signer.info.purpose, purpose)
        return signer

    def destroy(self, key_id: KeyId) -> None:
        """Destroy both objects, the private one first; what is gone already is no error.

        Raises `AmbiguousKeyError`, `KeyUnavailableError`.
        """
        label = self._label(key_id)

        def destroy(session: pkcs11.Session) -> None:
            pair = _pair(session, label)
            _check_single(key_id, pair)
            for one in (*pair.private, *pair.public):
                one.destroy()

        self._token.run(lambda session: _present_pair(session, label))
        self._token.run_writing(destroy)
        self._opened.pop(key_id, None)

    def _label(self, key_id: KeyId) -> str:
        names.check_key_id(key_id)
        return f"{key_id}{self._suffix}"

    def _key_id(self, label: str) -> KeyId | None:
        """Return whose label that is, or None if it is another home's."""
        key_id, separator, namespace = label.partition("@")
        return KeyId(key_id) if separator + namespace == self._suffix else None


def _generate(
    session: pkcs11.Session, algorithm: KeyAlgorithm, wanted: ObjectNames, key_id: KeyId
) -> None:
    """Generate, and give way to another process that made a key of that name meanwhile."""
    for leftover in public_objects(session, wanted.label):
        leftover.destroy()
    generate_pair(session, algorithm, wanted)
    if len(private_objects(session, wanted.label)) > 1:
        for one in session.get_objects(wanted.template):
            one.destroy()
        raise names.exists(key_id)


def _pair(session: pkcs11.Session, label: str) -> _Pair:
    return _Pair(public_objects(session, label), private_objects(session, label))


def _present_pair(session: pkcs11.Session, label: str) -> _Pair:
    check_presence(session)
    return _pair(session, label)


def _check_single(key_id: KeyId, pair: _Pair) -> None:
    if len(pair.public) > 1 or len(pair.private) > 1:
        raise _ambiguous(key_id)


def _location(session: pkcs11.Session) -> str:
    token = session.token
    serial = token.serial.decode(errors="replace").strip("\0 ")
    return f"token {token.label} ({serial})"


def _elliptic(public: object) -> ec.EllipticCurvePublicKey:
    assert isinstance(public, ec.EllipticCurvePublicKey)  # as read_info made it
    return public


def _ambiguous(key_id: KeyId) -> AmbiguousKeyError:
    return AmbiguousKeyError(
        f"令牌中有两把名为“{key_id}”的密钥，不作猜测。请用厂商工具核对并改名或删除其一。",
        f"Two keys on the token bear the name “{key_id}”, and none is guessed. Compare them with "
        "the vendor's tool and remove one.",
    )


def _half(key_id: KeyId) -> HalfKeyError:
    return HalfKeyError(
        f"令牌中密钥“{key_id}”只有私钥对象，缺少公钥对象。请用厂商工具补上公钥，或销毁此密钥。",
        f"Of the key “{key_id}” the token holds the private object only. Restore the public one "
        "with the vendor's tool, or destroy the key.",
    )
