"""Checks of what is stored: documents, photos, and the timestamps that keep them provable."""

import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, func, select

from ca.hierarchy.service_keys import issued_certificates
from ca.issuers import IssuerRole
from ca.profiles.profiles import ProfileKind
from core.ids import Sha256
from core.text import Text
from registry.archive.schedule import look_ahead
from registry.db.tables import licences, revisions
from registry.health.health import HealthFinding, HealthLevel, HealthSubject, fail, ok, warn
from registry.objects.store import DamagedObjectError, ObjectStore
from signing.protection import Protection, offered_by
from signing.sealing_archive import RENEWAL_DIGEST

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
            Text(
                f"{identifier} 的文件缺失或已损坏。",
                f"The document of {identifier} is missing or damaged.",
            ),
            Text("从备份恢复。", "Restore it from a backup."),
        )
    if len(bad) > _TOLD:
        more = len(bad) - _TOLD
        yield HealthFinding(HealthLevel.FAIL, Text(f"另有 {more} 份。", f"{more} more."))
    if not bad and not subject.full:
        yield ok(
            f"抽查 {seen} 份，均完好（--full 检查全部）。",
            f"{seen} looked at, all whole (--full looks at all).",
        )


def check_strays(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Count stored objects that nothing on record names. With `full` only: it lists them all."""
    if not subject.full:
        yield ok("仅在 --full 时检查。", "looked for with --full only.")
        return
    strays = 0
    objects = iter(subject.store.list_objects())
    with subject.database.reading() as connection:
        while group := list(islice(objects, _AT_ONCE)):
            known = set(_named(connection, group))
            strays += sum(one not in known for one in group)
    if strays:
        yield warn(
            Text(
                f"存储中有 {strays} 个未被引用的文件。",
                f"{strays} stored objects are named by nothing.",
            ),
            Text(
                "多为中断操作所留，无害；确认没有正在进行的颁发后可以删除。",
                "Left by work that was cut short, and harmless; may go while nothing is granted.",
            ),
        )


_RENEW_SERVICES = Text("运行 xinyin ca renew。", "Run xinyin ca renew.")


def check_archive(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See which documents need a further timestamp."""
    now = subject.clock.now()
    horizon = now + timedelta(days=subject.settings.archive.due_within_days)
    offers = _offers(subject)
    if offers is None:
        yield warn(
            Text(
                "没有时间戳证书，存档无法续期。",
                "There is no time-stamping unit, so that nothing can be renewed.",
            ),
            _RENEW_SERVICES,
        )
        return
    with subject.database.reading() as connection:
        seen = look_ahead(connection, now=now, horizon=horizon, offers=offers)
    renew = Text("运行 xinyin archive renew。", "Run xinyin archive renew.")
    if seen.overdue:
        yield fail(
            Text(
                f"{seen.overdue} 份存档文件的证明已过期。",
                f"The proof of {seen.overdue} archived documents has run out.",
            ),
            renew,
        )
    if seen.due or seen.unread:
        yield warn(
            Text(
                f"{seen.due} 份存档文件待续期，{seen.unread} 份尚未检查。",
                f"{seen.due} archived documents are due for renewal, {seen.unread} were not read.",
            ),
            renew,
        )
    if seen.waiting:
        yield warn(
            Text(
                f"{seen.waiting} 份即将到期，而时间戳证书的到期日不晚于这些文件。",
                f"{seen.waiting} end soon, and the TSA's certificate lasts no longer.",
            ),
            Text(
                "为时间戳服务更换密钥和证书：xinyin ca renew --force-renewal。",
                "Give the TSA a new key and certificate: xinyin ca renew --force-renewal.",
            ),
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
        query = select(revisions.c.identifier).where(revisions.c.sha256 >= secrets.token_hex(32))
        row = connection.execute(query.order_by(revisions.c.sha256).limit(1)).one_or_none()
        if row is not None and row.identifier not in seen:
            seen.add(row.identifier)
            longest = select(revisions.c.sha256).where(revisions.c.identifier == row.identifier)
            order = revisions.c.sequence.desc()
            sha256 = connection.execute(longest.order_by(order).limit(1)).scalar_one()
            yield row.identifier, Sha256(sha256)


def _every(connection: Connection) -> Iterator[tuple[str, Sha256]]:
    last = (
        select(revisions.c.identifier, func.max(revisions.c.sequence).label("sequence"))
        .group_by(revisions.c.identifier)
        .subquery()
    )
    query = select(revisions.c.identifier, revisions.c.sha256).join(
        last,
        (last.c.identifier == revisions.c.identifier) & (last.c.sequence == revisions.c.sequence),
    )
    for row in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield row.identifier, Sha256(row.sha256)


def _named(connection: Connection, digests: list[Sha256]) -> Iterable[str]:
    for column in (revisions.c.sha256, licences.c.photo_sha256):
        yield from connection.execute(select(column).where(column.in_(digests))).scalars()
