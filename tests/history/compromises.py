"""Steps with a seal's key in other hands, and what it has sealed."""

from datetime import datetime, timedelta

from tests.history import oracle
from tests.history.certificates import is_worse, learn_seals, settle, some_instant
from tests.history.licences import set_state
from tests.history.model import (
    DISTRUSTED,
    IN_FORCE,
    REPLACED,
    SUSPENDED,
    Licence,
    Request,
)
from tests.history.simulation import Simulation


def compromise(sim: Simulation) -> None:
    """A seal's key falls into other hands, and everything under it is dealt with."""
    seal = next((one for one in sim.model.seals.values() if one.mandated and sim.chance(0.5)), None)
    if seal is None or seal.seal_id in sim.model.compromised:
        return
    certificate = sim.model.certificates[seal.certificate]
    since = some_instant(sim, certificate)
    wanted = ("revoked", "keyCompromise", since)
    if certificate.lost or (certificate.state == "revoked" and not is_worse(certificate, wanted)):
        return
    reseal = sim.chance(0.6)
    options = ["--since", since.isoformat(), "--basis", "密钥泄露", "--yes"]
    options += ["--reseal"] if reseal else []
    first = sim.now
    outcome = sim.command("seal", "compromised", seal.seal_id, *options)
    unfinished = sim.register.rows(
        "SELECT seal_id FROM compromises WHERE seal_id = ? AND finished_at IS NULL", seal.seal_id
    )
    settle(sim, certificate, wanted, outcome, first, allowed=True)
    if outcome.done:
        assert not unfinished
        oracle.check_published(sim, certificate)
    elif unfinished:
        again = sim.command("seal", "compromised", seal.seal_id, "--resume", "--yes", faulty=False)
        assert again.done, f"a case cannot be resumed: {again}"
        settle(sim, certificate, wanted, again, first, allowed=True)
        oracle.check_published(sim, certificate)
    else:
        assert outcome.fired, f"refused for no reason: {outcome}"
        return
    learn_seals(sim)
    for licence in list(sim.model.licences.values()):
        if licence.seal == certificate.key and licence.state in (IN_FORCE, SUSPENDED):
            _judge(sim, licence, since)
        elif (licence.state, licence.reason) == (SUSPENDED, DISTRUSTED):
            _take_resealed(sim, licence)  # of an earlier case
    oracle.unsure_of_void(sim)


def _judge(sim: Simulation, licence: Licence, since: datetime) -> None:
    """Take in what a compromise has done to a licence under the seal."""
    row = sim.licence_row(licence.identifier)
    found = row["state"], row["reason"], row["replaced_by"]
    proven = licence.request.level in ("B-LT", "B-LTA")
    margin = timedelta(seconds=5)
    left = found[1] in (DISTRUSTED, "RESEALED")
    expired = licence.valid_until < sim.today
    if proven and licence.sealed_at + margin < since:
        assert not left, f"{licence.identifier}, sealed before {since}, left force"
    if licence.request.level == "B-B" or licence.sealed_at > since + margin:
        licence.distrusted = True
        if licence.state == IN_FORCE and not expired:
            assert left, f"{licence.identifier} stayed in force under a stolen seal: {found}"
    elif not (proven and licence.sealed_at + margin < since):
        query = "SELECT finding FROM compromised_licences WHERE identifier = ?"
        findings = {one["finding"] for one in sim.register.rows(query, licence.identifier)}
        licence.distrusted = "UNPROVEN" in findings
    if found[0] == REPLACED:
        successor = sim.licence_row(found[2])
        assert successor["number"] == licence.number
        request = licence.request
        follower = _resealed(request, licence.identifier)
        oracle.take_in(sim, found[2], follower)
    if found != licence.now:
        assert left, f"{licence.identifier}: {found}, was {licence.now}"
        set_state(licence, found)


def _resealed(request: Request, identifier: str) -> Request:
    level = request.level if request.level == "B-LTA" else "B-LT"
    made = Request(request.number, request.authority, None, level, request.row)
    made.replaces, made.reason = identifier, "RESEALED"
    return made


def _take_resealed(sim: Simulation, licence: Licence) -> bool:
    """Take in whether a licence was sealed anew."""
    row = sim.licence_row(licence.identifier)
    if row["state"] != REPLACED:
        return False
    oracle.take_in(sim, row["replaced_by"], _resealed(licence.request, licence.identifier))
    set_state(licence, (REPLACED, "RESEALED", row["replaced_by"]))
    return True


def reseal(sim: Simulation) -> None:
    """Seal anew what left force."""
    waiting = [
        one
        for one in sim.model.licences.values()
        if (one.state, one.reason) == (SUSPENDED, DISTRUSTED)
    ]
    if not waiting:
        return
    authority = sim.choose(waiting).request.authority
    seal = next(
        one for one in sim.model.seals.values() if one.authority == authority and one.mandated
    )
    outcome = sim.command("seal", "reseal", seal.seal_id, "--basis", "重新签章")
    learn_seals(sim)
    for licence in waiting:
        if _take_resealed(sim, licence):
            continue
        if licence.request.authority == authority and licence.valid_until >= sim.today:
            refused = not outcome.done
            assert refused, f"{licence.identifier} was not sealed anew"
    for row in sim.register.rows("SELECT identifier, replaces FROM licences WHERE state='PENDING'"):
        before = sim.model.licences.get(row["replaces"])
        if before is not None and row["identifier"] not in sim.model.pending:
            pending = _resealed(before.request, before.identifier)
            sim.model.pending[row["identifier"]] = pending
