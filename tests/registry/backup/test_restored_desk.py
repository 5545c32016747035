"""Batches that a restore cut off are named, and an emergency stays loud, on both engines."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from core.permits import Role
from identity.accounts.break_glass import GROUP, BreakGlass, make_credential
from identity.accounts.model import BREAK_GLASS_ACR, BREAK_GLASS_ISSUER
from identity.people.groups import GroupRule
from registry.desk.judging import SheetAsk
from registry.desk.rights import Rights
from registry.desk.sign_in.break_glass import SqlBreakGlass, acknowledge, list_uses, prepare
from registry.health.health import HealthLevel
from registry.officers.requests import KEPT
from tests.permits import MANAGE_OFFICERS
from tests.registry.backup.test_backup import Machine, back_up
from tests.registry.desk.batch.batch_world import TYPE, BatchWorld, sheet
from tests.registry.desk.sign_in.test_break_glass import PASSWORDS
from tests.registry.health.test_health import levels, look, subject_of
from tests.world import World

REASON = "身份服务中断，须停用一名人员"


@dataclass
class Emergencies:
    """Credentials prepared and used."""

    world: World

    def use(self) -> str:
        """Prepare one and use it; return the id of the use."""
        home = self.world.home
        self.world.clock.advance(timedelta(seconds=1))
        credential, secret_hash = make_credential(PASSWORDS)
        with home.database.writing() as connection:
            now = home.clock.now()
            use_id = prepare(connection, secret_hash, MANAGE_OFFICERS, now, secrets.token_bytes)
        groups = {BREAK_GLASS_ISSUER: (GroupRule(GROUP, Role.ADMINISTRATOR, None),)}
        strong = {BREAK_GLASS_ISSUER: (BREAK_GLASS_ACR,)}
        rights = Rights(home.database, home.clock, home.zone, secrets.token_bytes, groups, strong)
        store = SqlBreakGlass(home.database)
        BreakGlass(store, PASSWORDS, rights, home.clock).use(credential, REASON, "192.0.2.1")
        return use_id

    def acknowledge(self, use_id: str) -> None:
        home = self.world.home
        with home.database.writing() as connection:
            acknowledge(connection, use_id, "已核对", MANAGE_OFFICERS, home.clock.now())


def _asked(desk: BatchWorld, key: str, first: int) -> str:
    made = desk.desk.batches.ask(
        desk.standing("li"), SheetAsk(TYPE, sheet(first=first, count=2)), key
    )
    return made.request_id


def test_batches_that_were_cut_off_are_named_by_report_and_doctor(
    sqlite_world: World, machine: Machine, tmp_path: Path
) -> None:
    desk = BatchWorld(sqlite_world)
    desk.staff()
    desk.begun(sheet(first=0, count=1), key="finished-1")
    desk.desk.worker.work(lambda: False)
    running = desk.begun(sheet(first=1, count=1), key="running-1")
    cancelled = desk.begun(sheet(first=2, count=2), key="cancelled-1")
    desk.desk.jobs.cancel(desk.standing("zhao"), cancelled.job_id, "有误")
    again = desk.begun(sheet(first=4, count=2), key="again-1")
    open_ = _asked(desk, "open-1", 6)
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    merged = machine.restore(snapshot, sqlite_world.home.journal_directory)
    told = {one.request_id: one.begun for one in merged.batches}
    assert told == {running.request_id: True, again.request_id: True, open_: False}
    assert merged.requests == [open_]
    clock = sqlite_world.clock
    with machine.open(clock) as world:
        subject = subject_of(world)
        found = look(subject, "batches")
        assert {one.finding.level for one in found} == {HealthLevel.WARN}
        for request_id in told:
            (said,) = [one.finding for one in found if request_id in one.finding.said.en]
            assert said.advice is not None
            assert "same sheet" in said.advice.en
        clock.advance(KEPT)
        assert levels(subject, "batches") == {HealthLevel.OK}, "nobody could go on with it now"
        subject.close()


def test_an_emergency_that_nobody_acknowledged_is_loud_again(
    sqlite_world: World, machine: Machine, tmp_path: Path
) -> None:
    emergencies = Emergencies(sqlite_world)
    seen, open_, seen_later = emergencies.use(), emergencies.use(), emergencies.use()
    emergencies.acknowledge(seen)
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    emergencies.acknowledge(seen_later)
    since = emergencies.use()
    merged = machine.restore(snapshot, sqlite_world.home.journal_directory)
    assert merged.emergencies == [open_, since]
    with machine.open(sqlite_world.clock) as world:
        subject = subject_of(world)
        found = look(subject, "break-glass")
        assert {one.finding.level for one in found} == {HealthLevel.WARN}
        with world.home.database.reading() as connection:
            uses = {one.use_id: one for one in list_uses(connection)}
        assert uses.keys() == {open_, since}
        assert uses[open_].reason == REASON
        assert uses[open_].prepared_by == MANAGE_OFFICERS.actor.name
        for use_id in uses:
            Emergencies(world).acknowledge(use_id)
        assert levels(subject, "break-glass") == {HealthLevel.OK}
        subject.close()
        whole = subject_of(world, full=True)
        assert levels(whole, "audit", "record") == {HealthLevel.OK}
        whole.close()
