"""Reconciliation of counters and series with the licences that bear their numbers.

1. No two licences that hold a number at the same time have one number, unless they are versions of
   one licence. The first may have expired before the other was granted.
2. A series is open while a version of it holds its number.
3. A counter has come as far as what was named by it.
"""

from collections.abc import Iterator

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.counters import VERSIONS, counted
from registry.db.tables import audit_events, counters, licences, series
from registry.model import LicenceState
from registry.reconcile.events import AT_ONCE, day_of, instant_of

_IN_FORCE = (LicenceState.IN_FORCE, LicenceState.SUSPENDED)
_HOLDING = (LicenceState.PENDING, *_IN_FORCE)
_SEQUENCE_LENGTH = len(".000000001")


def check_numbers(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    yield from _check_doubles(connection)
    yield from _check_open(connection)
    yield from _check_versions(connection)
    yield from _check_sequences(connection)


def _check_doubles(connection: Connection) -> Iterator[AuditFinding]:
    one, other = licences.alias("one"), licences.alias("other")
    days = [type_coerce(side.c.valid_until, String) for side in (one, other)]
    instants = [type_coerce(side.c.created_at, String) for side in (one, other)]
    query = (
        select(one.c.number, one.c.identifier, other.c.identifier, *days, *instants)
        .join(other, and_(one.c.type_code == other.c.type_code, one.c.number == other.c.number))
        .where(one.c.series_id < other.c.series_id)
        .where(one.c.state.in_(_HOLDING), other.c.state.in_(_HOLDING))
        .order_by(one.c.identifier, other.c.identifier)
        .execution_options(yield_per=AT_ONCE)
    )
    with connection.execute(query) as result:
        for number, first, second, first_end, second_end, first_at, second_at in result:
            begun = [
                (instant_of(first_at), first, first_end),
                (instant_of(second_at), second, second_end),
            ]
            begun.sort(key=lambda begin: (str(begin[0]), begin[1]))
            (_, earlier, end), (at, later, _) = begun
            # Which day it was in the service's time zone is not known here: that one or the next.
            ended = end is not None and at is not None and str(day_of(end)) <= f"{at:%Y-%m-%d}"
            if not ended:
                yield findings.doubled(number, earlier, later)


def _check_open(connection: Connection) -> Iterator[AuditFinding]:
    mine = licences.c.series_id == series.c.series_id
    holding = select(literal(1)).where(mine, licences.c.state.in_(_HOLDING)).exists()
    lasts: ColumnElement[bool] = licences.c.valid_until.is_(None)
    last = connection.execute(
        select(type_coerce(audit_events.c.at, String))
        .order_by(audit_events.c.sequence.desc())
        .limit(1)
    ).scalar()
    if (now := instant_of(last)) is not None:  # an expired one may have given its number away
        lasts = or_(lasts, licences.c.valid_until > now.date())
    running = select(literal(1)).where(mine, licences.c.state.in_(_IN_FORCE), lasts).exists()
    newest = select(func.max(licences.c.identifier)).where(mine).scalar_subquery()
    query = (
        select(func.coalesce(newest, series.c.series_id))
        .where(or_(and_(series.c.open, ~holding), and_(~series.c.open, running)))
        .order_by(series.c.series_id)
    )
    for identifier in connection.execute(query).scalars():
        yield findings.edited(Kind.LICENCE, identifier, 0, ["series.open"])


def _check_versions(connection: Connection) -> Iterator[AuditFinding]:
    column = licences.c
    scope = literal(VERSIONS).concat(column.series_id)
    query = (
        select(scope, func.max(column.version), func.max(counters.c.value))
        .outerjoin(counters, counters.c.scope == scope)
        .group_by(column.series_id)
        .having(func.max(column.version) > 1)
        .having(func.coalesce(func.max(counters.c.value), 0) < func.max(column.version))
    )
    for name, given, value in connection.execute(query).all():
        yield findings.set_back(name, value or 0, given)


def _check_sequences(connection: Connection) -> Iterator[AuditFinding]:
    column = series.c.series_id
    of = func.substr(column, 1, func.length(column) - _SEQUENCE_LENGTH)
    newest = connection.execute(select(func.max(column)).group_by(of)).scalars().all()
    known = counted(connection, "sequence:")
    for series_id in newest:
        body, _, given = series_id.rpartition(".")
        code, _, uscc = body.rpartition(".")
        name = f"sequence:{code}:{uscc}"
        if given.isdecimal() and known.get(name, 0) < int(given):
            yield findings.set_back(name, known.get(name, 0), int(given))
