"""Handling of licences whose seal's key fell into other hands.

1. The case is recorded: which key, since when, on which basis.
2. The certificate is revoked (keyCompromise, with the invalidity date) and the CRL signed; from
   here on the seal seals nothing.
3. Grants under way lose their claim, so that nothing sealed before 2 is registered after it.
4. Every licence under the seal is judged. One whose seal a trusted timestamp places before the
   invalidity date stays. Any other might have been made by the thief as well, and no validator
   can tell: it leaves force (SUSPENDED, SEAL_COMPROMISED), since the right stands and only its
   document is no proof any more. One that was suspended already is noted, so that it does not come
   back into force with that document.
5. What left force comes back by being sealed anew (`registry.compromise.resealing`).

Each step can be repeated, and each licence is a transaction of its own: after a crash the same
case goes on where it stopped. Validators elsewhere judge by the date of the revocation, which
cannot lie in the past (RFC 5280 5.3.2), and pass what was sealed between the two dates; only ours,
the register's answer, and re-sealing close that gap.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ca.issuing.crl import CrlIssuer
from ca.issuing.revocation import Revocation, revoked
from ca.ledger import Ledger, LedgerEntry, RevocationReason
from core.clock import Clock, civil_date
from core.ids import IssuerId, LicenceIdentifier, Random, SealId, random_token
from core.permits import Action, Permit
from registry.answers.judging import DocumentValidator
from registry.audit import events as audit
from registry.compromise.cases import (
    CompromiseCase,
    Judged,
    find,
    is_told,
    note_finished,
    note_judged,
    open_case,
    unfinished_case,
)
from registry.db.database import Database
from registry.db.tables import compromised_licences, licences
from registry.licences.countersignatures import cut_off, documents_under
from registry.licences.licences import LicenceChange, change_state, find_licence, list_revisions
from registry.licences.suspending import keep_suspended, settle
from registry.model import CompromiseFinding, ConflictError, LicenceState, Reason
from registry.objects.store import ObjectStore
from signing.trust.anchors import TrustMaterial

_HELD = (LicenceState.IN_FORCE, LicenceState.SUSPENDED)


class Compromises:
    """Carries out cases; one at a time for each seal."""

    def __init__(
        self,
        *,
        database: Database,
        store: ObjectStore,
        validator: DocumentValidator,
        trust: Callable[[], TrustMaterial],
        workers: int,
        clock: Clock,
        zone: ZoneInfo,
        random: Random,
        ledger: Ledger,
        open_crls: Callable[[IssuerId], CrlIssuer],
    ) -> None:
        """`open_crls` opens the key of a CA."""
        self._database = database
        self._store = store
        self._validator = validator
        self._trust = trust
        self._workers = workers
        self._clock = clock
        self._zone = zone
        self._random = random
        self._ledger = ledger
        self._open_crls = open_crls

    def unfinished(self, seal_id: SealId) -> CompromiseCase | None:
        """Return the case of a seal that has not been carried out wholly."""
        with self._database.reading() as connection:
            return unfinished_case(connection, seal_id)

    def open_key(self, entry: LedgerEntry) -> None:
        """Open the key of a certificate's CA; who types a passphrase holds nobody up.

        Raises what the key store raises.
        """
        self._open_crls(entry.intent.issuer)

    def begin(self, case: CompromiseCase, entry: LedgerEntry, permit: Permit) -> CompromiseCase:
        """Record a case, revoke the certificate that it is about, and publish that.

        The key of its CA is opened first, and what cannot be revoked leaves no case behind. Raises
        what `open_case`, `ca.issuing.revocation.revoked` and the key store raise.
        """
        permit.require(Action.HANDLE_COMPROMISE)
        crls = self._open_crls(entry.intent.issuer)
        if not is_told(entry, case.since):
            asked = Revocation(RevocationReason.KEY_COMPROMISE, case.since)
            revoked(entry, asked, self._clock.now())
        opened = self._open(case, permit)
        self._revoke(opened, entry, crls, permit)
        return opened

    def resume(self, case: CompromiseCase, entry: LedgerEntry, permit: Permit) -> None:
        """Go on with a case that was cut off: revoke and publish, where that is missing."""
        permit.require(Action.HANDLE_COMPROMISE)
        self._revoke(case, entry, self._open_crls(entry.intent.issuer), permit)

    def _open(self, case: CompromiseCase, permit: Permit) -> CompromiseCase:
        with self._database.writing() as connection:
            opened = open_case(connection, case, self._clock.now())
            since = case.since.isoformat()
            facts: dict[str, str | bool] = {
                "certificate_sha256": case.certificate_sha256,
                "since": since,
                "reseal": case.reseal,
            }
            self._record(connection, "seal.compromised", case, facts, permit)
        return opened

    def _revoke(
        self, case: CompromiseCase, entry: LedgerEntry, crls: CrlIssuer, permit: Permit
    ) -> None:
        """Revoke the certificate unless it was, and sign the CRL; grants under way are cut off."""
        intent, reason = entry.intent, RevocationReason.KEY_COMPROMISE
        if not is_told(entry, case.since):
            now, since = self._clock.now(), case.since
            self._ledger.revoke(
                intent.issuer,
                intent.serial,
                reason,
                now,
                permit,
                invalidity_at=since,
                basis=case.basis,
            )
        crls.current(intent.shard)
        with self._database.writing() as connection:
            connection.execute(
                update(licences)
                .where(licences.c.seal_id == case.seal_id, licences.c.state == LicenceState.PENDING)
                .values(claim=random_token(self._random))
            )
            cut_off(connection, case.seal_id, random_token(self._random))

    def waiting(self, case: CompromiseCase) -> list[LicenceIdentifier]:
        """Return the licences that are still to be judged, the youngest first: they are likelier
        to leave force.
        """
        column = compromised_licences.c
        judged = select(column.identifier).where(column.compromise_id == case.compromise_id)
        query = _under(case.seal_id).where(licences.c.identifier.not_in(judged))
        return self._identifiers(query)

    def all_under(self, seal_id: SealId) -> list[LicenceIdentifier]:
        """Return all licences in force or suspended that bear a seal."""
        return self._identifiers(_under(seal_id))

    def judge(
        self, case: CompromiseCase, identifiers: Sequence[LicenceIdentifier], permit: Permit
    ) -> Iterator[Judged]:
        """Judge licences in order, and take out of force what is not proven."""
        for identifier, finding, proven_at in self._findings(case, identifiers):
            try:
                yield self._settle(case, identifier, (finding, proven_at), permit)
            except (IntegrityError, ConflictError):
                # Another process judged it, or its authority changed it, in between.
                with self._database.reading() as connection:
                    found = self._judged(connection, identifier, finding, proven_at)
                yield replace(found, left_force=False)

    def _settle(
        self,
        case: CompromiseCase,
        identifier: LicenceIdentifier,
        found: tuple[CompromiseFinding, datetime | None],
        permit: Permit,
    ) -> Judged:
        finding, proven_at = found
        now = self._clock.now()
        values = {
            "compromise_id": case.compromise_id,
            "identifier": identifier,
            "finding": finding,
            "proven_at": proven_at,
            "judged_at": now,
        }
        with self._database.writing() as connection:
            # A suspension that has ended is written down first: what follows is of one in force.
            settle(connection, find_licence(connection, identifier), self._today(), now)
            connection.execute(insert(compromised_licences).values(values))
            judged = self._judged(connection, identifier, finding, proven_at)
            if not judged.left_force:
                before = find_licence(connection, identifier)
                if finding is CompromiseFinding.UNPROVEN and before.suspended_until is not None:
                    keep_suspended(connection, before, permit, now)
                return judged
            changed = change_state(
                connection,
                identifier,
                LicenceChange.DISTRUST,
                reason=Reason.SEAL_COMPROMISED,
                basis=case.basis,
                permit=permit,
                at=now,
                today=self._today(),
            )
        return replace(judged, state=changed.state)

    def preview(
        self, case: CompromiseCase, identifiers: Sequence[LicenceIdentifier]
    ) -> Iterator[Judged]:
        """Say what `judge` would find; changes nothing."""
        for identifier, finding, proven_at in self._findings(case, identifiers):
            with self._database.reading() as connection:
                yield self._judged(connection, identifier, finding, proven_at)

    def note_judged(self, case: CompromiseCase) -> None:
        """Record that every licence was judged."""
        with self._database.writing() as connection:
            note_judged(connection, case, self._clock.now())

    def finish(self, case: CompromiseCase, permit: Permit) -> None:
        """Record that the case was carried out wholly."""
        with self._database.writing() as connection:
            if note_finished(connection, case, self._clock.now()):
                self._record(connection, "seal.compromise_finished", case, {}, permit)

    def _findings(
        self, case: CompromiseCase, identifiers: Sequence[LicenceIdentifier]
    ) -> Iterator[tuple[LicenceIdentifier, CompromiseFinding, datetime | None]]:
        def look(identifier: LicenceIdentifier) -> tuple[CompromiseFinding, datetime | None]:
            with self._database.reading() as connection:
                whole = list_revisions(connection, identifier)[-1]
            document = self._store.get(whole.sha256)
            report = self._validator.validate(document, self._trust(), self._clock.now())
            return find(report, case)

        step = self._workers * 4
        with ThreadPoolExecutor(self._workers) as pool:
            for start in range(0, len(identifiers), step):
                some = identifiers[start : start + step]
                for identifier, found in zip(some, pool.map(look, some), strict=True):
                    yield identifier, *found

    def _judged(
        self,
        connection: Connection,
        identifier: LicenceIdentifier,
        finding: CompromiseFinding,
        proven_at: datetime | None,
    ) -> Judged:
        today = self._today()
        licence = find_licence(connection, identifier).settled(today)
        state = licence.effective_state(today)
        # One that has expired is out of force already, and its state follows from its date.
        leaves = (
            finding is CompromiseFinding.UNPROVEN
            and licence.state is LicenceState.IN_FORCE
            and state is not LicenceState.EXPIRED
        )
        return Judged(identifier, finding, proven_at, state, leaves)

    def _today(self) -> date:
        return civil_date(self._clock.now(), self._zone)

    def _identifiers(self, query: Select[str]) -> list[LicenceIdentifier]:
        with self._database.reading() as connection:
            return [LicenceIdentifier(one) for (one,) in connection.execute(query)]

    def _record(
        self,
        connection: Connection,
        action: str,
        case: CompromiseCase,
        facts: dict[str, str | bool],
        permit: Permit,
    ) -> None:
        audit.record(
            connection,
            at=self._clock.now(),
            actor=permit.require(Action.HANDLE_COMPROMISE),
            action=action,
            subject=case.seal_id,
            basis=case.basis,
            after=facts,
        )


def _under(seal_id: SealId) -> Select[str]:
    bears = licences.c.seal_id == seal_id
    further = licences.c.identifier.in_(documents_under(seal_id))
    return (
        select(licences.c.identifier)
        .where(licences.c.erased_at.is_(None))
        .where(or_(bears, further), licences.c.state.in_(_HELD))
        .order_by(licences.c.created_at.desc(), licences.c.identifier)
    )
