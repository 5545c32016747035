"""Steps of an operator: backups and restores, roll-overs, archive, audit, duties, the clock."""

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from home.audit_duties import sign_heads
from home.crl_duty import crl_duty
from home.role_duties import renew_archive as renew_archive_duty
from tests.history import oracle
from tests.history.certificates import learn_seals, status_of
from tests.history.model import Certificate, Licence, Model
from tests.history.simulation import Backup, Simulation
from tests.history.whole import check_everything

_JUMPS = ("minutes=5", "hours=3", "days=1", "days=8", "days=8", "days=40", "days=120")
_MOST_CAS = 4
_KEPT_BACKUPS = 4


def back_up(sim: Simulation) -> None:
    """Back the home up."""
    directory = sim.stage.directory / "backups"
    outcome = sim.command("backup", directory)
    assert outcome.done or outcome.fired, f"refused for no reason: {outcome}"
    if outcome.done:
        path = sim.stage.directory / outcome.value.json["backup"]
        sim.backups.append(Backup(path, sim.model.snapshot()))
        while len(sim.backups) > _KEPT_BACKUPS:
            shutil.rmtree(sim.backups.pop(0).path)


def restore(sim: Simulation) -> None:
    """Lose the machine but for the journal, and restore a backup onto an empty one.

    Sometimes the journal is lost as well, and published CRLs are all that is known.
    """
    backup = sim.choose(sim.backups)
    if backup is None:
        return
    kept = sim.backups[: sim.backups.index(backup) + 1]
    latest, blind = sim.model, not sim.stage.journal_outside and sim.chance(0.15)
    options = _published_crls(sim, backup) if blind or sim.chance(0.4) else []
    options += [] if blind else ["--journal", str(sim.stage.journal_directory)]
    home, report = _restored(sim, backup, options)
    assert report["journal_complete"] is not blind, "a whole journal was taken for an old copy"
    sim.stage.move(home)
    sim.model = backup.model.restored(latest, blind=blind)
    _lose(sim, latest, blind=blind)
    sim.backups = kept
    _adopt_uncertain(sim)
    learn_seals(sim)
    if blind:
        _accept_loss(sim)
    sim.command("ca", "crl", "--issuer", "root", faulty=False)  # as doctor advises
    run_duties(sim, faulty=False)
    check_everything(sim, share=0.2)


def _restored(sim: Simulation, backup: Backup, options: list[str]) -> tuple[Path, dict[str, Any]]:
    """Restore onto an empty machine; where that fails, onto the next."""
    for attempt in range(3):
        home, url = sim.stage.new_place()
        place = ["--database-url", url] if url is not None else []
        sim.stage.restart()
        fault = sim.draw_fault() if attempt < 2 else None
        outcome = sim.stage.shell(
            *("restore", backup.path, "--home", home), *options, *place, fault=fault
        )
        sim.note(f"restore {backup.path.name} {' '.join(options[-2:])}", outcome, fault)
        if outcome.done:
            return home, outcome.value.json
        assert outcome.fired, f"refused for no reason: {outcome}"
    raise AssertionError("a restore without a fault failed")


def _accept_loss(sim: Simulation) -> None:
    """See that nothing is granted or vouched for before the loss is accepted."""
    for licence in list(sim.model.licences.values())[-2:]:
        answer = sim.stage.home.verifier.by_code(licence.identifier)
        assert answer.outcome == "could_not_check"
    outcome = sim.command("ca", "crl", faulty=False)
    assert outcome.error == "unaccepted_loss" or not sim.model.licences, outcome
    sim.losses += 1
    gap = str(10_000 * sim.losses)  # what was granted since an earlier loss is unknown too
    outcome = sim.command(
        "journal", "accept-loss", "--basis", "样例", "--gap", gap, "--yes", faulty=False
    )
    assert outcome.done, outcome
    sim.stage.restart()


def _published_crls(sim: Simulation, backup: Backup) -> list[str]:
    """Return options that name the newest CRLs, as they were published.

    Of a CA that came after the backup none is taken: nothing there bears out whose it is.
    """
    options = []
    query = (
        "SELECT issuer, shard, crl FROM crls c WHERE number = (SELECT max(number) FROM crls d"
        " WHERE d.issuer = c.issuer AND d.shard = c.shard)"
    )
    for row in sim.register.rows(query):
        if row["issuer"] not in backup.model.issuers:
            continue
        path = sim.stage.directory / f"{row['issuer']}-{row['shard']}.crl"
        path.write_bytes(bytes(row["crl"]))
        options += ["--crl", str(path)]
    return options


def _lose(sim: Simulation, latest: Model, *, blind: bool) -> None:
    """Take in which licences the restore does not know; without the journal nobody does."""
    if blind:
        sim.world.lost.clear()
        lost = latest.issuers.keys() - sim.model.issuers.keys()
        urls = {one.url for one in latest.certificates.values() if one.issuer in lost}
        sim.world.crls = {url: crl for url, crl in sim.world.crls.items() if url not in urls}
        return
    for identifier, licence in latest.licences.items():
        if identifier not in sim.model.licences:
            sim.world.lost[licence.sha256] = licence


def _adopt_uncertain(sim: Simulation) -> None:
    """Take in what the restore made of changes whose outcome nobody knew."""
    for licence in sim.model.licences.values():
        row = sim.licence_row(licence.identifier)
        found = row["state"], row["reason"], row["replaced_by"]
        if licence.maybe and found != licence.now:
            told = [(state, reason) for state, reason, _ in licence.maybe]
            assert found[:2] in told, f"{licence.identifier}: {found}, was {licence.now}"
            licence.state, licence.reason, licence.replaced_by = found
        licence.maybe.clear()
    for certificate in sim.model.certificates.values():
        if certificate.maybe:
            adopt_status(sim, certificate)


def adopt_status(sim: Simulation, certificate: Certificate) -> None:
    """Take in what the restore made of a certificate whose status nobody knew."""
    found = status_of(sim, certificate)
    if found is not None and found != certificate.now:
        assert found in certificate.maybe, f"{certificate.key}: {found}, was {certificate.now}"
        certificate.state, certificate.reason, certificate.invalid_at = found
        certificate.revoked = None
    certificate.maybe.clear()


def roll_over(sim: Simulation) -> None:
    """Let the next issuing CA take over, and back up: its key is in no backup yet."""
    if len(sim.model.issuers) >= _MOST_CAS:
        return
    options = ["--prepare"] if sim.chance(0.3) else ["--yes"]
    outcome = sim.command("ca", "rollover", *options)
    if not outcome.done:
        assert outcome.fired, f"refused for no reason: {outcome}"
        sim.command("ca", "rollover", "--yes", faulty=False)
    sim.stage.restart()
    oracle.learn_certificates(sim)
    if sim.chance(0.7):
        sim.backups.clear()
    outcome = sim.command("backup", sim.stage.directory / "backups", faulty=False)
    path = sim.stage.directory / outcome.value.json["backup"]
    sim.backups.append(Backup(path, sim.model.snapshot()))


def renew_archive(sim: Simulation) -> None:
    """Give some documents a further timestamp."""
    arguments = ("archive", "renew", "--due-within", "30000", "--limit", "2")
    outcome = sim.command(*arguments)
    assert outcome.done or outcome.fired, f"refused for no reason: {outcome}"
    for row in outcome.value.records if outcome.done else ():
        if row["result"] == "renewed":
            sim.model.events.append(("archive.renewed", row["identifier"]))
    _note_revisions(sim)


def _note_revisions(sim: Simulation) -> None:
    query = "SELECT identifier, count(*) AS n FROM revisions GROUP BY identifier"
    for row in sim.register.rows(query):
        licence = sim.model.licences.get(row["identifier"])
        if licence is None:
            continue
        assert row["n"] >= licence.revisions, "a revision is gone"
        if row["n"] > licence.revisions:
            licence.revisions = row["n"]
            _check_longer(sim, licence)


def _check_longer(sim: Simulation, licence: Licence) -> None:
    """See that the archive's copy begins with the holder's."""
    rows = sim.register.rows(
        "SELECT sha256, length FROM revisions WHERE identifier = ? ORDER BY sequence",
        licence.identifier,
    )
    longest = oracle.stored_object(sim, rows[-1]["sha256"])
    assert len(longest) == rows[-1]["length"]
    digests = [hashlib.sha256(longest[: one["length"]]).hexdigest() for one in rows]
    assert digests == [one["sha256"] for one in rows]
    assert licence.sha256 in digests, f"the holder's copy of {licence.identifier} is not kept"
    oracle.check_public(sim, licence)


def sign_audit(sim: Simulation) -> None:
    """Sign where the audit ends."""
    outcome = sim.command("audit", "sign")
    assert outcome.done or outcome.fired, f"refused for no reason: {outcome}"


def duties(sim: Simulation) -> None:
    """Do what the service does by itself."""
    run_duties(sim, faulty=True)


def run_duties(sim: Simulation, *, faulty: bool) -> None:
    """Renew services, sign CRLs and heads, and the root's CRL by hand where it is time."""
    tasks = {
        "renew services": lambda home: home.service_renewal.renew() and None,
        "sign CRLs": lambda home: crl_duty(home).work(),
        "sign heads": lambda home: [duty.work() for duty in sign_heads(home)] and None,
        "renew the archive": renew_archive_duty,
    }
    for name, task in tasks.items():
        outcome = sim.perform(name, task, faulty=faulty)
        assert outcome.done or outcome.fired, f"{name} failed for no reason: {outcome}"
    root = sim.world.crls.get("http://127.0.0.1:8440/pki/root.crl")
    if root is None or root.next_update < sim.now + timedelta(days=200):
        sim.command("ca", "crl", "--issuer", "root", faulty=False)
    oracle.check_new_crls(sim)
    _note_revisions(sim)


def jump(sim: Simulation) -> None:
    """Let much time pass; the service is restarted and does what is due."""
    unit, _, count = str(sim.choose(list(_JUMPS))).partition("=")
    sim.stage.clock.advance(timedelta(**{unit: int(count)}))
    sim.stage.restart()
    sim.tell(f"{count} {unit} passed")
    run_duties(sim, faulty=False)
    for seal in sim.model.seals.values():
        ends = sim.model.certificates[seal.certificate].x509.not_valid_after_utc
        if seal.mandated and ends < sim.now + timedelta(days=150):
            sim.command("seal", "renew", seal.seal_id, faulty=False)
    learn_seals(sim)


def step_back(sim: Simulation) -> None:
    """Set the clock back by as much as two machines may differ."""
    sim.stage.clock.advance(timedelta(seconds=-1.5))


def restart(sim: Simulation) -> None:
    """End the process in good order."""
    sim.stage.restart()
    sim.tell("restarted")
