"""All keys that a process may reach: one store a domain, found by what the key is for.

A purpose outside the domains that the ring was given is refused, whatever the stores hold. The
register is written before a key is made and after, so that one that was made and not recorded is
found again.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from core.clock import Monotonic
from core.ids import KeyId
from core.permits import Permit
from keys import messages, names
from keys.life import (
    ACTIVE_ONCE_OPENED,
    DOMAIN_OF,
    SIGNS_WHEN_RETIRED,
    KeyDomain,
    KeyRecord,
    KeyRegister,
    KeyRetiredError,
    KeyState,
    OutsideDomainError,
)
from keys.living import LivingSigner
from keys.model import (
    KeyAlgorithm,
    KeyInfo,
    KeyNotFoundError,
    KeyPurpose,
    KeyStore,
    Signer,
)
from keys.words import PURPOSES

LIFE_SECONDS = 0.9
"""Age at which knowledge of keys' lives is read again: a retired key signs a second at most."""


class Vault(KeyStore, Protocol):
    """A key store that can say where it is, and destroy a key."""

    @property
    def location(self) -> str:
        """`software`, or the token's label and serial number. Raises `KeyUnavailableError`."""
        ...

    def unlock(self) -> None:
        """Ask for the passphrase now, so that processes forked from this one need not."""
        ...

    def destroy(self, key_id: KeyId) -> None:
        """Delete a key for good; one that is gone already is no error."""
        ...


class KeyRing:
    """The `KeyStore` of a process; `vaults` says which domains it may reach, and where they are.

    `register` is None where none can be reached: then nothing is known of a key's life. `lock` is
    held while a key is made, and the register's turn, so that two processes do not make the same
    one, on one machine or on several that share a token: tokens do not refuse a second of a name,
    and do not show at once what another process put there.
    """

    def __init__(
        self,
        vaults: Mapping[KeyDomain, Vault],
        register: KeyRegister | None = None,
        lock: Callable[[], AbstractContextManager[None]] = nullcontext,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self._vaults = dict(vaults)
        self.register = register
        self._lock = lock
        self._monotonic = monotonic
        self._guard = threading.Lock()
        """Guards what follows."""
        self._living: dict[KeyId, LivingSigner] = {}
        self._epoch = 0
        self._epoch_at = float("-inf")

    @property
    def domains(self) -> frozenset[KeyDomain]:
        """Key domains within reach."""
        return frozenset(self._vaults)

    def unlock(self) -> None:
        """Ask for each passphrase now, so that processes forked from this one need not."""
        for vault in self._distinct():
            vault.unlock()

    def generate(self, key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm) -> KeyInfo:
        """Make a key, durable and recorded when this returns.

        Raises `KeyExistsError`, `OutsideDomainError`, and what the store raises.
        """
        vault = self.vault_of(purpose)
        names.check_key_id(key_id)
        with self._lock():
            if self.register is None:
                return vault.generate(key_id, purpose, algorithm)
            self.register.check_open()
            with self.register.making():
                self._check_unused(key_id, vault)
                location = vault.location
                self.register.intend(key_id, purpose, algorithm, location)
                info = vault.generate(key_id, purpose, algorithm)
                self.register.record_generated(info, location)
                return info

    def find(self, key_id: KeyId) -> KeyInfo:
        """Return the facts of a key, which is recorded if that was missed.

        Raises `KeyNotFoundError`, and what the stores raise.
        """
        record = None if self.register is None else self.register.find(key_id)
        known = record is not None and record.state is not KeyState.INTENDED
        vaults = [self.vault_of(record.purpose)] if record and known else self._distinct()
        for vault in vaults:
            try:
                info = vault.find(key_id)
            except KeyNotFoundError:
                continue
            if self._vaults.get(DOMAIN_OF[info.purpose]) is vault:
                self._recognise(info, vault)
                return info
        raise names.not_found(key_id)

    def list_keys(self) -> list[KeyInfo]:
        """Return all keys within reach, by id."""
        found = [
            info
            for vault in self._distinct()
            for info in vault.list_keys()
            if self._vaults.get(DOMAIN_OF[info.purpose]) is vault
        ]
        return sorted(found, key=lambda info: info.key_id)

    def open(self, key_id: KeyId, purpose: KeyPurpose) -> Signer:
        """Open a key for its purpose; the same `Signer` for the same key in one process.

        Raises `OutsideDomainError`, `KeyRetiredError`, what the store raises, and what the register
        raises while no key may be used.
        """
        vault = self.vault_of(purpose)
        if self.register is not None:
            self.register.check_open()
        record = None if self.register is None else self.register.find(key_id)
        if record is not None and not _is_alive(record, purpose):
            raise _gone(record)
        signer = vault.open(key_id, purpose)
        if record is not None and self.register is not None and _comes_into_use(record):
            self.register.activate(key_id)
        if self.register is None:
            return signer
        with self._guard:
            return self._living.setdefault(key_id, self._watched(key_id, purpose, signer))

    def life_epoch(self) -> int:
        """Return a number that changes when a key leaves use; a second old at most.

        Raises what the register raises: who does not know must not sign.
        """
        if self.register is None:
            return 0
        begun = self._monotonic()
        with self._guard:
            if begun - self._epoch_at < LIFE_SECONDS:
                return self._epoch
        epoch = self.register.epoch()
        with self._guard:
            self._epoch, self._epoch_at = epoch, begun
        return epoch

    def _watched(self, key_id: KeyId, purpose: KeyPurpose, signer: Signer) -> LivingSigner:
        """Look at the key's own record only when some key has left use since."""
        seen: int | None = None

        def check() -> None:
            nonlocal seen
            epoch = self.life_epoch()
            if epoch == seen:
                return
            record = None if self.register is None else self.register.find(key_id)
            if record is not None and not _is_alive(record, purpose):
                raise _gone(record)
            seen = epoch

        return LivingSigner(signer, check)

    def may_open(self, key_id: KeyId, purpose: KeyPurpose) -> bool:
        """Tell whether a key's life still allows that it signs."""
        record = None if self.register is None else self.register.find(key_id)
        return record is None or _is_alive(record, purpose)

    def destroy(self, key_id: KeyId, basis: str, permit: Permit) -> None:
        """Delete a key for good; recorded first, and finished if that was cut short.

        Raises `KeyNotFoundError` for one without a record, `KeyLifeError` for one in use.
        """
        record = None if self.register is None else self.register.find(key_id)
        if record is None or self.register is None:
            raise names.not_found(key_id)
        vault = self.vault_of(record.purpose)
        if record.state is not KeyState.DESTROYED:
            self.register.destroy(key_id, basis, permit)
        vault.destroy(key_id)

    def vault_of(self, purpose: KeyPurpose) -> Vault:
        """Return the store for a purpose. Raises `OutsideDomainError`."""
        domain = DOMAIN_OF[purpose]
        if domain not in self._vaults:
            raise OutsideDomainError(
                messages.key_domain_out_of_reach(
                    domain=domain, purpose_label=PURPOSES[purpose], purpose=purpose
                ),
                domain=domain,
            )
        return self._vaults[domain]

    def _check_unused(self, key_id: KeyId, vault: Vault) -> None:
        """A key of that id may be there without a record, or with one that says it was made."""
        try:
            info = vault.find(key_id)
        except KeyNotFoundError:
            return
        self._recognise(info, vault)
        raise names.exists(key_id)

    def _recognise(self, info: KeyInfo, vault: Vault) -> None:
        """Record a key that was made and not recorded; refuse one that was destroyed."""
        if self.register is None:
            return
        record = self.register.find(info.key_id)
        if record is None or record.state is KeyState.INTENDED:
            self.register.record_generated(info, vault.location)
        elif record.state is KeyState.DESTROYED:
            raise _gone(record)

    def _distinct(self) -> list[Vault]:
        """Return each store once: several domains may share one token."""
        found: list[Vault] = []
        for vault in self._vaults.values():
            if not any(vault is known for known in found):
                found.append(vault)
        return found


def _is_alive(record: KeyRecord, purpose: KeyPurpose) -> bool:
    if record.state is KeyState.RETIRED:
        return purpose in SIGNS_WHEN_RETIRED
    return record.state is not KeyState.DESTROYED


def _comes_into_use(record: KeyRecord) -> bool:
    return record.purpose in ACTIVE_ONCE_OPENED and record.state is KeyState.GENERATED


def _gone(record: KeyRecord) -> KeyRetiredError:
    if record.state is KeyState.DESTROYED:
        return KeyRetiredError(messages.key_destroyed(record.key_id))
    return KeyRetiredError(messages.key_retired(record.key_id))
