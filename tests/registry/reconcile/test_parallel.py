"""Several processes find what one finds, in the register and in the journal, and leave nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from core.errors import StorageError
from registry.audit.findings import Fault
from registry.db.tables import licences, revisions
from registry.journal.chunks import JournalChunk, chunks_of
from registry.journal.journal import Journal, JournalKind
from registry.reconcile.outcome import AuditReport
from tests.registry.reconcile.journal.test_checking import take_out
from tests.world import World

MINUTES = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.reconcile.parts.EVENTS_A_PART", 5)
    monkeypatch.setattr("registry.reconcile.parts.LICENCES_A_PART", 1)
    monkeypatch.setattr("registry.journal.chunks.CHUNK_BYTES", 2000)


def verify(world: World, temporary: Path | None = None) -> AuditReport:
    """Verify by one process and by two."""
    audit = world.home.audit
    found, progress = list[AuditReport](), list[tuple[int, int]]()

    def tell(done: int, whole: int) -> None:
        progress.append((done, whole))
        if temporary is not None and done:
            assert list(temporary.iterdir()) == []

    for processes in (1, 2):
        progress.clear()
        found.append(audit.verify(audit.public_keys(), processes=processes, on_progress=tell))
        assert progress == sorted(progress)
        assert len({whole for _, whole in progress}) == 1
    alone, together = found
    assert together.findings == alone.findings
    assert (together.events, together.end) == (alone.events, alone.end)
    assert together.heads == alone.heads
    assert together.unchecked == alone.unchecked
    assert together.journal_entries == alone.journal_entries
    assert progress[-1][0] == progress[-1][1] or alone.journal_entries is None
    return together


def test_several_processes_find_what_one_finds(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    granted = [world.grant(index).licence.identifier for index in range(4)]
    world.home.audit.signer.sign()
    world.clock.advance(MINUTES)
    report = verify(world, temporary)
    assert (report.findings, report.unchecked) == ([], [])
    assert report.heads["database"] == report.heads["journal"] > 0
    assert report.journal_entries == world.home.journal.end.sequence
    with world.home.database.writing() as connection:
        here = licences.c.identifier
        connection.execute(update(licences).where(here == granted[0]).values(link_token="x"))
        connection.execute(update(licences).where(here == granted[1]).values(state="SUSPENDED"))
        connection.execute(delete(revisions).where(revisions.c.identifier == granted[3]))
    report = verify(world, temporary)
    by_fault = {one.fault for one in report.findings}
    assert {Fault.EDITED, Fault.CONTRADICTED, Fault.UNRECORDED} <= by_fault
    take_out(world, JournalKind.DOCUMENT)
    assert len(verify(world).findings) > len(report.findings)
    (path,) = world.home.journal.directory.glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-2], b"{}\n", lines[-1]]))
    report = verify(world)
    assert report.journal_entries is None
    (said,) = [one.en for one in report.unchecked if "ournal" in one.en]
    assert f"Line {len(lines) - 1}" in said
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_what_happens_meanwhile_is_no_finding(
    world: World, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    """The journal is read when all snapshots are open, and knows of all that these show; of a head
    that is newer than they are the event is not missed.
    """
    world.grant(0)
    world.home.audit.signer.sign()
    world.clock.advance(MINUTES)
    numbers = iter(range(1, 3))

    def work() -> None:
        world.grant(next(numbers))
        world.clock.advance(MINUTES)
        assert world.home.audit.signer.sign() is not None

    def meanwhile(kept: Journal) -> list[JournalChunk]:
        work()
        found = chunks_of(kept)
        work()
        return found

    monkeypatch.setattr("registry.reconcile.verification.chunks_of", meanwhile)
    audit = world.home.audit
    before = audit.verify(audit.public_keys(), since_head=True)
    report = audit.verify(audit.public_keys(), processes=processes)
    assert (report.findings, report.unchecked) == ([], [])
    assert report.end == before.end
    assert report.heads["database"] == report.heads["journal"]
    assert list(numbers) == []


def test_no_room_for_the_index_is_told_as_that(
    sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    audit = sqlite_world.home.audit
    with pytest.raises(StorageError, match="TMPDIR"):
        audit.verify(audit.public_keys())
