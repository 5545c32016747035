"""`xinyin correction`: requests to correct what a licence says, and their clock."""

import base64
import secrets
from pathlib import Path
from typing import Any

import click

from cli.licences import messages
from cli.licences.licence_records import find_target
from cli.licences.request_keys import request_key_option
from cli.remote.contexts import remote_desk, server_option
from cli.shell.instants import said
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.reading import read_file
from core.files import write_atomically
from core.permits import Action
from home.corrections import correction_terms
from home.wiring import Home
from registry.licences.corrections.evidence import MOST_BYTES, read_evidence
from registry.licences.corrections.rows import (
    Correction,
    CorrectionSource,
    CorrectionState,
    NewCorrection,
    ask_correction,
    decide_correction,
    evidence_of,
    extend_correction,
    find_correction,
    list_corrections,
)

_CORRECTION = click.argument("correction_id", metavar="CORRECTION")
_WHY = click.option("--reason", "why", required=True, help="Why; who asked is told.")
_SOURCES = (CorrectionSource.HOLDER, CorrectionSource.OFFICE)


@click.group("correction")
def correction() -> None:
    """Requests to correct what a licence says, with their clock. 更正申请及其办理期限。"""


@correction.command("request")
@click.argument("licence", metavar="LICENCE")
@click.option("--field", "named", required=True, help="What is wrong, such as 经营者名称.")
@click.option("--wanted", required=True, help="What it should say.")
@click.option("--reason", required=True, help="Why it is wrong.")
@click.option(
    "--for",
    "source",
    type=click.Choice([one.value for one in _SOURCES]),
    default=CorrectionSource.HOLDER.value,
    show_default=True,
    help="For a holder who was seen, or for an office that found the error.",
)
@click.option("--contact", default="", help="Where who asks is reached; forgotten later.")
@click.option(
    "--evidence",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A PDF, JPEG or PNG; up to three.",
)
@request_key_option
@server_option
@command_options
def ask(
    home: Home,
    output: Output,
    *,
    licence: str,
    named: str,
    wanted: str,
    reason: str,
    source: str,
    contact: str,
    files: tuple[Path, ...],
    request_key: str | None,
    server: str | None,
) -> None:
    """Ask for a correction. 申请更正。

    LICENCE is an identifier, a printed number or a link.

    \b
    Example:
      xinyin correction request JY19901210000017 --field 经营者名称 --wanted 张三 --reason 登记有误
    """
    content = [read_file(one, MOST_BYTES) for one in files]
    key = request_key or secrets.token_urlsafe(18)
    if server is not None:
        body = {
            "licence": licence,
            "source": source,
            "field": named,
            "wanted": wanted,
            "reason": reason,
            "contact": contact,
            "evidence": [base64.b64encode(one).decode() for one in content],
        }
        made = remote_desk(server, output).ask_correction(body, key)
        _told(output, made["id"], made["due_on"], made["receipt"])
        return
    found = find_target(home, licence)
    new = NewCorrection(
        CorrectionSource(source), named, wanted, reason, contact, read_evidence(content), key
    )
    with home.database.writing() as connection:
        asked, receipt = ask_correction(
            connection,
            found,
            new,
            home.permit(Action.ASK_CORRECTION),
            home.clock.now(),
            received=home.today(),
            terms=correction_terms(home),
            random=secrets.token_bytes,
        )
    _told(output, asked.correction_id, asked.due_on.isoformat(), receipt)


@correction.command("list")
@click.option(
    "--state",
    type=click.Choice([one.value for one in CorrectionState]),
    help="Only those in this state.",
)
@click.option("--overdue", is_flag=True, help="Only those whose clock has run out.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most.")
@server_option
@command_options
def list_(
    home: Home,
    output: Output,
    *,
    state: str | None,
    overdue: bool,
    limit: int,
    server: str | None,
) -> None:
    """List requests for corrections, the oldest first. 列出更正申请。

    \b
    Example:
      xinyin correction list --overdue
    """
    if server is not None:
        listed = remote_desk(server, output).list_corrections(state, limit, overdue=overdue)
        output.records([_summary_of(one) for one in listed])
        return
    wanted = None if state is None else CorrectionState(state)
    with home.database.reading() as connection:
        found = list_corrections(
            connection,
            state=wanted,
            overdue_on=home.today() if overdue else None,
            limit=limit,
        )
    output.records([_summary(one, home) for one in found])


@correction.command("show")
@_CORRECTION
@server_option
@command_options
def show(home: Home, output: Output, correction_id: str, server: str | None) -> None:
    """Show a request for a correction. 查看更正申请。

    \b
    Example:
      xinyin correction show 7be1428890ab3f9a0c5d
    """
    if server is not None:
        told = remote_desk(server, output).correction(correction_id)
        output.facts({"correction": told.pop("id"), **told})
        return
    with home.database.reading() as connection:
        output.facts(_facts(find_correction(connection, correction_id), home))


@correction.command("evidence")
@_CORRECTION
@click.option("--number", type=click.IntRange(1), default=1, show_default=True, help="Which file.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it; a stranger's file, which nothing here has opened.",
)
@server_option
@command_options
def evidence(
    home: Home, output: Output, correction_id: str, *, number: int, out: Path, server: str | None
) -> None:
    """Write an evidence file of a request. 取出证明材料。

    \b
    Example:
      xinyin correction evidence 7be1428890ab3f9a0c5d --out evidence.pdf
    """
    if server is not None:
        content = remote_desk(server, output).correction_evidence(correction_id, number)
    else:
        with home.database.reading() as connection:
            content = evidence_of(connection, correction_id, number).content
    write_atomically(out, content, mode=0o600)
    output.text(str(out))


@correction.command("accept")
@_CORRECTION
@_WHY
@server_option
@command_options
def accept(home: Home, output: Output, correction_id: str, why: str, server: str | None) -> None:
    """Accept a request; `licence correct` then makes the new version. 受理更正。

    \b
    Example:
      xinyin correction accept 7be1428890ab3f9a0c5d --reason "经核实登记有误"
    """
    identifier = _decide(home, output, correction_id, CorrectionState.ACCEPTED, why, server)
    output.say(messages.correction_accepted(correction_id, identifier))


@correction.command("refuse")
@_CORRECTION
@_WHY
@server_option
@command_options
def refuse(home: Home, output: Output, correction_id: str, why: str, server: str | None) -> None:
    """Refuse a request. 不予更正。

    \b
    Example:
      xinyin correction refuse 7be1428890ab3f9a0c5d --reason "与登记档案一致"
    """
    _decide(home, output, correction_id, CorrectionState.REFUSED, why, server)
    output.say(messages.correction_refused(correction_id))


@correction.command("withdraw")
@_CORRECTION
@_WHY
@server_option
@command_options
def withdraw(home: Home, output: Output, correction_id: str, why: str, server: str | None) -> None:
    """Withdraw a request. 撤回更正申请。

    \b
    Example:
      xinyin correction withdraw 7be1428890ab3f9a0c5d --reason "申请人撤回"
    """
    _decide(home, output, correction_id, CorrectionState.WITHDRAWN, why, server)
    output.say(messages.correction_withdrawn(correction_id))


@correction.command("extend")
@_CORRECTION
@_WHY
@server_option
@command_options
def extend(home: Home, output: Output, correction_id: str, why: str, server: str | None) -> None:
    """Give a request more time, once. 延长办理期限（一次）。

    \b
    Example:
      xinyin correction extend 7be1428890ab3f9a0c5d --reason "须向原发证机关核实"
    """
    if server is not None:
        told = remote_desk(server, output).decide_correction(correction_id, "extend", why)
        due_on = str(told["due_on"])
    else:
        with home.database.writing() as connection:
            extended = extend_correction(
                connection,
                correction_id,
                why,
                permit=home.permit(Action.DECIDE_CORRECTION),
                at=home.clock.now(),
                terms=correction_terms(home),
            )
        due_on = extended.due_on.isoformat()
    output.say(messages.correction_extended(correction_id, due_on))


_VERBS = {
    CorrectionState.ACCEPTED: "accept",
    CorrectionState.REFUSED: "refuse",
    CorrectionState.WITHDRAWN: "withdraw",
}


def _decide(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    correction_id: str,
    state: CorrectionState,
    why: str,
    server: str | None,
) -> str:
    """Decide on a request; return the licence that it is about."""
    if server is not None:
        desk = remote_desk(server, output)
        return str(desk.decide_correction(correction_id, _VERBS[state], why)["licence"])
    with home.database.writing() as connection:
        decided = decide_correction(
            connection,
            correction_id,
            state,
            why,
            permit=home.permit(Action.DECIDE_CORRECTION),
            at=home.clock.now(),
        )
    return decided.identifier


def _told(output: Output, correction_id: str, due_on: str, receipt: str) -> None:
    output.facts({"correction": correction_id, "due_on": due_on, "receipt": receipt})
    output.say(messages.CORRECTION_RECEIPT)


def _summary(one: Correction, home: Home) -> dict[str, object]:
    return {
        "correction": one.correction_id,
        "licence": one.identifier,
        "source": one.source,
        "state": one.state,
        "asked_at": said(one.asked_at, home.zone),
        "due_on": one.due_on.isoformat(),
        "overdue": one.overdue(home.today()),
    }


def _summary_of(one: dict[str, Any]) -> dict[str, object]:
    named = ("licence", "source", "state", "asked_at", "due_on", "overdue")
    return {"correction": one["id"], **{name: one[name] for name in named}}


def _facts(one: Correction, home: Home) -> dict[str, object]:
    decided = one.decided_at
    return {
        **_summary(one, home),
        "authority": one.authority_id,
        "asked_by": one.asked_by,
        "extended": one.extended,
        "field": one.field,
        "wanted": one.wanted,
        "reason": one.reason,
        "contact": one.contact,
        "files": one.files,
        "decided_by": one.decided_by,
        "decided_at": None if decided is None else said(decided, home.zone),
        "answer": one.answer,
        "corrected_by": one.corrected_by,
    }


COMMANDS = (correction,)
