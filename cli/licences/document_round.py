"""Who seals a document, in words and as JSON: who did, who is awaited since when, until when."""

from cli.licences import messages
from cli.shell.output import Output
from core.text import Language, Text
from home.wiring import Home
from registry.granting.rounds import progress_or_none
from registry.licences.countersignatures import RoundProgress, RoundStep, SigningState
from registry.model import Licence

_STATES = {
    SigningState.AWAITED: Text("待盖章", "not sealed"),
    SigningState.BEGUN: Text("正在盖章", "being sealed"),
    SigningState.SIGNED: Text("已盖章", "sealed"),
    SigningState.REFUSED: Text("拒绝会签", "refused"),
}
_HEADINGS = (
    Text("次序", "order"),
    Text("会签单位", "body"),
    Text("状态", "state"),
    Text("时间", "when"),
)
_TURN = Text("等待其盖章", "awaited")


def find_round(home: Home, found: Licence) -> RoundProgress | None:
    """Return the round of a document; None where nobody else is to seal it."""
    with home.database.reading() as connection:
        return progress_or_none(connection, found)


def round_as_json(home: Home, progress: RoundProgress | None) -> dict[str, object]:
    """Return a round as JSON; nothing where there is none."""
    if progress is None:
        return {}
    day = progress.asked.deadline
    return {
        "countersigning": {
            "open": progress.open,
            "ordered": progress.asked.ordered,
            "deadline": None if day is None else day.isoformat(),
            "overdue": progress.open and progress.overdue(home.today()),
            "signers": [_as_json(one) for one in progress.steps],
        }
    }


def show_round(home: Home, output: Output, progress: RoundProgress | None) -> None:
    """Show a round as a table."""
    if progress is None:
        return
    language = output.language
    rows = [_row(home, one, language) for one in progress.steps]
    output.table([one.to(language) for one in _HEADINGS], rows)
    if not progress.asked.ordered:
        output.say(messages.ANY_ORDER)
    if progress.asked.deadline is not None and progress.open:
        overdue = progress.overdue(home.today())
        output.say(messages.sealing_until(progress.asked.deadline, overdue=overdue))


def _row(home: Home, one: RoundStep, language: Language) -> tuple[str, ...]:
    state = _TURN if one.awaited and one.state is SigningState.AWAITED else _STATES[one.state]
    at = one.settled_at or one.since
    when = "" if at is None else at.astimezone(home.zone).strftime("%Y-%m-%d %H:%M")
    if one.awaited:
        when = messages.awaited_since(when).to(language)
    name = messages.signs_elsewhere(one.signer.name) if one.signer.outside else None
    shown = one.signer.name if name is None else name.to(language)
    return (str(one.position), shown, state.to(language), when)


def _as_json(one: RoundStep) -> dict[str, object]:
    return {
        "position": one.position,
        "name": one.signer.name,
        "authority": one.signer.authority or None,
        "outside": one.signer.outside,
        "state": one.state,
        "awaited_since": None if one.since is None else one.since.isoformat(),
        "acted": one.authority_id,
        "seal": one.seal_id,
        "certificate_sha256": one.certificate_sha256,
        "at": None if one.settled_at is None else one.settled_at.isoformat(),
    }
