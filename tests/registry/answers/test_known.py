"""Registered files are recognised by their digests, and the record alone makes no file good."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import IO, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, delete, func, insert, select, update

from ca.issuers import FIRST_ISSUING, IssuerRecord, IssuerRole, IssuerState
from ca.ledger import RevocationReason
from core.errors import StorageError
from core.ids import IssuerId, KeyId, Sha256
from core.permits import Actor
from core.text import Text
from registry.answers.known import Known, KnownFiles, open_known_files
from registry.answers.stored import StoredDocuments
from registry.audit.chain import NewEvent, append
from registry.db.tables import audit_events, licences, revisions
from registry.granting.granting import Granted
from registry.journal.journal import Facts, Journal, JournalKind
from registry.journal.position import Position
from registry.ledger.trust import TrustReader
from registry.licences.licences import list_revisions
from registry.model import LicenceState
from registry.objects.files import FileStore
from registry.objects.store import sha256_of
from registry.revisions.beginnings import beginnings
from registry.revisions.signed_digests import state_signed_digests
from signing.levels import PadesLevel
from signing.report import Indication, LaterChanges, Structure, ValidationReport
from signing.seal_check.check import SealCheck
from signing.trust.anchors import TrustMaterial
from signing.validation import validate_pdf
from tests.permits import CHANGE_CERTIFICATE, MANAGE_CA
from tests.registry.archive.test_renewal import MONTH, run
from tests.registry.reconcile.test_verification import rehash, rows, set_end, write
from tests.signing.sealing.sealing_world import SealingWorld
from tests.world import World

HOUR = timedelta(hours=1)


def files(world: World) -> KnownFiles:
    """Return what looks files up, as in a process of its own."""
    home = world.home
    return open_known_files(
        home.directory,
        home.journal_directory,
        stored=StoredDocuments(home.store),
        clock=home.clock,
        validate=validate_pdf,  # as the sandbox does, in this process
        trust=TrustReader(home.ledger, home.clock),
    )


def find(world: World, pdf: bytes, *, quick: bool = False) -> Known | None:
    with world.home.database.reading() as connection:
        return files(world).find(connection, pdf, quick=quick)


def found(world: World, pdf: bytes) -> Known:
    known = find(world, pdf)
    assert known is not None
    return known


@pytest.mark.parametrize("level", PadesLevel)
def test_what_was_granted_is_known_without_the_sandbox(world: World, level: PadesLevel) -> None:
    granted = world.grant(level=level)
    known = find(world, granted.pdf, quick=True)
    assert known is not None
    assert (known.seal_holds, known.guarded) == (True, True)
    assert known.revision.identifier == granted.licence.identifier
    assert (known.revision.length, known.revision.sha256) == (len(granted.pdf), granted.sha256)
    assert known.judged_at == world.clock.now()
    assert [one.level for one in known.signatures] == [level, None][: len(known.signatures)]
    assert {one.indication for one in known.signatures} == {Indication.TOTAL_PASSED}


def test_the_sealed_part_of_an_archived_document_is_known(sqlite_world: World) -> None:
    granted = sqlite_world.grant(level=PadesLevel.B_LTA)
    with sqlite_world.home.database.reading() as connection:
        sealed, _ = list_revisions(connection, granted.licence.identifier)
    known = found(sqlite_world, granted.pdf[: sealed.length])
    assert (known.revision, known.seal_holds, known.guarded) == (sealed, True, True)
    assert [one.level for one in known.signatures] == ["B-LT"]


@pytest.mark.parametrize("rest", [b"\n", b" ", b"\r\n%%EOF\n", b"%%EOF" * 500, b"x" * 1000])
def test_what_was_added_does_not_hide_the_registered_part(sqlite_world: World, rest: bytes) -> None:
    granted = sqlite_world.grant()
    known = found(sqlite_world, granted.pdf + rest)
    assert (known.revision.sha256, known.seal_holds) == (granted.sha256, True)


def test_other_files_are_not_known(sqlite_world: World) -> None:
    granted = sqlite_world.grant()
    for pdf in (b"", b"%PDF-1.7\n%%EOF\n", granted.pdf[:-1], granted.pdf[1:], b"x" + granted.pdf):
        assert find(sqlite_world, pdf) is None


def test_beginnings_end_after_each_mark() -> None:
    data = b"a%%EOF\r\nb%%EOF\nc%%EOFd%%EOF"
    lengths = [length for length, _ in beginnings(data)]
    assert lengths == [6, 7, 8, 14, 15, 21]
    assert dict(beginnings(data))[8] == sha256_of(b"a%%EOF\r\n")


def test_renewed_archives_are_known(world: World) -> None:
    """Each length that was ever ours; one that the grammar does not know is judged once."""
    lives = [
        world.grant(0),
        world.grant(1, level=PadesLevel.B_LTA),
        world.grant(2, level=PadesLevel.B_T),
    ]
    world.clock.advance(MONTH)
    run(world)
    kept = files(world)
    for granted in lives:
        with world.home.database.reading() as connection:
            known = list_revisions(connection, granted.licence.identifier)
            archived = world.home.store.get(known[-1].sha256)
            for revision in known:
                one = kept.find(connection, archived[: revision.length])
                assert one is not None
                assert (one.revision, one.seal_holds, one.guarded) == (revision, True, True)
    # The archive's first DSS in a file without one changes the catalogue; no parser is needed.
    again = find(world, archived, quick=True)
    assert again is not None
    assert (again.seal_holds, len(again.signatures)) == (True, 2)


@cache
def forger() -> SealingWorld:
    """A CA of other hands, under our names."""
    return SealingWorld()


def forged_pdf(granted: Granted) -> bytes:
    """Return a well-sealed document of the forger's, with an identifier on record."""
    return forger().seal(identifier=granted.licence.identifier).pdf


def row_of(granted: Granted, pdf: bytes, event: int | None) -> dict[str, object]:
    return {
        "identifier": granted.licence.identifier,
        "sequence": 9,
        "length": len(pdf),
        "sha256": sha256_of(pdf),
        "registered_at": datetime.fromisoformat("2026-03-01T00:00:00+00:00"),
        "event": event,
    }


def last_event(connection: Connection) -> int:
    return int(connection.execute(select(func.max(audit_events.c.sequence))).scalar_one())


@pytest.mark.parametrize("bound", ["to nothing", "to another event", "beyond the end"])
def test_a_row_that_no_event_bears_out_is_not_guarded(world: World, bound: str) -> None:
    granted = world.grant()
    pdf = forged_pdf(granted)
    with world.home.database.writing() as connection:
        event = last_event(connection)
        event_of = {"to nothing": None, "to another event": event, "beyond the end": event + 1}
        connection.execute(insert(revisions).values(row_of(granted, pdf, event_of[bound])))
    known = found(world, pdf)
    assert (known.guarded, known.seal_holds) == (False, False)
    assert found(world, granted.pdf).guarded, "what was registered stays guarded"


def test_who_writes_the_database_but_has_no_seals_key_forges_nothing(world: World) -> None:
    """Row, event, every hash, and a root in the ledger: all as our own code would write them."""
    granted, home = world.grant(), world.home
    pdf = forged_pdf(granted)
    root = forger().root.public_bytes(Encoding.DER)
    now = world.clock.now()
    home.ledger.save_issuer(
        IssuerRecord(
            IssuerId("root-2"), IssuerRole.ROOT, None, KeyId("k"), IssuerState.ACTIVE, now, root
        ),
        now,
        permit=MANAGE_CA,
    )
    entry = f"9/{len(pdf)}/{sha256_of(pdf)}"
    event = NewEvent(
        at=now,
        actor=Actor("local:root"),
        action="archive.renewed",
        subject=granted.licence.identifier,
        after={"sequence": 9, "sha256": sha256_of(pdf), "revisions": entry},
    )
    with home.database.writing() as connection:
        end = append(connection, [event])
        connection.execute(insert(revisions).values(row_of(granted, pdf, end.sequence)))
    known = found(world, pdf)
    assert known.guarded, "the record is as if we had written it"
    assert known.seal_holds is False
    assert found(world, granted.pdf).seal_holds is True


def forge_record(world: World, granted: Granted, pdf: bytes) -> None:
    """Register bytes as our own code would, by who writes the database."""
    event = NewEvent(
        at=world.clock.now(),
        actor=Actor("local:root"),
        action="archive.renewed",
        subject=granted.licence.identifier,
        after={"revisions": f"9/{len(pdf)}/{sha256_of(pdf)}"},
    )
    with world.home.database.writing() as connection:
        end = append(connection, [event])
        connection.execute(insert(revisions).values(row_of(granted, pdf, end.sequence)))


def unsigned_update(pdf: bytes, parked: bytes) -> bytes:
    """Append an object that nothing refers to, which parsers find harmless."""
    trailer = pdf[pdf.rindex(b"trailer") :]
    size, place = (
        int(found[1])
        for found in (re.search(rb"/Size (\d+)", trailer), re.search(rb"startxref\n(\d+)", trailer))
        if found
    )
    kept = trailer[trailer.index(b"/Root") : trailer.index(b"/Size")]
    out = pdf + parked
    at = len(out)
    out += b"%d 0 obj\n<< /Hello (unregistered) >>\nendobj\n" % size
    table = b"xref\n%d 1\n%010d 00000 n \n" % (size, at)
    ends = b"trailer\n<<\n%s/Size %d\n/Prev %d\n>>\nstartxref\n%d\n%%%%EOF\n"
    return out + table + ends % (kept, size + 1, place, len(out))


@pytest.mark.parametrize("parked", [b"", b"% /ByteRange\n", b"% /ByteRange [0 1 2 3]\n"])
@pytest.mark.parametrize("level", [PadesLevel.B_B, PadesLevel.B_LTA])
def test_what_is_added_to_a_sealed_file_and_put_on_record_is_not_good(
    sqlite_world: World, level: PadesLevel, parked: bytes
) -> None:
    """However harmless a parser finds it: the seal does not cover it."""
    granted = sqlite_world.grant(level=level)
    pdf = unsigned_update(granted.pdf, parked)
    trust = TrustReader(sqlite_world.home.ledger, sqlite_world.clock)()
    report = validate_pdf(pdf, trust, sqlite_world.clock.now())
    assert {one.later_changes for one in report.signatures} <= {
        LaterChanges.NONE,
        LaterChanges.VALIDATION_DATA,
    }, "the parser finds nothing"
    forge_record(sqlite_world, granted, pdf)
    known = found(sqlite_world, pdf)
    assert known.guarded
    assert known.seal_holds is not True
    assert found(sqlite_world, granted.pdf).seal_holds is True


def test_a_digest_is_not_answered_for_a_licence_that_its_file_does_not_name(
    sqlite_world: World,
) -> None:
    """On a machine without documents, after the file itself was handed in and refused."""
    granted, other = sqlite_world.grant(0), sqlite_world.grant(1)
    with sqlite_world.home.database.writing() as connection:
        gone = revisions.c.identifier == granted.licence.identifier
        connection.execute(delete(revisions).where(gone))
    forge_record(sqlite_world, other, granted.pdf)
    home = sqlite_world.home
    kept = KnownFiles(roots=home.root_files, clock=home.clock)
    with home.database.reading() as connection:
        by_file = kept.find(connection, granted.pdf)
        by_digest = kept.find_digest(connection, granted.sha256)
    assert by_file is not None
    assert by_digest is not None
    assert (by_file.seal_holds, by_digest.seal_holds) == (False, False)


def test_an_edited_event_is_seen_by_its_hash(world: World) -> None:
    granted = world.grant()
    pdf = forged_pdf(granted)
    with world.home.database.writing() as connection:
        event = last_event(connection)
        facts = {"sha256": sha256_of(pdf), "revisions": f"9/{len(pdf)}/{sha256_of(pdf)}"}
        connection.execute(
            update(audit_events).where(audit_events.c.sequence == event).values(after=facts)
        )
        connection.execute(insert(revisions).values(row_of(granted, pdf, event)))
    assert found(world, pdf).guarded is False
    assert found(world, granted.pdf).guarded is False


@pytest.mark.parametrize(
    "values",
    [{"action": "licence.cancelled"}, {"subject": "1.2.156.3005.2.1"}, {"after": {"x": 1}}],
)
def test_only_an_event_of_this_licence_that_registers_counts(
    sqlite_world: World, values: dict[str, object]
) -> None:
    granted = sqlite_world.grant()
    with sqlite_world.home.database.writing() as connection:
        events = rows(connection)
        events[-1] |= values
        rehash(events)
        write(connection, events)
        set_end(connection, events)
    assert found(sqlite_world, granted.pdf).guarded is False


@pytest.mark.parametrize("column", ["length", "sequence", "identifier"])
def test_a_changed_row_is_seen(sqlite_world: World, column: str) -> None:
    granted, other = sqlite_world.grant(0), sqlite_world.grant(1)
    others = other.licence.identifier
    changed = {"length": len(granted.pdf) + 1, "sequence": 5, "identifier": others}
    with sqlite_world.home.database.writing() as connection:
        if column == "identifier":
            connection.execute(delete(revisions).where(revisions.c.identifier == others))
        connection.execute(
            update(revisions)
            .where(revisions.c.sha256 == granted.sha256)
            .values({column: changed[column]})
        )
    known = find(sqlite_world, granted.pdf)
    assert known is None or not known.guarded


def test_one_licences_document_is_not_anothers(sqlite_world: World) -> None:
    """A cancelled licence's file, put on the record of one in force: the file says whose it is."""
    granted, other = sqlite_world.grant(0), sqlite_world.grant(1)
    with sqlite_world.home.database.writing() as connection:
        gone = revisions.c.identifier == granted.licence.identifier
        connection.execute(delete(revisions).where(gone))
        entry = f"9/{len(granted.pdf)}/{granted.sha256}"
        event = NewEvent(
            at=sqlite_world.clock.now(),
            actor=Actor("local:root"),
            action="archive.renewed",
            subject=other.licence.identifier,
            after={"revisions": entry},
        )
        end = append(connection, [event])
        connection.execute(insert(revisions).values(row_of(other, granted.pdf, end.sequence)))
    known = found(sqlite_world, granted.pdf)
    assert (known.guarded, known.seal_holds) == (True, False)


def test_events_from_before_they_listed_revisions_guard_too(world: World) -> None:
    granted = world.grant(level=PadesLevel.B_LTA)
    with world.home.database.writing() as connection:
        events = rows(connection)
        for event in events:
            after = event["after"]
            if isinstance(after, dict):
                event["after"] = {key: after[key] for key in after if key != "revisions"}
        rehash(events)
        write(connection, events)
        set_end(connection, events)
        sealed, _ = list_revisions(connection, granted.licence.identifier)
    assert found(world, granted.pdf).guarded is True
    assert found(world, granted.pdf[: sealed.length]).guarded is True
    pdf = forged_pdf(granted)
    with world.home.database.writing() as connection:
        connection.execute(
            insert(revisions).values(row_of(granted, pdf, int(str(events[-1]["sequence"]))))
        )
    assert found(world, pdf).guarded is False


def test_without_root_files_nothing_is_vouched_for(sqlite_world: World) -> None:
    granted = sqlite_world.grant()
    for path in sqlite_world.home.root_files.directory.iterdir():
        path.unlink()
    known = found(sqlite_world, granted.pdf)
    assert (known.seal_holds, known.guarded) == (None, True)
    assert [one.indication for one in known.signatures] == [Indication.TOTAL_PASSED], "as kept"
    other = forger().root.public_bytes(Encoding.DER)
    sqlite_world.home.root_files.pin(other)
    assert found(sqlite_world, granted.pdf).seal_holds is False


def test_a_revocation_is_applied_at_once(world: World) -> None:
    home = world.home
    known = files(world)
    at_b, at_lt = world.grant(0, level=PadesLevel.B_B), world.grant(1)

    def said(granted: Granted) -> tuple[Indication, str | None]:
        with home.database.reading() as connection:
            one = known.find(connection, granted.pdf)
        assert one is not None
        assert one.seal_holds is True, "the seal holds; its certificate is another matter"
        return one.signatures[0].indication, one.signatures[0].sub_indication

    assert said(at_b) == said(at_lt) == (Indication.TOTAL_PASSED, None)
    with home.database.reading() as connection:
        one = known.find(connection, at_lt.pdf)
    assert one is not None
    named, granted_at = one.signatures[0].certificate_sha256, world.clock.now()
    serial = next(
        entry.intent.serial
        for entry in home.ledger.list_entries(FIRST_ISSUING, profile="seal")
        if entry.certificate and sha256_of(entry.certificate) == named
    )
    world.clock.advance(HOUR)
    home.ledger.hold(FIRST_ISSUING, serial, world.clock.now(), permit=CHANGE_CERTIFICATE)
    assert said(at_b) == (Indication.INDETERMINATE, "REVOKED_NO_POE")
    assert said(at_lt) == (Indication.TOTAL_PASSED, None)
    home.ledger.release(FIRST_ISSUING, serial, world.clock.now(), permit=CHANGE_CERTIFICATE)
    assert said(at_b) == (Indication.TOTAL_PASSED, None)
    home.ledger.revoke(
        FIRST_ISSUING,
        serial,
        RevocationReason.KEY_COMPROMISE,
        world.clock.now(),
        invalidity_at=granted_at,
        permit=CHANGE_CERTIFICATE,
    )
    assert said(at_b) == said(at_lt) == (Indication.TOTAL_FAILED, "REVOKED")


def test_a_digest_is_answered_from_the_stored_document(world: World) -> None:
    granted = world.grant(level=PadesLevel.B_LTA)
    known = files(world)
    with world.home.database.reading() as connection:
        sealed, _ = list_revisions(connection, granted.licence.identifier)
        for sha256 in (granted.sha256, sealed.sha256):
            one = known.find_digest(connection, sha256)
            assert one is not None
            assert (one.revision.sha256, one.seal_holds, one.guarded) == (sha256, True, True)
        assert known.find_digest(connection, Sha256("0" * 64)) is None


def test_a_digest_without_its_document_is_answered_from_what_is_kept(sqlite_world: World) -> None:
    granted, home = sqlite_world.grant(), sqlite_world.home
    known = KnownFiles(roots=home.root_files, clock=home.clock)
    with home.database.reading() as connection:
        one = known.find_digest(connection, granted.sha256)
        assert one is not None
        assert (one.seal_holds, one.guarded) == (None, True)
        assert [each.level for each in one.signatures] == ["B-LT"]
        known.find(connection, granted.pdf)
        seen = known.find_digest(connection, granted.sha256)
    assert seen is not None
    assert seen.seal_holds is True


def test_a_damaged_stored_document_says_nothing(sqlite_world: World) -> None:
    granted, home = sqlite_world.grant(), sqlite_world.home
    FileStore(home.directory / "objects").path(granted.sha256).write_bytes(b"%PDF-")
    with home.database.reading() as connection:
        one = files(sqlite_world).find_digest(connection, granted.sha256)
    assert one is not None
    assert one.seal_holds is None


@pytest.mark.parametrize(
    "values",
    [
        {"policy": "earlier"},
        {"judgement": [{"field": 1}]},
        {"judgement": {"a": 1}},
        {"judgement": None, "judged_at": None, "policy": None},
    ],
)
def test_what_was_kept_by_other_rules_or_hands_is_judged_anew(
    sqlite_world: World, values: dict[str, object]
) -> None:
    granted, home = sqlite_world.grant(), sqlite_world.home
    with home.database.writing() as connection:
        connection.execute(update(revisions).values(values))
    assert [one.level for one in found(sqlite_world, granted.pdf).signatures] == ["B-LT"]
    known = KnownFiles(roots=home.root_files, clock=home.clock)
    with home.database.reading() as connection:
        one = known.find_digest(connection, granted.sha256)
    assert one is not None
    assert one.signatures == ()


def test_what_is_kept_was_judged_when_it_was_registered(world: World) -> None:
    granted, at = world.grant(), world.clock.now()
    with world.home.database.reading() as connection:
        query = select(revisions).where(revisions.c.sha256 == granted.sha256)
        row = connection.execute(query).one()
    assert (row.judged_at, row.policy) == (at, "xinyin-verification-2")
    (kept,) = row.judgement
    assert (kept["level"], kept["indication"]) == ("B-LT", "TOTAL-PASSED")
    assert row.signed_digest == kept["signed_digest"]
    world.clock.advance(HOUR)
    assert found(world, granted.pdf).judged_at == at


def test_the_seals_messages_are_known(world: World) -> None:
    granted = world.grant(level=PadesLevel.B_LTA)
    signed = found(world, granted.pdf).signatures[0].signed_digest
    assert signed is not None
    with world.home.database.reading() as connection:
        assert files(world).sealed_digest_known(connection, signed)
        assert not files(world).sealed_digest_known(connection, "0" * 64)


def test_what_earlier_seals_signed_is_stated_later(world: World) -> None:
    lives = [world.grant(0), world.grant(1, level=PadesLevel.B_LTA), world.grant(2)]
    home = world.home
    signed = [found(world, granted.pdf).signatures[0].signed_digest or "" for granted in lives]
    FileStore(home.directory / "objects").path(lives[2].sha256).unlink()
    with home.database.writing() as connection:
        connection.execute(update(revisions).values(signed_digest=None))
        assert not files(world).sealed_digest_known(connection, signed[0])
    assert state_signed_digests(home.database, home.store, 2) == 2
    assert state_signed_digests(home.database, home.store, 5) == 1
    assert state_signed_digests(home.database, home.store, 5) == 0
    with home.database.reading() as connection:
        stated = [files(world).sealed_digest_known(connection, one) for one in signed]
    assert stated == [True, True, False], "the last one's document is gone"


def test_a_lost_record_is_known_from_the_journal(world: World) -> None:
    granted = world.grant(level=PadesLevel.B_LTA)
    with world.home.database.reading() as connection:
        sealed, _ = list_revisions(connection, granted.licence.identifier)
    known = files(world)
    assert known.is_lost(granted.sha256)
    assert known.is_lost(sealed.sha256)
    assert not known.is_lost(Sha256("0" * 64))
    assert not known.is_lost(Sha256(granted.sha256[:63]))
    without = KnownFiles(roots=world.home.root_files, clock=world.clock)
    assert not without.is_lost(granted.sha256)


def test_the_journal_is_read_once_and_what_is_appended_at_the_next_question(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for unknown digests must not have all of it read each time."""
    world = sqlite_world
    granted, known = world.grant(0), files(world)
    assert known.is_lost(granted.sha256)
    read: list[int] = []
    opened = Path.open

    def counting(path: Path, mode: str = "r") -> IO[Any]:
        read.append(path.stat().st_size)
        return opened(path, mode)

    monkeypatch.setattr(Path, "open", counting)
    assert not known.is_lost(Sha256("0" * 64), Sha256("1" * 64))
    assert read == []
    monkeypatch.undo()
    unknown, later = Sha256("0" * 64), world.grant(1)
    assert known.is_lost(unknown, later.sha256)
    (path,) = world.home.journal_directory.glob("journal-*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"kind":"document"')  # by a process that was killed
    assert not known.is_lost(unknown)
    third = world.grant(2)
    assert known.is_lost(third.sha256)
    kept = path.read_bytes()
    path.unlink()
    assert not known.is_lost(granted.sha256)
    path.write_bytes(kept)
    assert known.is_lost(granted.sha256), "another file"


def test_a_journal_line_that_does_not_hold_is_not_believed(sqlite_world: World) -> None:
    granted, directory = sqlite_world.grant(), sqlite_world.home.journal_directory
    path = max(directory.glob("journal-*.jsonl"))
    path.write_bytes(path.read_bytes().replace(granted.sha256.encode(), b"0" * 64))
    assert not files(sqlite_world).is_lost(Sha256("0" * 64))


def test_a_digest_in_another_entry_is_no_document(sqlite_world: World) -> None:
    sqlite_world.home.journal.append(JournalKind.LOSS_ACCEPTED, {"backup_made_at": "1" * 64})
    assert not files(sqlite_world).is_lost(Sha256("1" * 64))


def test_nothing_is_registered_that_the_journal_does_not_have(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_all = Journal.append_all

    def full(self: Journal, kind: JournalKind, all_facts: Sequence[Facts]) -> Position:
        if kind is JournalKind.DOCUMENT:
            raise StorageError(Text("满", "full"))
        return append_all(self, kind, all_facts)

    monkeypatch.setattr(Journal, "append_all", full)
    with pytest.raises(StorageError):
        world.grant()
    with world.home.database.reading() as connection:
        assert connection.execute(select(licences.c.state)).scalars().all() == [
            LicenceState.PENDING
        ]
        assert connection.execute(select(revisions)).all() == []


def answering(structure: Structure) -> Callable[..., ValidationReport]:
    def validate(data: bytes, trust: TrustMaterial, at: datetime) -> ValidationReport:
        del trust, at
        empty = ValidationReport(structure, (), True, (), (len(data),))
        return replace(empty, notes=("worker_died",))

    return validate


def unsupported(data: bytes, _roots: tuple[bytes, ...], _: object) -> SealCheck:
    """What is said of a seal whose algorithm the check of our own does not know."""
    return SealCheck(None, "unsupported", sealed_length=len(data))


def test_a_sandbox_that_fails_is_asked_again(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = sqlite_world.grant(level=PadesLevel.B_T)
    sqlite_world.clock.advance(MONTH)
    run(sqlite_world)
    monkeypatch.setattr("registry.answers.known.check_seal", unsupported)
    home = sqlite_world.home
    known = KnownFiles(
        roots=home.root_files, clock=home.clock, validate=answering(Structure.FAILED)
    )
    with home.database.reading() as connection:
        longest = list_revisions(connection, granted.licence.identifier)[-1]
        pdf = home.store.get(longest.sha256)
        one = known.find(connection, pdf)
        assert one is not None
        assert one.seal_holds is None
        assert len(one.signatures) == 2, "as kept when it was renewed"
        assert known.find(connection, pdf, quick=True) is None


def test_the_event_names_every_revision_with_its_length(world: World) -> None:
    granted = world.grant(level=PadesLevel.B_LTA)
    with world.home.database.reading() as connection:
        sealed, archived = list_revisions(connection, granted.licence.identifier)
        query = select(audit_events.c.after).where(audit_events.c.action == "licence.granted")
        facts = connection.execute(query).scalar_one()
    assert facts["revisions"] == (
        f"0/{sealed.length}/{sealed.sha256} 1/{archived.length}/{archived.sha256}"
    )
    assert json.dumps(facts)
