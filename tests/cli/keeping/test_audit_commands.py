"""`xinyin audit …` on a demo home: what is listed, signed, verified and handed to a supervisor."""

import hashlib
import json
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.permits import Actor
from registry.audit.events import record
from registry.db.database import Database
from registry.journal.journal import Journal, JournalKind
from registry.licences.journal import licence_entry
from registry.model import LicenceState, Reason
from tests.cli.conftest import DemoHome
from tests.clock import StoppedClock


def execute(home: DemoHome, statement: str) -> None:
    with sqlite3.connect(home.directory / "registry.db") as connection:
        connection.execute(statement)
    connection.close()


def test_the_demo_s_audit_holds(shared: DemoHome) -> None:
    ran = shared.run("audit", "verify", "--json")
    assert (ran.code, ran.json["result"]) == (0, "holds")
    assert ran.json["events"] > 30
    ran = shared.run("audit", "verify")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "✓ The audit holds.")
    assert ran.err == "", "no bar where there is no terminal"


def test_events_are_found(shared: DemoHome) -> None:
    def count(*options: str) -> int:
        return len(shared.run("audit", "list", "--json", "--limit", "1000", *options).records)

    assert count("--action", "licence.granted") == 3
    assert count("--action", "licence.") > 6
    assert count("--actor", "service", "--action", "timestamp.made") >= 3
    assert count("--until", "2020-01-01") == 0
    assert count("--since", "2020-01-01") == count()
    assert shared.run("audit", "list", "--since", "yesterday").code == 2
    bodies = [one["authority"] for one in shared.run("authority", "list", "--json").records]
    of_each = [count("--authority", one, "--action", "licence.granted") for one in bodies]
    assert (sum(of_each), max(of_each)) == (3, 3)
    for option in ("--authority", "--person"):
        ran = shared.run("audit", "list", option, "none")
        assert (ran.code, "Internal" in ran.err) == (2, False)


def test_the_end_is_signed_on_demand(own: DemoHome) -> None:
    before = own.run("audit", "verify", "--json").json
    signed = own.run("audit", "sign", "--json")
    assert signed.code == 0
    assert signed.json["sequence"] == before["events"]
    after = own.run("audit", "verify", "--json").json
    assert (after["unsigned_events"], after["newest_head"]) == (0, signed.json)
    assert after["heads"]["database"] == after["heads"]["journal"]
    again = own.run("audit", "sign")
    assert (again.code, again.out) == (0, "")


def test_an_edited_event_is_named_and_not_signed_over(own: DemoHome) -> None:
    execute(own, "UPDATE audit_events SET actor = 'local:nobody' WHERE sequence = 30")
    ran = own.run("audit", "verify")
    assert ran.code == 11
    assert "Event 30 is not what was recorded" in ran.out
    found = own.run("audit", "verify", "--json").json
    assert [(one["fault"], one["first"]) for one in found["findings"]] == [("altered", 30)]
    ran = own.run("audit", "sign")
    assert ran.code == 11
    assert "Event 30" in ran.err


def test_a_change_that_was_cut_off_at_its_commit_is_not_called_altered(own: DemoHome) -> None:
    granted = own.run("licence", "list", "--json", "--state", "IN_FORCE").records[0]["identifier"]
    earlier = datetime.now(UTC) + timedelta(minutes=-5)
    facts = licence_entry(granted, LicenceState.CANCELLED, Reason.FORFEITED, earlier, None)
    journal = Journal(own.directory / "journal", StoppedClock(earlier))
    journal.append(JournalKind.LICENCE, facts)
    ran = own.run("audit", "verify")
    assert ran.code == 15
    assert "make it again" in ran.out
    assert "✗" not in ran.out
    assert own.run("audit", "verify", "--json").json["result"] == "disagrees"


def note_something(home: DemoHome) -> None:
    """Record events that no table bears out: of others, the tables themselves would tell."""
    with closing(Database(f"sqlite:///{home.directory}/registry.db")) as database:
        for _ in range(3):
            with database.writing() as connection:
                record(
                    connection,
                    at=datetime.now(UTC),
                    actor=Actor("test"),
                    action="test.noted",
                    subject="nothing",
                )


def test_a_supervisor_finds_a_cut_tail_with_what_he_was_given(
    own: DemoHome, tmp_path: Path
) -> None:
    """Even where the operator tidied up everywhere: database, heads and journal."""
    own.run("audit", "sign")
    first = own.run("audit", "list", "--json", "--limit", "1000").records[-1]["sequence"]
    note_something(own)
    own.run("audit", "sign")
    out = tmp_path / "given"
    assert own.run("audit", "export", "--out", out).code == 0
    # The head before, and the journal of then: as if the rest had never been.
    execute(own, f"DELETE FROM audit_heads WHERE sequence > {first}")
    execute(own, f"DELETE FROM audit_events WHERE sequence > {first}")
    execute(
        own,
        f"UPDATE audit_chain SET sequence = {first}, "
        f"hash = (SELECT hash FROM audit_events WHERE sequence = {first})",
    )
    for segment in (own.directory / "journal").glob("*.jsonl"):
        lines = segment.read_bytes().splitlines(keepends=True)
        last = [at for at, line in enumerate(lines) if b"audit-head" in line][-1]
        segment.write_bytes(b"".join(lines[:last]))
    assert own.run("audit", "verify").code == 0, "from inside, nothing shows it"
    given = ("--heads", out / "heads.jsonl", "--key", out / "audit-1.pem")
    ran = own.run("audit", "verify", *given)
    assert ran.code == 11
    assert "The tail was cut off" in ran.out


def test_what_is_handed_over_is_confirmed_by_other_tools(own: DemoHome, tmp_path: Path) -> None:
    own.run("audit", "sign")
    out = tmp_path / "given"
    ran = own.run("audit", "export", "--out", out, "--json")
    assert ran.code == 0
    lines = (out / "events.jsonl").read_text("utf-8").splitlines()
    assert (len(lines), len((out / "heads.jsonl").read_text().splitlines())) == (
        ran.json["events"],
        ran.json["heads"],
    )
    previous = "0" * 64
    for line in lines:
        event = json.loads(line)
        told = f'"hash":"{event["hash"]}",'
        assert event["previous"] == previous
        assert hashlib.sha256(line.replace(told, "").encode()).hexdigest() == event["hash"]
        previous = event["hash"]
    command = ["openssl", "dgst", "-sha256", "-verify", "audit-1.pem", "-signature", "head.sig"]
    confirmed = subprocess.run(
        [*command, "head.json"], cwd=out, capture_output=True, text=True, check=True
    )
    assert confirmed.stdout == "Verified OK\n"
    assert json.loads((out / "head.json").read_text())["hash"] == previous


def test_part_of_the_events_can_be_handed_over(shared: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / "given"
    options = ("--out", out, "--action", "licence.")
    assert shared.run("audit", "export", *options).code == 0
    events = [json.loads(line) for line in (out / "events.jsonl").read_text("utf-8").splitlines()]
    assert {event["action"].partition(".")[0] for event in events} == {"licence"}
    assert shared.run("audit", "export", *options).code == 2, "nothing is overwritten"
    assert shared.run("audit", "export", *options, "--force").code == 0


@pytest.mark.parametrize("option", ["--heads", "--key"])
def test_a_file_that_is_not_there_is_unreadable_input(shared: DemoHome, option: str) -> None:
    assert shared.run("audit", "verify", option, "nowhere.pem").code == 3


def test_without_its_journal_it_could_not_be_checked_whole(own: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / "auditor"
    assert own.run("audit", "sign").code == 0
    first = own.run("audit", "list", "--json", "--limit", "1000").records[-1]["sequence"]
    note_something(own)
    assert own.run("audit", "sign").code == 0
    assert own.run("audit", "export", "--out", out).code == 0
    for segment in (own.directory / "journal").glob("*.jsonl"):
        segment.unlink()
    ran = own.run("audit", "verify")
    assert ran.code == 15
    # Whoever reached database and journal alike is found by what was kept elsewhere.
    execute(own, f"DELETE FROM audit_heads WHERE sequence > {first}")
    execute(own, f"DELETE FROM audit_events WHERE sequence > {first}")
    execute(
        own,
        f"UPDATE audit_chain SET sequence = {first},"
        f" hash = (SELECT hash FROM audit_events WHERE sequence = {first})",
    )
    assert own.run("audit", "verify").code == 15
    kept = ("--heads", out / "heads.jsonl", "--key", out / "audit-1.pem")
    ran = own.run("audit", "verify", *kept)
    assert ran.code == 11
    assert "tail was cut off" in ran.out
