"""Keys on a PKCS#11 token: generated there, signing there, never leaving it."""

from collections.abc import Callable
from itertools import pairwise

import pkcs11

from core.clock import Clock
from core.ids import KeyId, Random
from keys import messages, names
from keys.model import KeyAlgorithm, KeyInfo, KeyPurpose, KeysError, Signer
from keys.pkcs11_objects import (
    ObjectNames,
    check_presence,
    generate_pair,
    new_object_id,
    private_objects,
    public_objects,
    read_info,
)
from keys.pkcs11_signer import TokenSigner, ambiguous, check_single, find_pair, find_present_pair
from keys.pkcs11_token import TokenSession
from keys.pkcs11_uri import TokenAddress


class HalfKeyError(KeysError):
    """Of a key's two objects, the public one is missing."""

    code = "key_half_made"


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
        """Identity of this token: its label and serial number. Raises `KeyUnavailableError`."""
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
        found = self._token.run(lambda session: find_present_pair(session, label))
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
        """Return the facts of a key of which both objects are there; logs in.

        Raises `KeyNotFoundError`, `AmbiguousKeyError`, `HalfKeyError`, `KeyUnavailableError`.
        """
        label = self._label(key_id)

        def find(session: pkcs11.Session) -> KeyInfo:
            pair = find_present_pair(session, label)
            check_single(key_id, pair)
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
                raise ambiguous(one.key_id)
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

    def may_open(self, key_id: KeyId, purpose: KeyPurpose) -> bool:
        """Tell nothing else than yes: of a key's life the register knows."""
        del key_id, purpose
        return True

    def life_epoch(self) -> int:
        """Return the same always, as above."""
        return 0

    def destroy(self, key_id: KeyId) -> None:
        """Destroy both objects, the private one first; what is gone already is no error.

        Raises `AmbiguousKeyError`, `KeyUnavailableError`.
        """
        label = self._label(key_id)

        def destroy(session: pkcs11.Session) -> None:
            pair = find_pair(session, label)
            check_single(key_id, pair)
            for one in (*pair.private, *pair.public):
                one.destroy()

        self._token.run(lambda session: find_present_pair(session, label))
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
    """Generate, and give way to another that is seen to have made a key of that name meanwhile.

    It may not be seen: that there is no other is for who asks to see to (`keys.ring`).
    """
    for leftover in public_objects(session, wanted.label):
        leftover.destroy()
    generate_pair(session, algorithm, wanted)
    if len(private_objects(session, wanted.label)) > 1:
        for one in session.get_objects(wanted.template):
            one.destroy()
        raise names.exists(key_id)


def _location(session: pkcs11.Session) -> str:
    token = session.token
    serial = token.serial.decode(errors="replace").strip("\0 ")
    return f"token {token.label} ({serial})"


def _half(key_id: KeyId) -> HalfKeyError:
    return HalfKeyError(messages.token_public_key_missing(key_id))
