"""Cases of compromised seals on record, and what a document's own proof says in one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from ca.ledger import LedgerEntry, RevocationReason
from core.ids import LicenceIdentifier, SealId
from registry.compromise import messages
from registry.db.tables import compromises
from registry.licences.licences import MAX_BASIS_CHARACTERS
from registry.licences.reasons import InvalidChangeError
from registry.model import CompromiseFinding, ConflictError, LicenceState
from signing.report import Indication, SignatureKind, ValidationReport

TIMESTAMP_ACCURACY = timedelta(seconds=1)
"""How far a timestamp of ours may be off (`ca.timestamps.tsa`): only what is earlier by more is
before."""


@dataclass(frozen=True, slots=True)
class CompromiseCase:
    """One compromise, as it was reported."""

    seal_id: SealId
    certificate_sha256: str
    since: datetime
    """The invalidity date."""
    basis: str
    reseal: bool
    compromise_id: int = 0
    """0: not on record, as in a dry run."""
    judged_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Finding on one licence."""

    identifier: LicenceIdentifier
    finding: CompromiseFinding
    proven_at: datetime | None
    """The trusted time of its seal, whether before or after."""
    state: LicenceState
    """After it was judged; as it is now in a dry run."""
    left_force: bool
    """It leaves force for this, or would in a dry run."""


def unfinished_case(connection: Connection, seal_id: SealId) -> CompromiseCase | None:
    """Return the case of a seal that has not been carried out wholly."""
    query = select(compromises).where(
        compromises.c.seal_id == seal_id, compromises.c.finished_at.is_(None)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _case(row)


def open_case(connection: Connection, case: CompromiseCase, at: datetime) -> CompromiseCase:
    """Record a case and return it with its number.

    Raises `InvalidChangeError`, and `ConflictError` while another of that seal is unfinished.
    """
    if not 1 <= len(case.basis.strip()) <= MAX_BASIS_CHARACTERS:
        raise InvalidChangeError(messages.basis_required(MAX_BASIS_CHARACTERS))
    values = {
        "seal_id": case.seal_id,
        "certificate_sha256": case.certificate_sha256,
        "since": case.since,
        "basis": case.basis,
        "reseal": case.reseal,
        "started_at": at,
    }
    try:
        return _case(
            connection.execute(insert(compromises).values(values).returning(compromises)).one()
        )
    except IntegrityError as error:
        raise ConflictError(messages.COMPROMISE_CASE_UNFINISHED) from error


def note_judged(connection: Connection, case: CompromiseCase, at: datetime) -> None:
    """Record that every licence was judged."""
    _note(connection, case, {"judged_at": at})


def note_finished(connection: Connection, case: CompromiseCase, at: datetime) -> bool:
    """Record that a case was carried out wholly; return whether it was not on record yet."""
    return _note(connection, case, {"finished_at": at})


def _note(connection: Connection, case: CompromiseCase, values: dict[str, datetime]) -> bool:
    this = compromises.c.compromise_id == case.compromise_id, compromises.c.finished_at.is_(None)
    return connection.execute(update(compromises).where(*this).values(values)).rowcount == 1


def is_told(entry: LedgerEntry, since: datetime) -> bool:
    """Tell whether a certificate's revocation says already what a case has to say."""
    invalid_at = entry.invalidity_at
    compromised = entry.reason is RevocationReason.KEY_COMPROMISE
    return compromised and invalid_at is not None and invalid_at <= since


def find(
    report: ValidationReport, case: CompromiseCase
) -> tuple[CompromiseFinding, datetime | None]:
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
        return CompromiseFinding.OTHER_KEY, None
    times = [one.best_time for one in seals if one.best_time is not None]
    proven = (
        bool(seals)
        and len(times) == len(seals)
        and all(one.indication is Indication.TOTAL_PASSED for one in seals)
        and max(times) + TIMESTAMP_ACCURACY < case.since
    )
    return CompromiseFinding.PROVEN if proven else CompromiseFinding.UNPROVEN, max(
        times, default=None
    )


def _case(row: Row[tuple[object, ...]]) -> CompromiseCase:
    column = row._mapping  # noqa: SLF001  # SQLAlchemy's public accessor, in spite of its name
    return CompromiseCase(
        compromise_id=column["compromise_id"],
        seal_id=SealId(column["seal_id"]),
        certificate_sha256=column["certificate_sha256"],
        since=column["since"],
        basis=column["basis"],
        reseal=column["reseal"],
        judged_at=column["judged_at"],
        finished_at=column["finished_at"],
    )
