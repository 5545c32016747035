"""`xinyin archive …`: stored documents and the timestamps that keep them provable."""

from datetime import datetime, timedelta

import click

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
    label = Text("存档续期", "Renewing")
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
    output.say(Text(f"到期待续：{len(due)} 份。", f"{len(due)} due."))
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
    return Text(
        f"已续期 {done} 份，无需续期 {fine} 份，失败 {failed} 份。",
        f"{done} renewed, {fine} needed nothing, {failed} failed.",
    )


def _warn(output: Output, left: Outlook) -> None:
    if left.waiting:
        output.say(
            Text(
                f"另有 {left.waiting} 份即将到期，但现用时间戳证书的到期日不晚于这些文件。"
                "请先更换时间戳密钥和证书：xinyin ca renew --force-renewal。",
                f"{left.waiting} more end soon, but the TSA's present certificate lasts no longer. "
                "Give the TSA a new key and certificate first: xinyin ca renew --force-renewal.",
            )
        )
    if left.due or left.unread:
        output.say(
            Text(
                f"还有 {left.due + left.unread} 份待续（未完成、失败，或正由另一进程处理）。"
                "请稍后再次运行。",
                f"{left.due + left.unread} are still due (not reached, failed, or another "
                "process is at them). Run this again later.",
            )
        )


def _explained(seen: Outlook, horizon: datetime, output: Output) -> list[tuple[str, object]]:
    day = f"{horizon:%Y-%m-%d}"
    end = "–" if seen.next_end is None else f"{seen.next_end:%Y-%m-%d}"
    rows = [
        (Text("存档文件", "documents in the archive"), seen.documents),
        (Text(f"{day} 前到期、可续期", f"due by {day}, to be renewed"), seen.due),
        (Text("旧版本登记、尚未检查", "from an earlier version, not read yet"), seen.unread),
        (Text("等待新的时间戳证书", "waiting for a new TSA certificate"), seen.waiting),
        (Text("已过期（证明有缺口）", "overdue (the proof has a gap)"), seen.overdue),
        (Text("最早到期", "the first ends on"), end),
    ]
    return [(text.to(output.language), value) for text, value in rows]


COMMANDS = (archive,)
