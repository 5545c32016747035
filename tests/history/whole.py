"""What must be so of everything: nothing lost, doubled or un-revoked, and all agreeing."""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import TypeVar

from tests.history import look, oracle
from tests.history.certificates import is_retired
from tests.history.model import PENDING, VOID
from tests.history.simulation import Simulation

T = TypeVar("T")
_CALM = {"clock"}
"""Checks of `doctor` that this machine decides."""


def check_everything(sim: Simulation, share: float = 1.0) -> None:
    """Check all that can be asked; of what takes long, a share."""
    oracle.check_step(sim)
    _check_licences(sim)
    _check_public(sim, share)
    _check_certificates(sim)
    _check_keys(sim)
    _check_ocsp(sim, share)
    _check_journal(sim.stage.journal_directory)
    _check_reservations(sim)
    _check_events(sim)
    _check_audit(sim)
    _check_doctor(sim)


def _sample(sim: Simulation, among: list[T], share: float) -> list[T]:
    return among if share >= 1 else sim.random.sample(among, int(len(among) * share))


def _check_licences(sim: Simulation) -> None:
    rows = {one["identifier"]: one for one in sim.register.rows("SELECT * FROM licences")}
    for licence in sim.model.licences.values():
        assert licence.identifier in rows, f"{licence.identifier} is lost"
        oracle.check_record(sim, licence)
        oracle.stored_object(sim, licence.sha256)
    for identifier, row in rows.items():
        if row["state"] == VOID:
            assert identifier not in sim.model.licences
        elif row["state"] == PENDING:
            assert identifier in sim.model.pending, f"{identifier} is pending, unknown to callers"
        else:
            assert identifier in sim.model.licences, f"{identifier} was granted to nobody"
    keys = Counter(one["request_key"] for one in rows.values() if one["request_key"] is not None)
    assert all(count == 1 for count in keys.values()), "a request led to two licences"
    series: dict[str, set[str]] = {}
    for row in rows.values():
        series.setdefault(row["number"], set()).add(row["series_id"])
    assert all(len(one) == 1 for one in series.values()), "a number was given twice"
    for key, identifier in sim.model.requests.items():
        assert identifier in rows, f"{key} has lost {identifier}"


def _check_public(sim: Simulation, share: float) -> None:
    for licence in _sample(sim, list(sim.model.licences.values()), share):
        oracle.check_public(sim, licence)
        known = sim.stage.home.verifier.by_file(oracle.stored_object(sim, licence.sha256))
        assert known.licence is not None
        assert known.licence.identifier == licence.identifier
    for sha256 in _sample(sim, sorted(sim.world.lost), share):
        oracle.check_lost(sim, sha256)


def _check_certificates(sim: Simulation) -> None:
    for certificate in sim.model.certificates.values():
        oracle.check_published(sim, certificate)


def _check_keys(sim: Simulation) -> None:
    for seal in sim.model.seals.values():
        retired = seal.certificate in sim.model.retired
        assert is_retired(sim, seal) is retired, f"the key of {seal.seal_id}: retired is {retired}"


def _check_ocsp(sim: Simulation, share: float) -> None:
    service = sim.stage.home.hierarchy.ocsp_service
    service.refresh()
    leaves = [one for one in sim.model.certificates.values() if one.profile in ("officer", "seal")]
    for certificate in _sample(sim, leaves, share):
        issuer = oracle.issuer_of(sim, certificate)
        if issuer is None:
            continue
        answer = service.respond(look.ocsp_request(certificate.x509, issuer)).der
        oracle.compare_ocsp(sim, certificate, look.read_ocsp(answer, issuer, sim.now))


def _check_journal(directory: Path) -> None:
    """Walk the journal: numbers without a gap, each entry with the hash of the one before."""
    number, previous = 0, "0" * 64
    for path in sorted(directory.glob("journal-*.jsonl")):
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                continue  # a crash left it; the next entry goes over it
            entry = json.loads(line)
            told = entry.pop("hash")
            number += 1
            assert (entry["sequence"], entry["previous"]) == (number, previous)
            previous = hashlib.sha256(_canonical(entry)).hexdigest()
            assert told == previous, f"entry {number} of the journal was changed"


def _check_reservations(sim: Simulation) -> None:
    """See that all that is pending, and each document, was reserved first, as the journal has it.

    A journal that has not heard of a reservation may be a new one.
    """
    faces: dict[str | None, str] = {}
    for path in sorted(sim.stage.journal_directory.glob("journal-*.jsonl")):
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                continue
            entry = json.loads(line)
            kind, facts = entry["kind"], entry["facts"]
            if kind == "reserved":
                faces[facts["identifier"]] = facts["face"]
            elif kind == "document" and "face" in facts and faces:
                said = faces.get(facts["identifier"])
                assert said == facts["face"], f"{facts['identifier']} was not reserved"
    rows = sim.register.rows("SELECT identifier FROM licences WHERE state = ?", PENDING)
    left = {one["identifier"] for one in rows} - set(faces)
    assert not left, f"pending, and not in the journal: {left}"


def _canonical(value: object) -> bytes:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _check_events(sim: Simulation) -> None:
    """See that every change that was acknowledged has its event."""
    rows = sim.register.rows("SELECT action, subject, sequence FROM audit_events ORDER BY sequence")
    assert [one["sequence"] for one in rows] == list(range(1, len(rows) + 1)), "a gap in the audit"
    found = Counter((one["action"], one["subject"]) for one in rows)
    for event, count in Counter(sim.model.events).items():
        assert found[event] >= count, f"{event} is not on record ({found[event]} of {count})"


def _check_audit(sim: Simulation) -> None:
    outcome = sim.command("audit", "verify", faulty=False)
    report = outcome.value.json
    for one in report["findings"]:
        assert one["fault"] == "disagrees", report
        assert _speaks_of(one["message"], _unsure(sim)), report
    assert report["result"] == ("disagrees" if report["findings"] else "holds"), report


def _unsure(sim: Simulation) -> set[str]:
    """Return what a change that nobody acknowledged may have left in another state."""
    licences = {one.identifier for one in sim.model.licences.values() if one.maybe}
    certificates = [one for one in sim.model.certificates.values() if one.maybe]
    return licences | {f"{one.issuer}/{one.serial:x}" for one in certificates}


def _speaks_of(message: str, names: set[str]) -> bool:
    return any(one in message for one in names)


def _has_run_out(message: str, sim: Simulation) -> bool:
    """Tell whether no more proofs ran out than a restore lost timestamps of."""
    told = re.match(r"The proof of (\d+) archived documents? has run out", message)
    return told is not None and int(told[1]) <= len(sim.model.unproven)


def _check_doctor(sim: Simulation) -> None:
    outcome = sim.command("doctor", "--full", faulty=False)
    bad = [
        f"{one['check']}: {one['said']['en']}"
        for one in outcome.value.records
        if one["level"] in ("fail", "unknown") and one["check"] not in _CALM
        if not (one["check"] == "record" and _speaks_of(one["said"]["en"], _unsure(sim)))
        if not (one["check"] == "archive" and _has_run_out(one["said"]["en"], sim))
    ]
    assert not bad, bad
