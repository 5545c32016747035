"""`xinyin job …`: batches that a server carries out; on its own machine, a look at them."""

import os
from pathlib import Path

import click

from cli.remote import messages
from cli.remote.contexts import remote_desk, server_option
from cli.remote.desk import JsonObject, RemoteDesk
from cli.remote.following import follow
from cli.shell.delivery import write_output
from cli.shell.instants import said
from cli.shell.options import command_options
from cli.shell.output import Output, terminal_language
from core.errors import UsageError
from core.permits import EVERYTHING
from core.text import Text
from core.web.problems import problem_of
from home.wiring import Home
from registry.desk.batch.progress import Progress, progress_of
from registry.desk.batch_rows import RowState, count_rows
from registry.officers.jobs import find_job, list_jobs
from registry.officers.model import UNDER_WAY, Job, JobState
from registry.officers.words import JOB_STATES

EXIT_FAILURES = 20
_JOB = click.argument("job_id", metavar="JOB")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("job")
def job() -> None:
    """Batches that a server carries out. 批量任务。"""


@job.command("list")
@click.option(
    "--state", type=click.Choice([one.value for one in JobState]), help="Only those in this state."
)
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most.")
@server_option
@command_options
def list_(home: Home, output: Output, *, state: str | None, limit: int, server: str | None) -> None:
    """List jobs, the oldest first. 列出批量任务。

    \b
    Example:
      xinyin job list --state RUNNING
    """
    if server is None:
        wanted = None if state is None else JobState(state)
        with home.database.reading() as connection:
            here = list_jobs(connection, EVERYTHING, state=wanted, limit=limit)
        output.records([_summary(one, home) for one in here])
        return
    output.records(
        [
            {key: one[key] for key in ("job", "state", "why", "request", "authority", "asked_at")}
            for one in remote_desk(server, output).list_jobs(state, limit)
        ]
    )


@job.command("show")
@_JOB
@server_option
@command_options
def show(home: Home, output: Output, job_id: str, *, server: str | None) -> None:
    """Show how far a job is. 查看任务进度。

    \b
    Example:
      xinyin job show 5c0d9ab7e1428890af3f
    """
    if server is None:
        with home.database.reading() as connection:
            here = find_job(connection, job_id)
            counts = count_rows(connection, here.request_id)
            progress = progress_of(connection, here, home.clock.now())
        told = {state.value.lower(): counts[state] for state in RowState}
        told["before"] = counts.before
        shown = _progress_facts(_as_json(progress), output)
        output.facts(_summary(here, home) | {"carried_by": here.carried_by} | told | shown)
        return
    found, _ = remote_desk(server, output).job(job_id)
    output.facts(_flat(found, output))


@job.command("wait")
@_JOB
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory for the sealed PDFs.",
)
@server_option
@_JSON
def wait(job_id: str, *, out: Path | None, server: str | None, as_json: bool) -> int:
    """Wait until a job is over; name the rows that failed. 等待任务完成。

    Ends with 0 where every row was granted, 20 where some failed, 4 where it stopped because a
    right ended, 2 where it was cancelled.

    \b
    Example:
      xinyin job wait 5c0d9ab7e1428890af3f --out licences/
    """
    output = _output(as_json=as_json)
    desk = remote_desk(server, output)
    found = _followed(desk, job_id, output)
    failed = list(desk.job_rows(job_id, "FAILED")) if found["counts"]["failed"] else []
    for row in failed:
        _tell_row(output, row)
    if out is not None:
        _deliver(desk, job_id, out, output)
    _tell(output, found)
    if found["state"] == JobState.DONE:
        return EXIT_FAILURES if failed else 0
    code = "not_allowed" if found["state"] == JobState.STOPPED else UsageError.code
    return problem_of(code).exit_code


@job.command("cancel")
@_JOB
@click.option("--basis", "why", required=True, help="Why: a document, a decision.")
@server_option
@_JSON
def cancel(job_id: str, why: str, *, server: str | None, as_json: bool) -> None:
    """Grant no more rows of a job; what was granted stands. 取消任务。

    \b
    Example:
      xinyin job cancel 5c0d9ab7e1428890af3f --basis "表格有误"
    """
    output = _output(as_json=as_json)
    remote_desk(server, output).cancel_job(job_id, why)
    output.say(messages.job_cancelled(job_id))


@job.command("pause")
@_JOB
@server_option
@_JSON
def pause(job_id: str, *, server: str | None, as_json: bool) -> None:
    """Grant no more rows of a job until somebody resumes it. 暂停任务。

    \b
    Example:
      xinyin job pause 5c0d9ab7e1428890af3f
    """
    output = _output(as_json=as_json)
    _tell(output, remote_desk(server, output).pause_job(job_id))


@job.command("resume")
@_JOB
@server_option
@_JSON
def resume(job_id: str, *, server: str | None, as_json: bool) -> None:
    """Go on with a job that stopped or was paused, or with the rows that failed. 继续任务。

    \b
    Example:
      xinyin job resume 5c0d9ab7e1428890af3f
    """
    output = _output(as_json=as_json)
    _tell(output, remote_desk(server, output).go_on(job_id))


def _followed(desk: RemoteDesk, job_id: str, output: Output) -> JsonObject:
    """Return a job once it is over, with its progress on the terminal meanwhile."""
    with output.bar(messages.GRANTING) as moved:

        def tell(found: JsonObject) -> None:
            counts = found["counts"]
            total = sum(counts.values())
            moved(total - counts["waiting"], total)

        return follow(lambda: desk.job(job_id), tell, UNDER_WAY)


def _deliver(desk: RemoteDesk, job_id: str, out: Path, output: Output) -> None:
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    for row in desk.job_rows(job_id, "GRANTED"):
        identifier = str(row["licence"])
        path = out / f"{Path(identifier).name}.pdf"
        if not path.exists():
            write_output(path, desk.document(identifier))
        if output.as_json:
            output.data({"row": row["number"], "identifier": identifier, "path": str(path)})
        else:
            output.text(str(path))


def _tell_row(output: Output, row: JsonObject) -> None:
    detail = row.get("detail") or {"zh": str(row["code"]), "en": str(row["code"])}
    if output.as_json:
        output.data({"row": row["number"], "code": row["code"], "message": detail})
        return
    problem = Text(str(detail["zh"]), str(detail["en"]))
    output.say(messages.row_failed(number=row["number"], problem=problem))


def _tell(output: Output, found: JsonObject) -> None:
    if output.as_json:
        output.data(_flat(found, output))
        return
    counts = ", ".join(f"{key} {value}" for key, value in found["counts"].items())
    summary = (found.get("progress") or {}).get("summary")
    came_to = Text(counts, counts) if summary is None else Text(summary["zh"], summary["en"])
    state = JOB_STATES[JobState(found["state"])]
    output.say(
        messages.job_stands(job_id=found["job"], state=state, came_to=came_to, why=found["why"])
    )


def _summary(one: Job, home: Home) -> dict[str, object]:
    """Return a job of this machine as the list of a server tells it."""
    return {
        "job": one.job_id,
        "state": one.state,
        "why": one.why,
        "request": one.request_id,
        "authority": one.authority_id,
        "asked_at": said(one.asked_at, home.zone),
    }


def _flat(found: JsonObject, output: Output) -> JsonObject:
    rest = {key: one for key, one in found.items() if key not in ("counts", "progress")}
    shown = _progress_facts(found.get("progress") or {}, output)  # a server of before has none
    return {**rest, **found["counts"], **shown}


def _as_json(progress: Progress) -> JsonObject:
    """Return progress as a server tells it."""
    summary, pace, left = progress.summary, progress.rows_per_second, progress.seconds_left
    return {
        "done": progress.done,
        "rows": progress.rows,
        "seconds": round(progress.seconds, 1),
        "rows_per_second": None if pace is None else round(pace, 2),
        "seconds_left": None if left is None else round(left),
        "errors": [
            {"code": one.code, "title": one.title.as_json(), "rows": one.rows}
            for one in progress.errors
        ],
        "summary": None if summary is None else summary.as_json(),
    }


def _progress_facts(progress: JsonObject, output: Output) -> JsonObject:
    """Return progress for `facts`; on a terminal its words are in the terminal's language."""
    if output.as_json or not progress:
        return progress
    language, summary = output.language, progress["summary"]
    errors = [one | {"title": one["title"][language]} for one in progress["errors"]]
    told = progress | {"summary": None if summary is None else summary[language], "errors": errors}
    return {key: one for key, one in told.items() if one not in (None, [])}


def _output(*, as_json: bool) -> Output:

    return Output(as_json=as_json, language=terminal_language(os.environ))


COMMANDS = (job,)
