"""Checks of what is stored: documents, photos, and the timestamps that keep them provable."""

import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, Select, func, select

from ca.hierarchy.service_keys import issued_certificates
from ca.issuers import IssuerRole
from ca.profiles.profiles import ProfileKind
from core.ids import Sha256
from core.text import Text
from registry.archive.schedule import look_ahead
from registry.db.tables import licences, revisions
from registry.health import messages
from registry.health.health import HealthFinding, HealthLevel, HealthSubject, fail, ok, warn
from registry.objects.store import DamagedObjectError, ObjectStore
from signing.seal_check.protection import Protection, offered_by
from signing.sealing.archive import RENEWAL_DIGEST

_SAMPLE = 100
_TOLD = 5
_AT_ONCE = 500


def check_documents(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that registered documents are stored unaltered: a random sample, or all."""
    with subject.database.reading() as connection:
        wanted = _every(connection) if subject.full else _sample(connection)
        seen, bad = 0, []
        for identifier, sha256 in wanted:
            seen += 1
            if not _is_whole(subject.store, sha256):
                bad.append(identifier)
    for identifier in bad[:_TOLD]:
        yield fail(
            messages.document_damaged(identifier),
            messages.RESTORE_FROM_BACKUP,
        )
    if len(bad) > _TOLD:
        more = len(bad) - _TOLD
        yield HealthFinding(HealthLevel.FAIL, messages.further_documents(more))
    if not bad and not subject.full:
        yield ok(messages.sampled_objects_intact(seen))


def check_strays(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Count stored objects that nothing on record names. With `full` only: it lists them all."""
    if not subject.full:
        yield ok(messages.SEARCH_NEEDS_FULL)
        return
    strays = 0
    objects = iter(subject.store.list_objects())
    with subject.database.reading() as connection:
        while group := list(islice(objects, _AT_ONCE)):
            known = set(_named(connection, group))
            strays += sum(one not in known for one in group)
    if strays:
        yield warn(
            messages.unreferenced_objects(strays),
            messages.UNREFERENCED_OBJECTS_HARMLESS,
        )


_RENEW_SERVICES = Text("运行 xinyin ca renew。", "Run xinyin ca renew.")


def check_archive(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See which documents need a further timestamp."""
    now = subject.clock.now()
    horizon = now + timedelta(days=subject.settings.archive.due_within_days)
    offers = _offers(subject)
    if offers is None:
        yield warn(
            messages.NO_TIMESTAMPING_UNIT,
            _RENEW_SERVICES,
        )
        return
    with subject.database.reading() as connection:
        seen = look_ahead(connection, now=now, horizon=horizon, offers=offers)
    renew = messages.RENEW_ARCHIVE
    if seen.overdue:
        yield fail(
            messages.archive_proofs_expired(seen.overdue),
            renew,
        )
    if seen.due or seen.unread:
        yield warn(
            messages.archive_renewal_due(due=seen.due, unread=seen.unread),
            renew,
        )
    if seen.waiting:
        yield warn(
            messages.tsa_certificate_ends_too_soon(seen.waiting),
            messages.RENEW_TSA_KEY,
        )


def _offers(subject: HealthSubject) -> Protection | None:
    """Return the protection that a renewal would give; None where there is no unit."""
    found = [
        certificate
        for record in subject.ledger.list_issuers()
        if record.role is IssuerRole.ISSUING
        for certificate in issued_certificates(subject.ledger, record.issuer, ProfileKind.TSA)
    ]
    if not found:
        return None
    newest = max(found, key=lambda one: one.not_valid_before_utc)
    return offered_by(newest.public_bytes(Encoding.DER), RENEWAL_DIGEST)


def _is_whole(store: ObjectStore, sha256: Sha256) -> bool:
    try:
        store.get(sha256)
    except DamagedObjectError:
        return False
    return True


def _sample(connection: Connection) -> Iterator[tuple[str, Sha256]]:
    """Yield documents at random: digests are spread evenly, and indexed."""
    seen = set()
    for _ in range(_SAMPLE):
        query = _kept().where(revisions.c.sha256 >= secrets.token_hex(32))
        row = connection.execute(query.order_by(revisions.c.sha256).limit(1)).one_or_none()
        if row is not None and row.identifier not in seen:
            seen.add(row.identifier)
            longest = select(revisions.c.sha256).where(revisions.c.identifier == row.identifier)
            order = revisions.c.sequence.desc()
            sha256 = connection.execute(longest.order_by(order).limit(1)).scalar_one()
            yield row.identifier, Sha256(sha256)


def _kept() -> Select[tuple[str]]:
    """Return the query of revisions whose bytes are to be there."""
    query = select(revisions.c.identifier)
    query = query.join(licences, licences.c.identifier == revisions.c.identifier)
    return query.where(licences.c.erased_at.is_(None))


def _every(connection: Connection) -> Iterator[tuple[str, Sha256]]:
    last = (
        select(revisions.c.identifier, func.max(revisions.c.sequence).label("sequence"))
        .group_by(revisions.c.identifier)
        .subquery()
    )
    query = (
        _kept()
        .add_columns(revisions.c.sha256)
        .join(
            last,
            (last.c.identifier == revisions.c.identifier)
            & (last.c.sequence == revisions.c.sequence),
        )
    )
    for row in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield row.identifier, Sha256(row.sha256)


def _named(connection: Connection, digests: list[Sha256]) -> Iterable[str]:
    for column in (revisions.c.sha256, licences.c.photo_sha256):
        yield from connection.execute(select(column).where(column.in_(digests))).scalars()
