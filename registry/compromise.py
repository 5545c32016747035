"""What happens to licences when a seal's key falls into other hands.

1. The case is recorded: which key, since when, on which basis.
2. The certificate is revoked (keyCompromise, with the invalidity date) and the CRL signed; from
   here on the seal seals nothing.
3. Grants under way lose their claim, so that nothing sealed before 2 is registered after it.
4. Every licence under the seal is judged. One whose seal a trusted timestamp places before the
   invalidity date stays. Any other might have been made by the thief as well, and no validator
   can tell: it leaves force (SUSPENDED, SEAL_COMPROMISED), since the right stands and only its
   document is no proof any more. One that was suspended already is noted, so that it does not come
   back into force with that document.
5. What left force comes back by being sealed anew (`registry.resealing`).

Each step can be repeated, and each licence is a transaction of its own: after a crash the same
case goes on where it stopped. Validators elsewhere judge by the date of the revocation, which
cannot lie in the past (RFC 5280 5.3.2), and pass what was sealed between the two dates; only ours,
the register's answer, and re-sealing close that gap.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, insert, select, update

from ca.crl import CrlIssuer
from ca.ledger import Ledger, LedgerEntry, RevocationReason
from core.clock import Clock, civil_date
from core.ids import LicenceIdentifier, Random, SealId, random_token
from registry import audit
from registry.audit import Actor
from registry.database import Database
from registry.licences import (
    MAX_BASIS_CHARACTERS,
    Change,
    InvalidChangeError,
    change_state,
    find_licence,
    list_revisions,
)
from registry.model import ConflictError, Finding, LicenceState, Reason
from registry.store import ObjectStore
from registry.tables import compromised_licences, compromises, licences
from registry.verification import DocumentValidator
from signing.report import Indication, SignatureKind, ValidationReport
from signing.trust import TrustMaterial

TIMESTAMP_ACCURACY = timedelta(seconds=1)
"""How far a timestamp of ours may be off (`ca.tsa`): only what is earlier by more is before."""
_HELD = (LicenceState.IN_FORCE, LicenceState.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Case:
    """One compromise, as it was reported."""

    compromise_id: int
    seal_id: SealId
    certificate_sha256: str
    since: datetime
    """The invalidity date."""
    basis: str
    reseal: bool
    judged_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of one licence."""

    identifier: LicenceIdentifier
    finding: Finding
    proven_at: datetime | None
    """The trusted time of its seal, whether before or after."""
    state: LicenceState
    """After it was judged; as it is now in a dry run."""
    left_force: bool
    """It leaves force for this, or would in a dry run."""


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
        actor: Actor,
    ) -> None:
        self._database = database
        self._store = store
        self._validator = validator
        self._trust = trust
        self._workers = workers
        self._clock = clock
        self._zone = zone
        self._random = random
        self._actor = actor

    def unfinished(self, seal_id: SealId) -> Case | None:
        """Return the case of a seal that has not been carried out wholly."""
        query = select(compromises).where(
            compromises.c.seal_id == seal_id, compromises.c.finished_at.is_(None)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _case(row)

    def open(
        self, seal_id: SealId, certificate_sha256: str, since: datetime, basis: str, *, reseal: bool
    ) -> Case:
        """Record a case. Raises `ConflictError` while another of that seal is unfinished."""
        if not 1 <= len(basis.strip()) <= MAX_BASIS_CHARACTERS:
            raise InvalidChangeError(
                f"须写明依据(1 到 {MAX_BASIS_CHARACTERS} 字)。",
                f"State the basis (1 to {MAX_BASIS_CHARACTERS} characters).",
            )
        if self.unfinished(seal_id) is not None:
            raise ConflictError(
                "此印章还有未办完的泄露处置，请先用 --resume 办完。",
                "An earlier case of this seal is unfinished; go on with it by --resume.",
            )
        now = self._clock.now()
        values = {
            "seal_id": seal_id,
            "certificate_sha256": certificate_sha256,
            "since": since,
            "basis": basis,
            "reseal": reseal,
            "started_at": now,
        }
        with self._database.writing() as connection:
            row = connection.execute(
                insert(compromises).values(values).returning(compromises)
            ).one()
            facts = {"certificate_sha256": certificate_sha256, "since": since.isoformat()}
            self._record(connection, "seal.compromised", _case(row), facts)
        return _case(row)

    def revoke(self, case: Case, entry: LedgerEntry, ledger: Ledger, crls: CrlIssuer) -> None:
        """Revoke the certificate unless it was, and sign the CRL; grants under way are cut off."""
        intent, reason = entry.intent, RevocationReason.KEY_COMPROMISE
        if not is_told(entry, case.since):
            now, since = self._clock.now(), case.since
            ledger.revoke(
                intent.issuer, intent.serial, reason, now, invalidity_at=since, basis=case.basis
            )
        crls.current(intent.shard)
        with self._database.writing() as connection:
            connection.execute(
                update(licences)
                .where(licences.c.seal_id == case.seal_id, licences.c.state == LicenceState.PENDING)
                .values(claim=random_token(self._random))
            )

    def waiting(self, case: Case) -> list[LicenceIdentifier]:
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

    def judge(self, case: Case, identifiers: Sequence[LicenceIdentifier]) -> Iterator[Judged]:
        """Judge licences in order, and take out of force what is not proven."""
        for identifier, finding, proven_at in self._findings(case, identifiers):
            with self._database.writing() as connection:
                judged = self._judged(connection, identifier, finding, proven_at)
                connection.execute(
                    insert(compromised_licences).values(
                        compromise_id=case.compromise_id,
                        identifier=identifier,
                        finding=finding,
                        proven_at=proven_at,
                        judged_at=self._clock.now(),
                    )
                )
                if judged.left_force:
                    change_state(
                        connection,
                        identifier,
                        Change.DISTRUST,
                        reason=Reason.SEAL_COMPROMISED,
                        basis=case.basis,
                        actor=self._actor,
                        at=self._clock.now(),
                    )
                    judged = self._judged(connection, identifier, finding, proven_at, left=True)
            yield judged

    def preview(self, case: Case, identifiers: Sequence[LicenceIdentifier]) -> Iterator[Judged]:
        """Say what `judge` would find; changes nothing."""
        for identifier, finding, proven_at in self._findings(case, identifiers):
            with self._database.reading() as connection:
                yield self._judged(connection, identifier, finding, proven_at)

    def note_judged(self, case: Case) -> None:
        """Record that every licence was judged."""
        with self._database.writing() as connection:
            self._note(connection, case, "judged_at")

    def finish(self, case: Case) -> None:
        """Record that the case was carried out wholly."""
        with self._database.writing() as connection:
            self._note(connection, case, "finished_at")
            self._record(connection, "seal.compromise_finished", case, {})

    def _findings(
        self, case: Case, identifiers: Sequence[LicenceIdentifier]
    ) -> Iterator[tuple[LicenceIdentifier, Finding, datetime | None]]:
        def look(identifier: LicenceIdentifier) -> tuple[Finding, datetime | None]:
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
        finding: Finding,
        proven_at: datetime | None,
        *,
        left: bool = False,
    ) -> Judged:
        licence = find_licence(connection, identifier)
        state = licence.effective_state(civil_date(self._clock.now(), self._zone))
        # One that has expired is out of force already, and its state follows from its date.
        leaves = (
            finding is Finding.UNPROVEN
            and licence.state is LicenceState.IN_FORCE
            and state is not LicenceState.EXPIRED
        )
        return Judged(identifier, finding, proven_at, state, left or leaves)

    def _identifiers(self, query: Select[str]) -> list[LicenceIdentifier]:
        with self._database.reading() as connection:
            return [LicenceIdentifier(one) for (one,) in connection.execute(query)]

    def _note(self, connection: Connection, case: Case, column: str) -> None:
        connection.execute(
            update(compromises)
            .where(compromises.c.compromise_id == case.compromise_id)
            .values({column: self._clock.now()})
        )

    def _record(
        self, connection: Connection, action: str, case: Case, facts: dict[str, str]
    ) -> None:
        audit.record(
            connection,
            at=self._clock.now(),
            actor=self._actor,
            action=action,
            subject=case.seal_id,
            basis=case.basis,
            after=facts,
        )


def is_told(entry: LedgerEntry, since: datetime) -> bool:
    """Tell whether a certificate's revocation says already what a case has to say."""
    invalid_at = entry.invalidity_at
    compromised = entry.reason is RevocationReason.KEY_COMPROMISE
    return compromised and invalid_at is not None and invalid_at <= since


def find(report: ValidationReport, case: Case) -> tuple[Finding, datetime | None]:
    """Say whether a document proves that the seal in question was made before the key was lost.

    Its trusted time comes from a timestamp whose own chain was judged; a unit whose certificate is
    revoked for compromise proves nothing.
    """
    seals = [
        one
        for one in report.signatures
        if one.kind is not SignatureKind.TIMESTAMP
        and one.certificate_sha256 == case.certificate_sha256
    ]
    if report.signatures and not seals:
        return Finding.OTHER_KEY, None
    times = [one.best_time for one in seals if one.best_time is not None]
    proven = (
        bool(seals)
        and len(times) == len(seals)
        and all(one.indication is Indication.TOTAL_PASSED for one in seals)
        and max(times) + TIMESTAMP_ACCURACY < case.since
    )
    return Finding.PROVEN if proven else Finding.UNPROVEN, max(times, default=None)


def preview_case(seal_id: SealId, certificate_sha256: str, since: datetime) -> Case:
    """Return a case for a dry run, which is not recorded."""
    return Case(
        0, seal_id, certificate_sha256, since, "", reseal=False, judged_at=None, finished_at=None
    )


def _under(seal_id: SealId) -> Select[str]:
    return (
        select(licences.c.identifier)
        .where(licences.c.seal_id == seal_id, licences.c.state.in_(_HELD))
        .order_by(licences.c.created_at.desc(), licences.c.identifier)
    )


def _case(row: Row[tuple[object, ...]]) -> Case:
    column = row._mapping  # noqa: SLF001  # SQLAlchemy's public accessor, in spite of its name
    return Case(
        compromise_id=column["compromise_id"],
        seal_id=SealId(column["seal_id"]),
        certificate_sha256=column["certificate_sha256"],
        since=column["since"],
        basis=column["basis"],
        reseal=column["reseal"],
        judged_at=column["judged_at"],
        finished_at=column["finished_at"],
    )
