"""Steps with licences that are there: suspended, reinstated, cancelled; and grants cut short."""

from datetime import timedelta

from home.role_duties import GrantFinisher
from tests.history import oracle
from tests.history.licences import set_state
from tests.history.model import (
    CANCELLED,
    DISTRUSTED,
    IN_FORCE,
    PENDING,
    REPLACED,
    SUSPENDED,
    Licence,
    State,
)
from tests.history.simulation import Simulation
from tests.history.stage import Outcome

_WITHHELD, _REVIEWED = "WITHHELD", "UNDER_REVIEW"
_CANCELLING = ("ANNULLED", "FORFEITED", "RECALLED", "SURRENDERED", "DEREGISTERED")


def suspend(sim: Simulation) -> None:
    """Suspend a licence."""
    _change(sim, "suspend", (IN_FORCE,), SUSPENDED, sim.choose([_WITHHELD, _REVIEWED]))


def reinstate(sim: Simulation) -> None:
    """Reinstate a licence; one under a stolen seal waits for a new document."""
    _change(sim, "reinstate", (SUSPENDED,), IN_FORCE, None)


def cancel(sim: Simulation) -> None:
    """Cancel a licence for one of the reasons."""
    _change(sim, "cancel", (IN_FORCE, SUSPENDED), CANCELLED, sim.choose(list(_CANCELLING)))


def _change(
    sim: Simulation, name: str, sources: tuple[str, ...], target: str, reason: str | None
) -> None:
    licence = sim.pick(*sources) if sim.chance(0.9) else sim.pick()
    if licence is None or any(
        one.replaces == licence.identifier for one in sim.model.pending.values()
    ):
        return
    allowed = licence.state in sources
    if name == "reinstate" and licence.reason == DISTRUSTED:
        allowed = False
    wanted: State = target, reason, None
    if name == "reinstate" and licence.distrusted:
        wanted = SUSPENDED, DISTRUSTED, None
    options = ["--basis", "样例依据"]
    options += ["--reason", reason] if reason is not None else []
    options += ["--yes"] if name == "cancel" else []
    outcome = sim.command("licence", name, licence.identifier, *options)
    action = "licence.reinstated" if name == "reinstate" else f"licence.{target.lower()}"
    take_change(sim, licence, wanted, outcome, allowed=allowed, action=action)


def take_change(
    sim: Simulation,
    licence: Licence,
    wanted: State,
    outcome: Outcome,
    *,
    allowed: bool,
    action: str,
) -> None:
    """Compare a change with what was told of it."""
    row = sim.licence_row(licence.identifier)
    found = row["state"], row["reason"], row["replaced_by"]
    if outcome.done:
        assert allowed, f"{action} of {licence.identifier}, which was {licence.now}"
        assert found == wanted, f"{licence.identifier}: {found}, told {wanted}"
        set_state(licence, wanted)
        sim.model.events.append((action, licence.identifier))
    elif not outcome.fired:
        assert not allowed, f"{action} of {licence.identifier} refused for no reason: {outcome}"
        assert found == licence.now
    else:
        assert found in (licence.now, wanted), f"{licence.identifier}: {found}"
        if found == wanted:
            assert allowed
            sim.model.events.append((action, licence.identifier))
        if outcome.error not in (None, "unknown_outcome"):
            assert found != wanted or wanted == licence.now or _says_it_stands(outcome), (
                f"{licence.identifier}: “nothing was changed”, and it is {found}"
            )
        _take_unsure(licence, wanted, found)
    oracle.check_record(sim, licence)
    oracle.check_public(sim, licence)


def _take_unsure(licence: Licence, wanted: State, found: State) -> None:
    """Take in a change that nobody acknowledged. What is stricter is in the journal before it takes
    effect, what is laxer after it.
    """
    maybe = list(licence.maybe)
    happened, loosens = found == wanted, wanted[0] == IN_FORCE
    if loosens and happened:
        maybe.append(licence.now)
    elif not loosens:
        maybe = [] if happened else [*maybe, wanted]
    set_state(licence, found)
    licence.maybe = maybe


def _says_it_stands(outcome: Outcome) -> bool:
    """Tell whether the error says that the change took effect and is not in the journal."""
    return outcome.error == "journal"


def resume(sim: Simulation) -> None:
    """Finish what is pending, by the command or as the service does."""
    if not sim.model.pending:
        return
    if sim.chance(0.5):
        sim.stage.clock.advance(timedelta(minutes=3))
        sim.perform("finish grants", lambda home: GrantFinisher(home).finish())
    else:
        sim.command("licence", "resume")
    _take_pending(sim)


def void(sim: Simulation) -> None:
    """Give a pending grant up."""
    identifier = sim.choose(list(sim.model.pending))
    if identifier is None:
        return
    arguments = ("licence", "void", identifier, "--why", "样例", "--yes")
    outcome = sim.command(*arguments)
    row = sim.licence_row(identifier)
    if row["state"] == PENDING:
        # The journal may have heard of it before it was cut off: it is then never finished.
        outcome = sim.command(*arguments, faulty=False)
        row = sim.licence_row(identifier)
        assert outcome.done
    assert not outcome.done or row["state"] == "VOID"
    before = sim.model.licences.get(sim.model.pending[identifier].replaces or "")
    _take_pending(sim)
    if before is not None and outcome.done:
        before.maybe.clear()  # the journal has heard that it stands


def _take_pending(sim: Simulation) -> None:
    """Take in what became of all that was pending."""
    waiting = dict(sim.model.pending)
    oracle.unsure_of_void(sim)
    for identifier, request in waiting.items():
        before = sim.model.licences.get(request.replaces or "")
        if before is None:
            continue
        if identifier in sim.model.licences:
            set_state(before, (REPLACED, request.reason, identifier))
            sim.model.events.append(("licence.replaced", before.identifier))
        else:
            before.maybe.append((REPLACED, request.reason, None))
        oracle.check_record(sim, before)
