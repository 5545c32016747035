"""`xinyin journal …`: what survives the database."""

from contextlib import suppress

import click

from cli.keeping import messages
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options
from cli.shell.output import Output
from core.errors import UnreachableError
from home.wiring import Home
from registry.facts import journal_line
from registry.facts.line_opening import make_key
from registry.facts.loss import LOSS_GAP, accept_loss
from registry.facts.register_id import renew_journal
from registry.journal.journal import JournalKind


@click.group("journal")
def journal_group() -> None:
    """Journal that survives the database: revocations, numbers, audit heads. 恢复日志。"""


@journal_group.command("show")
@command_options
def show(home: Home, output: Output) -> None:
    """Check the journal and say what it holds. 查看并检查恢复日志。

    \b
    Example:
      xinyin journal show
    """
    counts = dict.fromkeys(JournalKind, 0)
    for entry in home.journal.read():
        counts[entry.kind] += 1
        last = entry
    facts = {
        "directory": str(home.journal_directory),
        "registry": home.journal.registry_id,
        "entries": last.sequence,
        "last": last.at.isoformat(timespec="seconds"),
        **{kind.value: count for kind, count in counts.items()},
    }
    output.facts(facts)


@journal_group.command("start")
@click.option("--basis", required=True, help="Why: who decided, and what became of the old one.")
@command_options
def start(home: Home, output: Output, basis: str) -> None:
    """Begin a new journal where the old one is lost; make a backup at once. 另建恢复日志。

    The database stays as it is; what only the lost journal knew is covered by no backup made
    before.

    \b
    Example:
      xinyin journal start --basis "原恢复日志所在磁盘损毁，局长办公会决定"
    """
    line = home.journal_line if home.settings.journal.shared else None
    renew_journal(home.database, home.journal_directory, home.clock, home.actor, basis, line)
    output.say(messages.NEW_JOURNAL_BEGUN)


@journal_group.command("accept-loss")
@click.option("--basis", required=True, help="Who decided, and what was done about the loss.")
@click.option(
    "--gap",
    type=click.IntRange(1, 10**9),
    default=LOSS_GAP,
    show_default=True,
    help="How many numbers every counter leaves out.",
)
@yes_option
@command_options
def accept(home: Home, output: Output, *, basis: str, gap: int, yes: bool) -> None:
    """Accept that what happened after a restored backup is lost, on record. 确认数据缺失。

    Cancel beforehand, and revoke right after, what your files say was cancelled and revoked since;
    then start the service.

    \b
    Example:
      xinyin journal accept-loss --basis "局长办公会决定 2026-8" --yes
    """
    lost = messages.CONFIRM_LOSS
    confirm(output, lost, yes=yes)
    accept_loss(
        home.database, home.journal, actor=home.actor, basis=basis, clock=home.clock, gap=gap
    )
    output.say(messages.LOSS_ACCEPTED)


@journal_group.command("share")
@click.option("--stop", is_flag=True, help="Let the journal be this machine's alone again.")
@yes_option
@command_options
def share(home: Home, output: Output, *, stop: bool, yes: bool) -> None:
    """Share this machine's journal with others, by the bucket of documents. 共用恢复日志。

    Set [journal] shared = true first, with all services stopped. Makes privacy/journal.key where
    there is none; copy it to the others. Run again it puts into the bucket what that lacks of this
    machine's copy, and compares the rest. With --stop the other machines refuse to write.

    \b
    Examples:
      xinyin journal share
      xinyin journal share --stop --yes
    """
    actor = home.actor  # may this account? Before a key is made
    if stop:
        confirm(output, messages.CONFIRM_UNSHARE, yes=yes)
        journal_line.unshare(
            home.database, home.journal_directory, home.clock, home.journal_line, actor
        )
        output.say(messages.JOURNAL_SHARED_NO_MORE)
        return
    if not journal_line.is_shared(home.database):
        make_key(home.directory)
    line = home.journal_line
    added = journal_line.share(home.database, home.journal_directory, home.clock, line, actor)
    output.facts({"entries": home.journal.end.sequence, "put": added})
    output.say(messages.JOURNAL_SHARED)


@journal_group.command("join")
@command_options
def join(home: Home, output: Output) -> None:
    """Copy the shared journal to this machine, or catch up. 取得共用的恢复日志。

    Set [journal] shared = true first, and copy privacy/journal.key from another machine. Works
    without the database too: the copy then serves xinyin restore --journal.

    \b
    Example:
      xinyin journal join
    """
    home.actor  # noqa: B018  # may this account?
    known = None
    with suppress(UnreachableError):
        known = journal_line.known_end(home.database_as_it_is)
    journal = journal_line.join(home.journal_directory, home.clock, home.journal_line, known)
    end = journal.end
    journal_line.compare(journal, home.journal_line)
    output.facts({"directory": str(home.journal_directory), "entries": end.sequence})


COMMANDS = (journal_group,)
