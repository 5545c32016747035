"""Making the trust list: entries are prepared in a draft, and signed as its next version.

The key of the list has a purpose of its own in the `ca` domain: whom to recognise weighs as much as
whom to certify, and no role that faces the public can reach it.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from core.canonical import canonical_json
from core.clock import Clock
from core.errors import StorageError, UnreadableInputError, UsageError
from core.files import PUBLIC, locked, make_private_directory, write_atomically
from core.ids import KeyId
from core.os_errors import cause_zh
from core.permits import Action, Permit
from keys.life import KeyRetiredError
from keys.model import KeyAlgorithm, KeyExistsError, KeyInfo, KeyPurpose, Signer
from keys.ring import KeyRing
from registry.audit.events import record
from registry.db.database import Database
from registry.ledger import messages
from signing.trust.anchors import Anchor
from signing.trust.list_file import DRAFT, FOLDER, LIST, SIGNERS, TrustListFolder
from signing.trust.lists import (
    SignedTrustList,
    TrustList,
    entries_from_json,
    entries_to_json,
    in_order,
    statement,
)
from signing.trust.state import ListReading

LONGEST = timedelta(days=183)
"""ETSI TS 119 612 5.3.15: at most six months to the next update."""


@dataclass(frozen=True, slots=True)
class TrustListChange:
    """Changes that the draft would make."""

    added: tuple[Anchor, ...]
    removed: tuple[Anchor, ...]


class TrustListDesk:
    """Prepares and signs the list of one home."""

    def __init__(
        self,
        *,
        home: Path,
        database: Callable[[], Database],
        keys: Callable[[], KeyRing],
        clock: Clock,
    ) -> None:
        self._folder = TrustListFolder(home)
        self._home = home
        self._database = database
        self._keys = keys
        self._clock = clock

    def reading(self) -> ListReading:
        """Return the current reading of the list in place."""
        return self._folder.read(self._clock.now())

    def published(self) -> tuple[Anchor, ...]:
        """Return the entries of the list in place, expired or not, if its signature holds."""
        reading = self.reading()
        if not reading.is_usable:
            raise UnreadableInputError(messages.wrong_trust_list_file(reading.said))
        return () if reading.content is None else reading.content.entries

    def signed(self) -> SignedTrustList:
        """Return the list in place. Raises `UsageError` without one, `UnreadableInputError`."""
        self.published()
        signed = self._folder.signed()
        if signed is None:
            raise UsageError(messages.NO_TRUST_LIST)
        return signed

    def pins(self) -> bytes:
        """Return the pinned public keys, PEM. Raises `StorageError` if they cannot be read."""
        try:
            return (self._folder.path / SIGNERS).read_bytes()
        except OSError as error:
            raise StorageError(
                messages.signers_file_unreadable(
                    path=SIGNERS, cause_zh=cause_zh(error), strerror=error.strerror
                ),
            ) from error

    def entries(self) -> tuple[Anchor, ...]:
        """Return the contents of the next version: the draft, else what is published.

        Raises `UnreadableInputError` for a draft, or a list below it, that cannot be built on.
        """
        draft = self._draft()
        return self.published() if draft is None else draft

    def change(self) -> TrustListChange | None:
        """Return the changes that the draft would make; None without one."""
        draft = self._draft()
        if draft is None:
            return None
        now, then = dict.fromkeys(self.published()), dict.fromkeys(draft)
        return TrustListChange(
            tuple(one for one in then if one not in now),
            tuple(one for one in now if one not in then),
        )

    def add(self, entries: Iterable[Anchor], permit: Permit) -> tuple[Anchor, ...]:
        """Put entries into the draft, and return those that are new."""
        with self._changing(permit):
            known = self.entries()
            fresh = tuple(one for one in dict.fromkeys(entries) if one not in known)
            self._write_draft((*known, *fresh))
        return fresh

    def replace_source(
        self, source: str, entries: Iterable[Anchor], permit: Permit
    ) -> TrustListChange:
        """Put what another list holds now in the place of what was taken from it before."""
        with self._changing(permit):
            known, new = self.entries(), tuple(dict.fromkeys(entries))
            old = tuple(one for one in known if sequence_of(one, source) is not None)
            kept = tuple(one for one in known if one not in old)
            self._write_draft((*kept, *new))
        alike = {_without_list(one) for one in old} & {_without_list(one) for one in new}
        return TrustListChange(
            tuple(one for one in new if _without_list(one) not in alike),
            tuple(one for one in old if _without_list(one) not in alike),
        )

    def remove(self, fingerprint: str, permit: Permit) -> tuple[Anchor, ...]:
        """Take the entries of a certificate out of the draft, and return them.

        `fingerprint` is its SHA-256 or the beginning of it. Raises `UsageError` if there is none,
        or several certificates begin so.
        """
        with self._changing(permit):
            known = self.entries()
            gone = find_entries(known, fingerprint)
            self._write_draft(one for one in known if one not in gone)
        return gone

    def discard(self, permit: Permit) -> bool:
        """Drop the draft; tell whether there was one."""
        with self._changing(permit):
            path = self._folder.path / DRAFT
            there = path.exists()
            path.unlink(missing_ok=True)
        return there

    def sign(self, valid_for: timedelta, basis: str, permit: Permit) -> SignedTrustList:
        """Publish the draft, or what is published anew, as the next version.

        The event is on record before the key signs, and the pins are those of the keys that are in
        use, this one among them. Raises what the key store raises, `AuditUnavailableError`,
        `StorageError`.
        """
        if not timedelta(0) < valid_for <= LONGEST:
            raise UsageError(messages.validity_out_of_range(LONGEST.days))
        with self._changing(permit):
            signer = self._open_key()
            content = self._next(valid_for)
            key = str(signer.info.key_id)
            self._record(content, basis, permit)
            signed = SignedTrustList(content, key, signer.sign(statement(content, key)))
            # The pins first: a list whose signer is not pinned yet would not be used.
            write_atomically(self._folder.path / SIGNERS, self._keys_in_use(), mode=PUBLIC)
            write_atomically(self._folder.path / LIST, signed.encode(), mode=PUBLIC)
            (self._folder.path / DRAFT).unlink(missing_ok=True)
            self._folder.read(self._clock.now())  # remembers the version
        return signed

    def _next(self, valid_for: timedelta) -> TrustList:
        now, seen, reading = self._clock.now(), self._folder.seen(), self.reading()
        entries = self.entries()
        last = max(
            0 if seen is None else seen.version,
            0 if reading.content is None else reading.content.version,
        )
        return TrustList(last + 1, now, now + valid_for, in_order(entries))

    def _record(self, content: TrustList, basis: str, permit: Permit) -> None:
        with self._database().writing() as connection:
            record(
                connection,
                at=content.issued_at,
                actor=permit.actor,
                action="trust_list.signed",
                subject=f"trust-list:{content.version}",
                basis=basis,
                after={
                    "version": content.version,
                    "entries": len(content.entries),
                    "next_update": content.next_update.isoformat(),
                    "sha256": _digest(content.entries),
                },
            )

    def _open_key(self) -> Signer:
        """Open the newest of the list's keys that is not retired; one is made if there is none."""
        keys, known = self._keys(), self._known_keys()
        for one in sorted(known, key=lambda key: key.created_at, reverse=True):
            with suppress(KeyRetiredError):
                return keys.open(one.key_id, KeyPurpose.TRUST_LIST)
        key_id = KeyId(f"trust-list-{len(known) + 1}")
        with suppress(KeyExistsError):  # another process was faster
            keys.generate(key_id, KeyPurpose.TRUST_LIST, KeyAlgorithm.ECDSA_P256)
        return keys.open(key_id, KeyPurpose.TRUST_LIST)

    def _known_keys(self) -> list[KeyInfo]:
        known = self._keys().list_keys()
        return [one for one in known if one.purpose is KeyPurpose.TRUST_LIST]

    def _keys_in_use(self) -> bytes:
        keys = self._keys()
        return b"".join(
            load_der_public_key(one.spki).public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
            )
            for one in self._known_keys()
            if keys.may_open(one.key_id, KeyPurpose.TRUST_LIST)
        )

    def _draft(self) -> tuple[Anchor, ...] | None:
        try:
            data = (self._folder.path / DRAFT).read_bytes()
        except FileNotFoundError:
            return None
        try:
            return entries_from_json(json.loads(data)["entries"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UnreadableInputError(messages.DRAFT_UNREADABLE) from error

    def _write_draft(self, entries: Iterable[Anchor]) -> None:
        value: dict[str, object] = {"entries": entries_to_json(in_order(entries))}
        write_atomically(self._folder.path / DRAFT, canonical_json(value), mode=0o600)

    @contextmanager
    def _changing(self, permit: Permit) -> Iterator[None]:
        """Hold the folder, for one process at a time. Raises `NotAllowedError`."""
        permit.require(Action.MANAGE_TRUST)
        make_private_directory(self._home / FOLDER)
        with locked(self._home / FOLDER / ".lock"):
            yield


def find_entries(entries: Sequence[Anchor], fingerprint: str) -> tuple[Anchor, ...]:
    """Return the entries of the certificate whose SHA-256 begins so. Raises `UsageError`."""
    wanted = fingerprint.lower().replace(":", "").replace(" ", "")
    found = tuple(one for one in entries if wanted and one.sha256.startswith(wanted))
    if not found:
        raise UsageError(messages.fingerprint_not_listed(fingerprint))
    if len({one.sha256 for one in found}) > 1:
        raise UsageError(messages.fingerprint_ambiguous(fingerprint))
    return found


def sequence_of(entry: Anchor, source: str) -> int | None:
    """Return the number of the list that an entry was taken from, if it is of that source."""
    name, _, number = entry.list_name.rpartition(" ")
    return int(number) if name == source and number.isascii() and number.isdigit() else None


def newest_sequence(entries: Iterable[Anchor], source: str) -> int | None:
    """Return the highest number of a list that entries were taken from."""
    numbers = [sequence_of(one, source) for one in entries]
    return max((one for one in numbers if one is not None), default=None)


def _without_list(entry: Anchor) -> tuple[str, str, datetime | None, datetime | None]:
    return entry.sha256, entry.service, entry.recognised_from, entry.recognised_until


def _digest(entries: Sequence[Anchor]) -> str:
    return hashlib.sha256(canonical_json({"entries": entries_to_json(entries)})).hexdigest()
