"""An officer's own signature over a pending licence: the server's side of it.

1. *prepare*: the page as it is drawn from the record is handed out; of it only digest, time and
   room are kept.
2. *keep*: the page is drawn again. If it is the same, and the value is the officer's over it, the
   signature with its timestamp is kept, once.
3. *seal*: the page is drawn a third time and the signature put in: what is sealed is what the
   register says, whatever somebody wrote beside it. A page that comes out otherwise (an update
   between the steps changed fonts or layout) has to be signed anew.

The officer is named in the licence's face, of which journal and audit know: a licence that waits
for them is not sealed without them.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from sqlalchemy import Connection

from core.clock import Clock
from core.ids import LicenceIdentifier
from core.permits import Actor
from identity.people.model import identity_of
from registry.audit.chain import NewEvent, append
from registry.audit.recorder import SERVICE, to_events
from registry.db.database import Database
from registry.granting import messages
from registry.granting.person_rows import (
    PersonSignature,
    SignatureLapsedError,
    find_signature,
    hand_out,
    keep_signature,
    waiting_for,
)
from registry.granting.reservation import PendingGrant
from registry.granting.sealing import Drawn, SealingRoom
from registry.model import ConflictError, RegistryError
from registry.officers.certificates import certificates_of
from registry.officers.identities import has_ended
from signing.seal_check.check import signed_page_holds
from signing.sealing.pades import SealedDocument
from signing.sealing.person_form import read_empty_page, read_page
from signing.sealing.person_form import to_be_signed as octets_of
from signing.sealing.personal import PersonalSigning

HELD = timedelta(hours=1)
"""Time in which a page that was handed out is to be signed and sealed."""
PATIENCE = timedelta(days=7)
"""Time for which a licence waits for its officer, before its number is given up."""


class AwaitsSignatureError(ConflictError):
    """A pending licence waits for its officer's signature."""

    code = "awaits_signature"


class SignerGoneError(RegistryError):
    """The officer who was to sign left, or did not sign in time: the licence is given up."""

    code = "signer_gone"


@dataclass(frozen=True, slots=True)
class PreparedSignature:
    """A page to be signed, and what its signature is over."""

    identifier: LicenceIdentifier
    page: bytes
    to_be_signed: bytes
    """The signed attributes (a SET OF, DER): to be compared with what the client makes itself."""
    expires_at: datetime


def refuse_unsigned(connection: Connection, identifier: LicenceIdentifier, now: datetime) -> None:
    """See that a pending licence has the signature that it waits for, if it waits for one.

    Raises `AwaitsSignatureError`, and `SignerGoneError` where it waits in vain.
    """
    waiting = waiting_for(connection, identifier)
    if waiting is None:
        return
    if has_ended(connection, waiting.signer):
        raise SignerGoneError(messages.SIGNER_LEFT)
    kept = find_signature(connection, identifier)
    if kept is not None and _use_ended(connection, waiting.signer, kept.certificate):
        raise SignerGoneError(messages.SIGNER_LEFT)
    if kept is not None and kept.cms is not None and now < kept.expires_at:
        return
    if waiting.since <= now - PATIENCE:
        raise SignerGoneError(messages.SIGNER_SILENT)
    raise AwaitsSignatureError(messages.AWAITS_SIGNATURE)


def _use_ended(connection: Connection, signer: str, certificate: bytes) -> bool:
    """Tell whether its officer may use a certificate no more: also one that is not revoked."""
    serial = x509.load_der_x509_certificate(certificate).serial_number
    owner = identity_of(signer)
    known = [] if owner is None else certificates_of(connection, owner)
    return not any(one.serial == serial and one.ended_at is None for one in known)


class PersonSigning:
    """Pages of pending licences, for the officers who sign them."""

    def __init__(
        self,
        *,
        database: Database,
        room: SealingRoom,
        clock: Clock,
        draw: Callable[[PendingGrant], Drawn],
        roots: Callable[[], tuple[bytes, ...]],
    ) -> None:
        self._roots = roots
        self._database = database
        self._room = room
        self._clock = clock
        self._draw = draw

    def check(self, certificate: bytes) -> None:
        """See that a certificate (DER) may sign now, before a number is taken.

        Raises `ForeignCertificateError`, `NoPersonError`, `SignerRefusedError`.
        """
        self._room.person(certificate).check()

    def prepare(
        self,
        pending: PendingGrant,
        certificate: bytes,
        guard: Callable[[Connection], object],
    ) -> PreparedSignature:
        """Hand out a page to be signed; `guard` runs in the transaction that notes it."""
        person = self._room.person(certificate)
        person.check()
        now = self._clock.now()
        room, ends = person.room(), x509.load_der_x509_certificate(certificate).not_valid_after_utc
        identifier = pending.licence.identifier
        page = self._room.page_for(person, self._draw(pending), now, room)
        digest = hashlib.sha256(page).hexdigest()
        row = PersonSignature(certificate, room, digest, now, min(now + HELD, ends))
        with self._database.writing() as connection:
            guard(connection)
            hand_out(connection, identifier, row)
        return PreparedSignature(identifier, page, octets_of(page, certificate), row.expires_at)

    def keep(
        self,
        pending: PendingGrant,
        value: bytes,
        actor: Actor,
        guard: Callable[[Connection, bytes], object],
    ) -> None:
        """Keep the officer's signature over the page that was handed out.

        `guard` runs in the transaction that keeps it, with the certificate (DER).

        Raises `SignatureLapsedError`, `PersonSignatureError`, and as `check`.
        """
        identifier = pending.licence.identifier
        with self._database.reading() as connection:
            row = find_signature(connection, identifier)
        if row is None or row.cms is not None or row.expires_at <= self._clock.now():
            raise SignatureLapsedError(messages.SIGNATURE_LAPSED)
        person, page, _ = self._page(pending, row)
        with self._room.signed.purpose(identifier):
            signed = read_page(person.embed(page, value))
        now = self._clock.now()
        event = NewEvent(
            at=now,
            actor=actor,
            action="licence.signed",
            subject=identifier,
            after={
                "certificate": hashlib.sha256(row.certificate).hexdigest(),
                "page": row.page_sha256,
            },
        )
        signed_here = self._room.signed
        with signed_here.handing_over() as made, self._database.writing() as connection:
            guard(connection, row.certificate)
            keep_signature(connection, identifier, row.page_sha256, signed.contents, now)
            append(connection, [*to_events(made, SERVICE), event])

    def seal(self, pending: PendingGrant) -> SealedDocument:
        """Seal a page that its officer signed.

        Raises `AwaitsSignatureError` where they did not, `SignatureLapsedError`, and as `Sealer`.
        """
        with self._database.reading() as connection:
            row = find_signature(connection, pending.licence.identifier)
        if row is None or row.cms is None:
            raise AwaitsSignatureError(messages.AWAITS_SIGNATURE)
        person, page, drawn = self._page(pending, row)
        signed = read_empty_page(page).with_contents(row.cms)
        # What waited in the database may have been spoilt there, and a seal is for good.
        if not signed_page_holds(signed, self._roots()):
            raise SignatureLapsedError(messages.SIGNATURE_LAPSED)
        return self._room.seal_signed(person, drawn, row.prepared_at, signed)

    def _page(
        self, pending: PendingGrant, row: PersonSignature
    ) -> tuple[PersonalSigning, bytes, Drawn]:
        """Draw the page again. Raises `SignatureLapsedError` where it is not what it was."""
        person, drawn = self._room.person(row.certificate), self._draw(pending)
        page = self._room.page_for(person, drawn, row.prepared_at, row.room)
        if hashlib.sha256(page).hexdigest() != row.page_sha256:
            raise SignatureLapsedError(messages.SIGNATURE_LAPSED)
        return person, page, drawn
