"""Steps that grant: one by one and by the sheet, again, and in another's place."""

import csv
import dataclasses
import hashlib
import json
from datetime import timedelta
from pathlib import Path

from core.ids import AuthorityId
from registry.granting.reservation import GrantRequest
from registry.types.row_check import check_row
from signing.levels import PadesLevel
from tests.history import oracle
from tests.history.model import (
    IN_FORCE,
    PENDING,
    REPLACED,
    Certificate,
    Licence,
    Request,
    State,
)
from tests.history.simulation import Simulation
from tests.history.stage import AUTHORITIES, LICENCE_TYPE, Outcome
from tests.permits import GRANT

_LEVELS = ("B-LT",) * 6 + ("B-B", "B-T", "B-LTA")
_TERMS = (3, 30, 400, 3000)
_REPLACING = ("CHANGED", "RENEWED", "REISSUED", "CORRECTED")


def new_request(sim: Simulation) -> Request:
    """Return a request for a holder who has nothing yet."""
    holder = sim.new_holder()
    last = sim.today + timedelta(days=sim.choose(list(_TERMS)))
    row = {
        "holder": f"样例{sim.holders}号店",
        "holder_code": holder,
        "premises": "样例路1号",
        "area": "990100",
        "valid_until": last.isoformat(),
    }
    authority = sim.choose(list(AUTHORITIES))
    key = f"request-{sim.holders:08d}"
    return Request(sim.holders, authority, key, sim.choose(list(_LEVELS)), row)


def grant(sim: Simulation) -> None:
    """Grant one licence."""
    ask(sim, new_request(sim))


def grant_without_key(sim: Simulation) -> None:
    """Grant as a caller does who has no request key: it cannot be repeated."""
    request = dataclasses.replace(new_request(sim), key=None)
    application = check_row(LICENCE_TYPE, request.row, None, sim.today, "row")
    outcome = sim.perform(
        f"grant {request.number} without a key",
        lambda home: (
            home.granting.grant(
                GrantRequest(
                    application,
                    GRANT,
                    authority_id=AuthorityId(request.authority),
                    level=PadesLevel(request.level),
                )
            ).licence.identifier
        ),
    )
    _check_refusal(sim, request, outcome)
    found = oracle.observe(sim, request)
    assert not outcome.done or found == [outcome.value]


def repeat_grant(sim: Simulation) -> None:
    """Ask again for what was granted: the same licence comes back."""
    licence = _valid_with_key(sim)
    if licence is None:
        return
    request = licence.request
    if sim.chance(0.3):
        changed = dict(request.row, holder="另一名称")
        other = dataclasses.replace(request, row=changed)
        outcome = ask_once(sim, other)
        assert not outcome.done, f"{request.key} was taken for another request"
        assert outcome.error == "conflict" or outcome.fired or outcome.died, outcome
    else:
        outcome = ask_once(sim, request)
        if outcome.done:
            told = outcome.value.json["identifier"]
            assert told == licence.identifier, f"{request.key} led to {told} and {licence}"
            data = (sim.stage.directory / "out" / f"{request.number}.pdf").read_bytes()
            assert hashlib.sha256(data).hexdigest() == licence.sha256
        else:
            assert outcome.fired, outcome
    assert len(sim.rows_of(request)) == 1
    oracle.check_record(sim, licence)


def _valid_with_key(sim: Simulation) -> Licence | None:
    """Return a licence whose request can still be made."""
    among = [
        one
        for one in sim.model.licences.values()
        if one.request.key is not None
        and one.valid_until >= sim.today
        and one.request.replaces is None
        and one.revisions == 1
    ]
    found: Licence | None = sim.choose(among)
    return found


def replace(sim: Simulation) -> None:
    """Grant a new version for one of the reasons."""
    before = sim.pick(IN_FORCE)
    if before is None or before.identifier in {one.replaces for one in sim.model.pending.values()}:
        return
    reason = sim.choose(list(_REPLACING))
    expired = before.valid_until < sim.today
    row = dict(before.request.row, holder=f"样例{before.request.number}号新店{sim.step}")
    row["valid_until"] = before.valid_until.isoformat()
    if reason == "RENEWED":
        row["valid_until"] = (sim.today + timedelta(days=sim.choose(list(_TERMS)))).isoformat()
    request = dataclasses.replace(
        before.request,
        row=row,
        key=f"replace-{sim.step:08d}",
        replaces=before.identifier,
        reason=reason,
    )
    refused = expired and reason != "RENEWED"
    if refused:
        outcome = ask_once(sim, request)
        assert not outcome.done, "an expired licence was replaced, not renewed"
        oracle.check_record(sim, before)
        return
    ask(sim, request)


def ask(sim: Simulation, request: Request) -> None:
    """Ask for a licence; where the outcome is not known, look, and mostly ask again."""
    outcome = ask_once(sim, request)
    settle(sim, request, outcome)
    if not outcome.done and outcome.fired and sim.chance(0.6):
        again = ask_once(sim, request, faulty=False)
        settle(sim, request, again)


def ask_once(sim: Simulation, request: Request, *, faulty: bool = True) -> Outcome:
    """Run the command that grants."""
    data = sim.stage.directory / "row.json"
    data.write_text(json.dumps(request.row, ensure_ascii=False), "utf-8")
    out = sim.stage.directory / "out" / f"{request.number}.pdf"
    out.parent.mkdir(exist_ok=True)
    rest: list[str | Path] = ["--data", data, "--out", out, "--force", "--level", request.level]
    rest += ["--request-key", request.key or ""]
    if request.replaces is None:
        command = ["licence", "issue", "--type", "history", "--authority", request.authority]
    else:
        command = ["licence", "replace", request.replaces, "--reason", request.reason or ""]
        rest += ["--basis", "样例依据"]
    return sim.command(*command, *rest, faulty=faulty)


def settle(sim: Simulation, request: Request, outcome: Outcome) -> None:
    """Compare what the caller was told with what came to pass."""
    _check_refusal(sim, request, outcome)
    before = sim.model.licences.get(request.replaces or "")
    if outcome.done:
        told = outcome.value.json
        pdf = (sim.stage.directory / "out" / f"{request.number}.pdf").read_bytes()
        assert [one["identifier"] for one in sim.rows_of(request)] == [told["identifier"]]
        made = oracle.take_in(sim, told["identifier"], request, pdf)
        assert made.number == told["number"]
    else:
        oracle.observe(sim, request)
    if before is not None:
        retire(sim, before, request, outcome)


def retire(sim: Simulation, before: Licence, request: Request, outcome: Outcome) -> None:
    """Take in what became of the version before."""
    new = [one["identifier"] for one in sim.rows_of(request) if one["state"] != PENDING]
    if new:
        if before.state != REPLACED:  # asked again, it is no second change
            sim.model.events.append(("licence.replaced", before.identifier))
        set_state(before, (REPLACED, request.reason, new[0]))
    elif not outcome.done and outcome.fired:
        before.maybe.append((REPLACED, request.reason, None))
    oracle.check_record(sim, before)
    oracle.check_public(sim, before)


def set_state(licence: Licence, state: State) -> None:
    """Take in an acknowledged change."""
    licence.state, licence.reason, licence.replaced_by = state
    licence.maybe.clear()


def _check_refusal(sim: Simulation, request: Request, outcome: Outcome) -> None:
    """What can be sealed is granted, and what cannot is not."""
    sealable = is_sealable(sim, request.authority)
    if outcome.done:
        assert sealable, f"sealed, though {request.authority}'s seal must not seal"
    elif not outcome.fired:
        assert not sealable or _lacks_service(sim, request.authority), (
            f"refused for no reason: {outcome}"
        )


def is_sealable(sim: Simulation, authority: str) -> bool:
    """Tell whether an authority's seal may seal."""
    certificate = _certificate_of(sim, authority)
    valid = certificate.x509.not_valid_after_utc > sim.now
    return certificate.state == "good" and valid and certificate.key not in sim.model.retired


def _lacks_service(sim: Simulation, authority: str) -> bool:
    """Tell whether sealing has no time-stamping unit or no responder, revoked or on hold."""
    units = oracle.issuers_with(sim, "tsa")
    return not units or not oracle.has_responder(sim, _certificate_of(sim, authority))


def _certificate_of(sim: Simulation, authority: str) -> Certificate:
    seals = sim.model.seals.values()
    seal = next(one for one in seals if one.authority == authority and one.mandated)
    return sim.model.certificates[seal.certificate]


def batch(sim: Simulation) -> None:
    """Grant the rows of a sheet, some of them granted before, and run it again."""
    requests = [dataclasses.replace(new_request(sim), level="B-LT") for _ in range(3)]
    authority = requests[0].authority
    requests = [dataclasses.replace(one, authority=authority) for one in requests]
    earlier = _valid_with_key(sim)
    known = earlier if earlier is not None and earlier.request.authority == authority else None
    rows = [one.row for one in requests]
    if known is not None and known.state == IN_FORCE:
        rows.append(known.request.row)
    sheet = sim.stage.directory / "rows.csv"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    arguments = ("batch", "run", "--type", "history", "--data", sheet, "--authority", authority)
    for attempt in range(3):
        out = sim.stage.directory / "batch"
        outcome = sim.command(*arguments, "--out", out, faulty=not attempt)
        for request in requests:
            oracle.observe(sim, dataclasses.replace(request, key=None))
        sealable = is_sealable(sim, authority)
        if outcome.done:
            assert sealable
            for request in requests:
                (row,) = sim.rows_of(request)
                assert row["state"] == IN_FORCE
            break
        if not outcome.fired:
            assert not sealable or _lacks_service(sim, authority), (
                f"refused for no reason: {outcome}"
            )
            break
    if known is not None:
        assert len(sim.rows_of(known.request)) == 1, "a row was granted twice"
