"""`xinyin archive …`: stored documents and the timestamps that keep them provable."""

from datetime import datetime, timedelta

import click

from cli.keeping import messages
from cli.keeping.archive_export import export
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.permits import Action
from core.text import Text
from home.archiving import offers_of
from home.wiring import Home
from registry.archive.renewal import DocumentRenewal, Fate
from registry.archive.schedule import Outlook, list_due, look_ahead

EXIT_FAILURES = 20
_WITHIN = click.option(
    "--due-within",
    type=click.IntRange(0, 36_500),
    help="Days: what ends within them is due [default: archive.due_within_days, 180].",
)


@click.group("archive")
def archive() -> None:
    """Keep stored documents provable for decades. 存档文件的长期证明。"""


@archive.command("status")
@_WITHIN
@command_options
def status(home: Home, output: Output, due_within: int | None) -> None:
    """Tell how many documents are due for renewal, and when the next ends. 查看存档状态。

    \b
    Example:
      xinyin archive status --due-within 365
    """
    now, horizon = _times(home, due_within)
    with home.database.reading() as connection:
        seen = look_ahead(connection, now=now, horizon=horizon, offers=offers_of(home.hierarchy))
    record = {
        "documents": seen.documents,
        "due": seen.due,
        "unread": seen.unread,
        "waiting": seen.waiting,
        "overdue": seen.overdue,
        "next_end": None if seen.next_end is None else seen.next_end.isoformat(),
        "horizon": horizon.isoformat(),
    }
    if output.as_json:
        output.data(record)
    else:
        output.table(["", ""], _explained(seen, horizon, output))


@archive.command("renew")
@_WITHIN
@click.option("--limit", type=click.IntRange(1), help="Renew at most so many documents.")
@click.option("--dry-run", is_flag=True, help="Tell what is due; change nothing, open no key.")
@key_options
@command_options
def renew(
    home: Home, output: Output, *, due_within: int | None, limit: int | None, dry_run: bool
) -> int:
    """Give stored documents a further archive timestamp before their proof ends. 存档续期。

    Fresh validation data and a document timestamp (ETSI EN 319 142-1, B-LTA) are added to the
    store's copy; holders' copies stay as they are. May be interrupted and run again, and run by
    several processes at once. Exits 20 if a document was damaged or could not be renewed.

    \b
    Examples:
      xinyin archive renew                      what ends within 180 days
      xinyin archive renew --due-within 365 --limit 10000
      xinyin archive renew --dry-run --json
    """
    now, horizon = _times(home, due_within)
    if dry_run:
        return _dry_run(home, output, horizon, limit)
    permit = home.permit(Action.RENEW_ARCHIVE)
    renewal = home.open_archive_renewal()
    total = renewal.count(horizon)
    seen: dict[Fate, int] = dict.fromkeys(Fate, 0)
    run = renewal.run(horizon, permit, limit=limit)
    label = messages.RENEWING
    for one in output.track(run, total if limit is None else min(total, limit), label):
        seen[one.fate] += 1
        _tell(output, one)
    output.say(_summary(seen))
    with home.database.reading() as connection:
        left = look_ahead(connection, now=now, horizon=horizon, offers=renewal.offers)
    _warn(output, left)
    return EXIT_FAILURES if seen[Fate.DAMAGED] or seen[Fate.FAILED] else 0


def _times(home: Home, due_within: int | None) -> tuple[datetime, datetime]:
    days = home.settings.archive.due_within_days if due_within is None else due_within
    now = home.clock.now()
    return now, now + timedelta(days=days)


def _dry_run(home: Home, output: Output, horizon: datetime, limit: int | None) -> int:
    with home.database.reading() as connection:
        due = list_due(connection, horizon, offers_of(home.hierarchy), limit)
    output.records(
        [
            {
                "identifier": one.identifier,
                "sequence": one.sequence,
                "certificate_until": one.certificate_until.isoformat(),
            }
            for one in due
        ]
    )
    output.say(messages.documents_due(len(due)))
    return 0


def _tell(output: Output, one: DocumentRenewal) -> None:
    if output.as_json:
        until = one.protected_until
        output.data(
            {
                "identifier": one.identifier,
                "result": one.fate,
                "sequence": one.sequence,
                "protected_until": None if until is None else until.isoformat(),
                "sha256": one.sha256,
                "code": one.code,
            }
        )
    elif one.why is not None:
        zh, en = one.why.zh, one.why.en
        output.say(Text(f"{one.identifier}：{zh}", f"{one.identifier}: {en}"))


def _summary(seen: dict[Fate, int]) -> Text:
    done, failed = seen[Fate.RENEWED], seen[Fate.DAMAGED] + seen[Fate.FAILED]
    fine = seen[Fate.NOT_DUE]
    return messages.renewal_result(renewed=done, up_to_date=fine, failed=failed)


def _warn(output: Output, left: Outlook) -> None:
    if left.waiting:
        output.say(messages.renewal_needs_new_tsa_certificate(left.waiting))
    if left.due or left.unread:
        output.say(messages.documents_still_due(left.due + left.unread))


def _explained(seen: Outlook, horizon: datetime, output: Output) -> list[tuple[str, object]]:
    day = f"{horizon:%Y-%m-%d}"
    end = "–" if seen.next_end is None else f"{seen.next_end:%Y-%m-%d}"
    rows = [
        (messages.ARCHIVED_DOCUMENTS, seen.documents),
        (messages.due_by_day(day), seen.due),
        (messages.EARLIER_VERSION_UNREAD, seen.unread),
        (messages.AWAITING_TSA_CERTIFICATE, seen.waiting),
        (messages.OVERDUE, seen.overdue),
        (messages.FIRST_END, end),
    ]
    return [(text.to(output.language), value) for text, value in rows]


archive.add_command(export)
COMMANDS = (archive,)
