"""Report of signed documents: a line for each file, and who seals one after its issuer."""

from pathlib import Path

from cli.licences.documents import messages
from cli.shell.output import Output
from cli.shell.tally import Words
from core.errors import XinyinError
from core.text import Language, Text
from home.wiring import Home
from registry.granting.document_orders import RefusedFileError, SignedDocument, told
from registry.granting.rounds import progress_or_none
from registry.licences.countersignatures import RoundProgress, RoundStep, SigningState
from registry.licences.links import link_of
from registry.model import Licence
from registry.objects.store import sha256_of
from signing.intake.messages import REMEDIES
from signing.intake.report import IntakeFinding

COUNTED = Words(
    things=Text("份", "files"),
    done=Text("已签发", "signed"),
    go_on=Text(
        "再执行一次同样的命令即可接着签发，已签发的不会重复签发。",
        "Run the same command again: it goes on from here and signs nothing twice.",
    ),
    mend=Text(
        "更正以上各份后再执行一次，已签发的不会重复签发。",
        "Mend the files named above and run it again: nothing is signed twice.",
    ),
)
"""Words for counts of a folder's files."""


def report_signed(
    output: Output, home: Home, source: Path, signed: SignedDocument, path: Path
) -> None:
    """Say what became of a file that is signed."""
    licence = signed.granted.licence
    if output.as_json:
        output.data(
            {
                "source": str(source),
                "source_sha256": signed.source,
                "outcome": "signed_before" if signed.granted.repeated else "signed",
                "identifier": licence.identifier,
                "number": licence.number,
                "state": licence.effective_state(home.today()),
                "link": link_of(home.settings.service.public_url, licence),
                "path": str(path),
                "sha256": sha256_of(signed.granted.pdf),
                "cleaned": [_as_json(one) for one in signed.cleaned],
                "fonts_not_embedded": list(signed.unembedded),
            }
        )
        return
    output.text(str(path))
    output.say(messages.document_reference(number=licence.number, identifier=licence.identifier))
    progress = find_round(home, licence)
    if progress is not None and progress.open:
        output.say(messages.round_begins([one.signer.name for one in progress.missing]))
    for one in signed.cleaned:
        output.say(messages.taken_out(told(one)))
    if signed.unembedded:
        output.say(messages.fonts_not_embedded(", ".join(signed.unembedded)))


def fail(output: Output, source: Path, error: XinyinError) -> None:
    """Say why a file is not signed."""
    if not output.as_json:
        output.say(Text(f"{source}：{error.text.zh}", f"{source}: {error.text.en}"))
        return
    refused = isinstance(error, RefusedFileError)
    found = error.findings if isinstance(error, RefusedFileError) else ()
    output.data(
        {
            "source": str(source),
            "outcome": "refused" if refused else "failed",
            "code": error.code,
            "message": error.text.as_json(),
            "findings": [_as_json(one) for one in found],
        }
    )


def _as_json(finding: IntakeFinding) -> dict[str, object]:
    return {
        "code": finding.hazard,
        "page": finding.page or None,
        "detail": finding.detail,
        "message": told(finding).as_json(),
        "remedy": REMEDIES[finding.hazard].as_json(),
    }


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
            "signers": [_step_as_json(one) for one in progress.steps],
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


def _step_as_json(one: RoundStep) -> dict[str, object]:
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
