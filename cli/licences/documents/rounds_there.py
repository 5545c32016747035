"""`xinyin document … --server`: seals that follow the first one, asked for at a server."""

import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cli.licences.documents import messages
from cli.licences.documents.records import named_there
from cli.licences.documents.server import job_followed
from cli.remote.contexts import remote_desk
from cli.remote.desk import JsonObject, RemoteDesk
from cli.remote.server import ServerRefusedError
from cli.shell.confirming import confirm
from cli.shell.delivery import refuse_unwritable
from cli.shell.output import Output
from core.errors import UsageError
from core.files import write_atomically
from core.text import Text
from core.web.problems import problem_of
from registry.officers.model import JobState

_NOT_ALONE = ("second_person_required", "not_allowed")
"""Codes that leave a request to somebody else."""


@dataclass(frozen=True, slots=True)
class RoundsThere:
    """A server, and where its answers go; asked as who signed in there."""

    server: str
    output: Output

    @property
    def desk(self) -> RemoteDesk:
        """Its desk."""
        return remote_desk(self.server, self.output)


def listed(there: RoundsThere, of: str) -> None:
    """List documents that several seal."""
    found = there.desk.rounds.listed(of)
    if there.output.as_json:
        there.output.records(found)
        return
    if not found:
        there.output.say(messages.NO_MATCHING_DOCUMENT)
        return
    rows = [
        (
            one["number"],
            one["title"],
            one["authority_name"],
            "、".join(step["name"] for step in _awaited(one)),
            one["countersigning"]["deadline"] or "",
            one["identifier"],
        )
        for one in found
    ]
    headings = [one.to(there.output.language) for one in messages.ROUND_HEADINGS]
    there.output.table(headings, rows)


def countersign(
    there: RoundsThere, named: str, authority: str | None, out: Path, *, force: bool, yes: bool
) -> int:
    """Ask for an authority's seal; where nobody else has to approve, have it put on, and fetch
    the file. Return an exit code.
    """
    refuse_unwritable(out, force=force)
    desk = there.desk
    found = desk.rounds.find(named_there(desk, named))
    identifier = str(found["identifier"])
    confirm(
        there.output,
        messages.confirm_sealing(
            number=str(found["number"]),
            title=str(found["title"]),
            body=_ours(found, authority),
        ),
        yes=yes,
    )
    key = f"countersign-{secrets.token_hex(12)}"
    made = desk.rounds.ask(identifier, authority, key)
    request_id = str(made["id"])
    try:
        job = desk.begin_job(request_id)
    except ServerRefusedError as error:
        if error.code not in _NOT_ALONE:
            raise
        _told(there, made | {"request": request_id}, request_id)
        there.output.say(messages.documents_wait(request_id))
        return 0
    ended = job_followed(desk, str(job["job"]))
    failed = list(desk.job_rows(str(job["job"]), "FAILED"))
    for row in failed:
        detail = row.get("detail") or {"zh": str(row["code"]), "en": str(row["code"])}
        there.output.say(Text(str(detail["zh"]), str(detail["en"])))
    if failed:
        return problem_of(str(failed[0]["code"])).exit_code
    if ended["state"] != JobState.DONE:
        there.output.say(messages.documents_stopped(str(job["job"]), str(ended["why"])))
        return problem_of("not_allowed").exit_code
    _fetched(there, identifier, out)
    return 0


def refuse(
    there: RoundsThere,
    named: str,
    reason: str,
    authority: str | None,
    outside: str | None,
    *,
    yes: bool,
) -> None:
    """Refuse to seal a document."""
    desk = there.desk
    found = desk.rounds.find(named_there(desk, named))
    number, title = str(found["number"]), str(found["title"])
    confirm(there.output, messages.confirm_refusing(number=number, title=title), yes=yes)
    body = {"authority": authority, "reason": reason, "outside": outside}
    told = desk.rounds.refuse(str(found["identifier"]), body)
    if there.output.as_json:
        there.output.data(told)
    there.output.say(messages.round_refused(number))


def take_in(there: RoundsThere, data: bytes, named: str | None, out: Path) -> None:
    """Hand in what was signed elsewhere."""
    if named is None:
        raise UsageError(messages.DOCUMENT_OF_FILE_NEEDED)
    desk = there.desk
    identifier = named_there(desk, named)
    desk.rounds.take_in(identifier, data)
    _fetched(there, identifier, out)


def export(there: RoundsThere, named: str, out: Path) -> None:
    """Fetch a document's newest file."""
    desk = there.desk
    identifier = named_there(desk, named)
    write_atomically(out, desk.rounds.file(identifier))
    _told(there, desk.rounds.find(identifier) | {"path": str(out)}, str(out))


def move_day(there: RoundsThere, named: str, day: date, reason: str) -> None:
    """Move the last day of a round."""
    desk = there.desk
    told = desk.rounds.move_day(named_there(desk, named), day.isoformat(), reason)
    if there.output.as_json:
        there.output.data(told)
    there.output.say(messages.day_moved(str(told["number"]), day))


def _fetched(there: RoundsThere, identifier: str, out: Path) -> None:
    desk = there.desk
    found = desk.rounds.find(identifier)
    write_atomically(out, desk.rounds.file(identifier))
    _told(there, found | {"path": str(out)}, str(out))
    missing = [
        str(one["name"]) for one in found["countersigning"]["signers"] if one["state"] != "SIGNED"
    ]
    there.output.say(messages.round_goes_on(missing) if missing else messages.ROUND_COMPLETE)


def _told(there: RoundsThere, facts: JsonObject, line: str) -> None:
    if there.output.as_json:
        there.output.data(facts)
    else:
        there.output.text(line)


def _awaited(one: JsonObject) -> list[JsonObject]:
    return [step for step in one["countersigning"]["signers"] if step["awaited_since"]]


def _ours(found: JsonObject, authority: str | None) -> str:
    """Return the names of the bodies whose seal would be asked for."""
    steps = [one for one in _awaited(found) if one["yours"]]
    named = [one for one in steps if authority in (None, one["authority"])]
    return "、".join(str(one["name"]) for one in named or steps)
