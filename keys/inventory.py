"""The inventory: what the stores hold beside what the register says, and where they disagree."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from core.ids import KeyId
from keys.life import DOMAIN_OF, KeyDomain, KeyRecord, KeyState
from keys.model import KeyAlgorithm, KeyInfo, KeyPurpose
from keys.ring import KeyRing


class InventoryFinding(StrEnum):
    """Agreement or difference between store and register."""

    AGREED = "agreed"
    UNRECORDED = "unrecorded"
    """It is there, and the register does not know it."""
    UNFINISHED = "unfinished"
    """It was intended and not recorded as made, whether it is there or not."""
    MISSING = "missing"
    """It is recorded and not there."""
    NOT_DELETED = "not-deleted"
    """It is recorded as destroyed and still there."""
    DIFFERENT = "different"
    """What is there is another key, or for another purpose, than was recorded."""


@dataclass(frozen=True, slots=True)
class InventoryEntry:
    """One key: what is there, what is recorded, or both."""

    key_id: KeyId
    info: KeyInfo | None
    record: KeyRecord | None
    finding: InventoryFinding

    @property
    def purpose(self) -> KeyPurpose:
        """Purpose of the key."""
        return self._any.purpose

    @property
    def algorithm(self) -> KeyAlgorithm:
        """Its algorithm and size."""
        return self._any.algorithm

    @property
    def domain(self) -> KeyDomain:
        """Domain of the key."""
        return DOMAIN_OF[self._any.purpose]

    @property
    def _any(self) -> KeyInfo | KeyRecord:
        known = self.info or self.record
        assert known is not None  # an entry is of something
        return known


def take_inventory(ring: KeyRing) -> list[InventoryEntry]:
    """Return an entry for each key that is there or recorded, within the ring's domains, by id.

    Needs no passphrase. Raises `AmbiguousKeyError`, `KeyUnavailableError`.
    """
    records = {
        one.key_id: one
        for one in ([] if ring.register is None else ring.register.list_records())
        if one.domain in ring.domains
    }
    there = {info.key_id: info for info in ring.list_keys()}
    return [
        InventoryEntry(key_id, there.get(key_id), records.get(key_id), finding)
        for key_id in sorted(there.keys() | records.keys())
        for finding in [_compare(there.get(key_id), records.get(key_id))]
    ]


def _compare(info: KeyInfo | None, record: KeyRecord | None) -> InventoryFinding:
    if record is None:
        return InventoryFinding.UNRECORDED
    if record.state is KeyState.INTENDED:
        return InventoryFinding.UNFINISHED
    if info is None:
        gone = record.state is KeyState.DESTROYED
        return InventoryFinding.AGREED if gone else InventoryFinding.MISSING
    if record.state is KeyState.DESTROYED:
        return InventoryFinding.NOT_DELETED
    same = hashlib.sha256(info.spki).hexdigest() == record.spki_sha256
    return (
        InventoryFinding.AGREED
        if same and info.purpose is record.purpose
        else InventoryFinding.DIFFERENT
    )
