"""Groups: what they put on record is what single grants do, and each row has its own outcome."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import ColumnElement, Connection, literal_column, select, update

from ca.errors import SealRevokedError
from ca.ledger import RevocationReason
from core.errors import StorageError, XinyinError
from core.ids import LicenceIdentifier
from core.permits import Action
from core.text import Text
from registry.audit.events import list_events
from registry.bodies.authorities import mandated_seal
from registry.db.tables import (
    licences,
    protections,
    revisions,
    search_entries,
    search_grams,
    series,
)
from registry.granting.batches import BatchOrder, BatchStoppedError, RowOutcome, run_groups
from registry.granting.granting import Granted, GrantStep
from registry.granting.groups.granting import Unfinished
from registry.granting.reservation import GrantRequest
from registry.licences.holdings import SecondLicenceError
from registry.licences.licences import UnreadableLicenceError, find_licence
from registry.model import Application, KeyReusedError, LicenceState, NotFoundError, Reason
from signing.levels import PadesLevel
from signing.render.errors import MissingGlyphError
from tests.permits import CHANGE_CERTIFICATE, GRANT
from tests.world import World

_RANDOM = {
    *("face", "request", "sha256", "signed_digest", "imprint", "tst_info_sha256", "hash"),
    *("claim", "salt", "secret", "link_token", "photo_sha256", "judgement", "judgements"),
    *("request_key", "request_digest", "event", "entry", "previous"),
}
"""Facts and columns that differ from one licence to the next, whoever granted it."""
_OF_THE_ROW = {
    *("holders", "holder_code", "holder_name", "data", "words", "number", "number_backwards"),
    *("identifier", "series_id", "subject", "for", "replaces", "valid_from", "valid_until"),
}


def _requests(world: World, slug: str, **rest: object) -> list[GrantRequest]:
    permit = world.home.permit(Action.GRANT)
    return [
        GrantRequest(one, permit, "测试", request_key=f"{slug}-{n}", **rest)  # type: ignore[arg-type]
        for n, one in enumerate(world.applications(slug))
    ]


def _another(request: GrantRequest, code: str, **changed: Any) -> GrantRequest:
    holder = dataclasses.replace(request.application.holders[0], code=code)
    application = dataclasses.replace(request.application, holders=(holder,), **changed)
    return dataclasses.replace(request, application=application, request_key=code)


def _granted(outcomes: list[Granted | XinyinError]) -> list[Granted]:
    assert [one for one in outcomes if isinstance(one, XinyinError)] == []
    return [one for one in outcomes if isinstance(one, Granted)]


def test_a_group_puts_on_record_what_single_grants_do(world: World) -> None:
    for slug, level in (("food-operation", PadesLevel.B_LTA), ("disability", PadesLevel.B_LT)):
        first, *others = _requests(world, slug, level=level)
        alone = world.home.granting.grant(first).licence.identifier
        before = _journal_length(world)
        together = _granted(world.home.open_groups().grant_group(others))
        assert len(together) == len(others) > 0
        expected = _on_record(world, alone)
        for one in together:
            assert _on_record(world, one.licence.identifier) == expected
            with world.home.database.reading() as connection:
                assert find_licence(connection, one.licence.identifier) == one.licence
        kinds = _journal_kinds(world, after=before)
        assert kinds.count("reserved") == kinds.count("document") == len(others)
        assert kinds.index("document") > len(others) - 1, "all are reserved before one is sealed"
    world.check_everything()


def _on_record(world: World, identifier: LicenceIdentifier) -> dict[str, object]:
    """Return all that is on record of a licence, without what differs between any two."""
    with world.home.database.reading() as connection:
        events = [
            {
                "action": one.action,
                "actor": one.actor,
                "basis": one.basis,
                "before": one.before,
                "after": _plain(one.after or {}),
            }
            for one in list_events(connection, limit=10_000)
            if identifier in (one.subject, (one.after or {}).get("for"))
        ]
        found = {
            table.name: [_plain(row) for row in connection.execute(query).mappings()]
            for table, query in (
                (one, select(one).where(one.c.identifier == identifier))
                for one in (licences, revisions, protections, search_entries)
            )
        }
        found["series"] = _series(connection, identifier)
        entry = select(search_entries.c.entry).where(search_entries.c.identifier == identifier)
        grams = select(search_grams.c.gram).where(search_grams.c.entry.in_(entry))
        assert connection.execute(grams).first() is not None
    lengths = {"length", "created_at", "changed_at", "registered_at", "judged_at"}
    for rows in found.values():
        for row in rows:
            assert all(row.pop(name, 1) for name in lengths)
    return {"events": events, **found}


def _series(connection: Connection, identifier: LicenceIdentifier) -> list[dict[str, object]]:
    its = select(licences.c.series_id).where(licences.c.identifier == identifier)
    query = select(series).where(series.c.series_id.in_(its))
    return [_plain(row) for row in connection.execute(query).mappings()]


def _plain(facts: Any) -> dict[str, object]:
    """Return facts, of those that differ between any two licences only whether they are there."""
    shown = {**facts}
    for name, value in facts.items():
        if name in _RANDOM or name in _OF_THE_ROW:
            shown[name] = value is not None
        elif name == "revisions":
            shown[name] = re.sub(r"/\d+/[0-9a-f]{64}", "", value)
    return shown


def _journal_length(world: World) -> int:
    return world.home.journal.end.sequence


def _journal_kinds(world: World, after: int) -> list[str]:
    return [one.kind.value for one in world.home.journal.read(after=after)]


def test_each_row_has_its_own_outcome(world: World) -> None:
    """As if each were granted alone: a bad one fails for itself, and nobody is granted twice."""
    first = _requests(world, "food-operation")[0]
    held = world.home.granting.grant(_another(first, "000000000000000001"))
    unprintable = {**first.application.data, "premises": "\U0001f600"}
    rows = [
        _another(first, "000000000000000002"),
        dataclasses.replace(_another(first, "000000000000000001"), request_key="other"),
        _another(first, "000000000000000003", data=unprintable),
        _another(first, "000000000000000002"),  # the same request again
        dataclasses.replace(_another(first, "000000000000000002"), request_key="second"),
        dataclasses.replace(
            _another(first, "000000000000000004"), request_key="000000000000000001", basis="别的"
        ),
        _another(first, "000000000000000005", type_code="11990000999000101X009"),
        dataclasses.replace(
            _another(first, "000000000000000001"),
            request_key="next",
            replaces=held.licence.identifier,
            reason=Reason.CHANGED,
        ),
        _another(first, "000000000000000006"),
    ]
    outcomes = world.home.open_groups().grant_group(rows)
    kinds = [type(one) for one in outcomes]
    assert kinds == [
        *(Granted, SecondLicenceError, MissingGlyphError, Granted, SecondLicenceError),
        *(KeyReusedError, NotFoundError, Granted, Granted),
    ], outcomes
    good = [one for one in outcomes if isinstance(one, Granted)]
    assert good[1].repeated
    assert good[0].licence.identifier == good[1].licence.identifier
    assert good[2].licence.replaces == held.licence.identifier
    world.check_everything()
    again = world.home.open_groups().grant_group(rows[:1] + rows[8:])
    assert [one.repeated for one in _granted(again)] == [True, True]


class _CutError(BaseException):
    """Stands in for the end of the process."""


def _cut_at(step: GrantStep) -> Callable[[GrantStep], None]:
    def look(now: GrantStep) -> None:
        if now is step:
            raise _CutError

    return look


@pytest.mark.parametrize("step", [GrantStep.RESERVED, GrantStep.STORED, GrantStep.REGISTERED])
def test_what_was_cut_off_is_finished_under_the_same_numbers(
    sqlite_world: World, step: GrantStep
) -> None:
    world = sqlite_world
    first = _requests(world, "food-operation")[0]
    rows = [_another(first, f"{n:018d}") for n in range(3)]
    world.home.on_step = _cut_at(step)
    with pytest.raises(_CutError):
        world.home.open_groups().grant_group(rows)
    del world.home.granting
    world.home.on_step = lambda _: None
    with world.home.database.reading() as connection:
        pending = connection.execute(select(licences.c.identifier, licences.c.state)).all()
    assert len(pending) == 3
    done = step is GrantStep.REGISTERED
    assert {one.state for one in pending} == {"IN_FORCE" if done else "PENDING"}
    outcomes = _granted(world.home.open_groups().grant_group(rows))
    assert {one.licence.identifier for one in outcomes} == {one.identifier for one in pending}
    assert [one.repeated for one in outcomes] == [done] * 3
    world.check_everything()
    with world.home.database.reading() as connection:
        events = list_events(connection, limit=1000)
    names = {one.identifier for one in pending}
    stamped = [one for one in events if (one.after or {}).get("for") in names]
    # What was stamped before it was cut off is on record too.
    assert len(stamped) == (6 if step is GrantStep.STORED else 3)


def test_a_pending_row_that_cannot_be_read_keeps_no_other_from_being_finished(
    world: World,
) -> None:
    first = _requests(world, "food-operation")[0]
    rows = [_another(first, f"{n:018d}") for n in range(3)]
    world.home.on_step = _cut_at(GrantStep.RESERVED)
    with pytest.raises(_CutError):
        world.home.open_groups().grant_group(rows)
    del world.home.granting
    world.home.on_step = lambda _: None
    with world.home.database.writing() as connection:
        names = connection.execute(select(licences.c.identifier)).scalars().all()
        # PostgreSQL refuses what is no JSON at all as it is written.
        spoilt_json = "'{'" if connection.dialect.name == "sqlite" else "'7'"
        values: dict[str, ColumnElement[Any]] = {"holders": literal_column(spoilt_json)}
        connection.execute(update(licences).where(licences.c.identifier == names[0]).values(values))
    unfinished = [Unfinished(LicenceIdentifier(one), GRANT) for one in names]
    spoilt, *others = world.home.open_groups().grant_group(unfinished)
    assert isinstance(spoilt, UnreadableLicenceError)
    assert {one.licence.identifier for one in _granted(others)} == set(names[1:])


def test_a_claim_that_another_process_took_is_not_registered(world: World) -> None:
    first = _requests(world, "food-operation")[0]
    rows = [_another(first, f"{n:018d}") for n in range(2)]
    groups = world.home.open_groups()
    begun = groups.begin(rows)
    with world.home.database.reading() as connection:
        (one, _) = connection.execute(select(licences.c.identifier)).scalars().all()
    other = world.home.open_groups()
    taken = _granted(other.grant_group([Unfinished(LicenceIdentifier(one), GRANT)]))
    outcomes = _granted(groups.complete(begun))
    assert {one.licence.identifier for one in outcomes} >= {taken[0].licence.identifier}
    assert sorted(one.repeated for one in outcomes) == [False, True]
    world.check_everything()


def test_only_whose_claim_stands_registers(sqlite_world: World) -> None:
    """Each of two at work takes over from the other: one document is registered all the same."""
    world = sqlite_world
    first = _requests(world, "food-operation")[0]
    groups, other = world.home.open_groups(), world.home.open_groups()
    begun = groups.begin([_another(first, "000000000000000001")])
    with world.home.database.reading() as connection:
        one = LicenceIdentifier(connection.execute(select(licences.c.identifier)).scalar_one())
    taken_over = other.begin([Unfinished(one, GRANT)])
    (made,) = _granted(groups.complete(begun))
    (handed_out,) = _granted(other.complete(taken_over))
    assert (made.repeated, handed_out.repeated) == (False, True)
    assert made.pdf == handed_out.pdf
    with world.home.database.reading() as connection:
        actions = [event.action for event in list_events(connection, subject=one, limit=1000)]
    assert actions == ["licence.reserved", *["licence.resumed"] * 2, "licence.granted"]
    world.check_everything()


def test_a_fault_of_the_surroundings_is_every_row_s(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    first = _requests(world, "food-operation")[0]
    rows = [_another(first, f"{n:018d}") for n in range(2)]

    def full(_: object) -> None:
        raise StorageError(Text("满", "the disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(world.home.store, "put_all", full)
        outcomes = world.home.open_groups().grant_group(rows)
    assert [type(one) for one in outcomes] == [StorageError, StorageError]
    assert len(_granted(world.home.open_groups().grant_group(rows))) == 2
    world.check_everything()


def test_what_the_caller_asks_for_stops_the_batch(sqlite_world: World) -> None:
    world = sqlite_world
    permit = world.home.permit(Action.GRANT)
    looks = iter([True, False])

    def within(_: Connection) -> None:
        if not next(looks):
            raise BatchStoppedError(Text("停", "stop"))

    def applications() -> Iterator[Application]:
        for number in range(70):
            one = world.applications()[0]
            holder = dataclasses.replace(one.holders[0], code=f"{number:018d}")
            yield dataclasses.replace(one, holders=(holder,), stated=str(number))

    rows = (world.home.recogniser.recognise(one) for one in applications())
    outcomes = run_groups(
        world.home.open_groups(), rows, BatchOrder(name="", permit=permit, within=within)
    )
    done: list[RowOutcome] = []
    with pytest.raises(BatchStoppedError):
        done.extend(outcomes)
    with pytest.raises(StopIteration):
        next(outcomes)
    with world.home.database.reading() as connection:
        states = connection.execute(select(licences.c.state)).scalars().all()
    assert states == [LicenceState.IN_FORCE] * 64


def test_an_answer_about_the_seal_is_reused_for_seconds_only(sqlite_world: World) -> None:
    world = sqlite_world
    first = _requests(world, "food-operation")[0]
    groups = world.home.open_groups()
    rows = [_another(first, f"{n:018d}") for n in range(4)]
    counts = world.home.audit.answers._counts
    _granted(groups.grant_group(rows[:2]))
    made = counts.total()
    _granted(groups.grant_group(rows[2:3]))
    assert counts.total() == made
    world.clock.advance(timedelta(seconds=5))
    _granted(groups.grant_group(rows[3:]))
    assert counts.total() == made + 1


def test_a_seal_revoked_while_a_group_is_sealed_releases_nothing(sqlite_world: World) -> None:
    world = sqlite_world
    home = world.home
    first = _requests(world, "food-operation")[0]
    rows = [_another(first, f"{n:018d}") for n in range(2)]
    groups = home.open_groups()
    begun = groups.begin(rows)
    sealed = begun.wait()
    with home.database.reading() as connection:
        seal = mandated_seal(connection, first.application.type_code, None)
    certificate = x509.load_der_x509_certificate(seal.certificate)
    home.ledger.revoke(
        home.hierarchy.active.record.issuer,
        certificate.serial_number,
        RevocationReason.KEY_COMPROMISE,
        world.clock.now(),
        CHANGE_CERTIFICATE,
    )
    outcomes = groups.complete(dataclasses.replace(begun, wait=lambda: sealed))
    assert [type(one) for one in outcomes] == [SealRevokedError] * 2
    assert home.store.list_objects() == [], "no file with a token"
    with home.database.reading() as connection:
        states = connection.execute(select(licences.c.state)).scalars().all()
        events = list_events(connection, limit=1000)
    assert states == [LicenceState.PENDING] * 2
    stamped = [one for one in events if one.action == "timestamp.made"]
    assert [(one.after or {})["for"] for one in stamped][-2:] == [
        pending.licence.identifier for pending in map(_pending, begun.places)
    ]


def _pending(place: Any) -> Any:
    return place.pending
