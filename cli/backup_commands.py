"""`xinyin backup`, `xinyin restore` and `xinyin journal …`: surviving the loss of a machine."""

import tomllib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click

from cli.options import command_options
from cli.output import Output
from cli.reading import read_file
from cli.wiring import Home
from core.errors import UsageError
from core.ids import Sha256
from core.settings import FILE_NAME, parse_settings
from core.text import Text
from registry.backup import Manifest, Parts, Progress, check_backup, make_backup
from registry.database import Database
from registry.identity import renew_journal
from registry.journal import JournalKind
from registry.loss import LOSS_GAP, accept_loss
from registry.merging import Merged
from registry.restore import Target, restore, settings_of

_PATH = click.Path(path_type=Path)
MAX_CRL_BYTES = 64 * 1024 * 1024
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("backup")
@click.argument("directory", type=_FOLDER)
@click.option("--check", is_flag=True, help="Verify the backup in DIRECTORY instead of making one.")
@command_options
def backup(home: Home, output: Output, directory: Path, *, check: bool) -> None:
    """Back up a home into a new folder below DIRECTORY, and verify it. 备份。

    The service may go on running. Documents are shared by all backups in DIRECTORY, so that each
    further one copies new ones only. Key files stay encrypted; keys on a token are not in it, nor
    are passphrases. Prints the new folder.

    \b
    Examples:
      xinyin backup /mnt/backup
      xinyin backup --check /mnt/backup/2026-11-25T013000Z
    """
    if check:
        manifest = check_backup(
            directory, directory.parent / "objects", progress=_progress(output, "核对", "Checking")
        )
        _report(output, directory, manifest)
        return
    if directory.resolve().is_relative_to(home.directory.resolve()):
        raise UsageError(
            "备份不能放在数据目录之内。请选择另一块磁盘。",
            "A backup cannot lie within the home. Choose another disk.",
        )
    parts = Parts(
        home.directory, home.database, home.store, home.journal, home.journal_directory, home.clock
    )
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    snapshot, manifest = make_backup(parts, directory, _progress(output, "复制文件", "Copying"))
    _report(output, snapshot, manifest)


@click.command("restore")
@click.argument("snapshot", type=_FOLDER)
@click.option("--journal", type=_FOLDER, help="The journal that outlived the database.")
@click.option("--crl", "crls", type=_PATH, multiple=True, help="A published CRL, the newest known.")
@click.option("--database-url", help="Restore into another database than the settings say.")
@command_options
def restore_(
    home: Home,
    output: Output,
    snapshot: Path,
    *,
    journal: Path | None,
    crls: tuple[Path, ...],
    database_url: str | None,
) -> None:
    """Restore a backup into the empty home of --home, and merge what came after it. 恢复。

    From the journal and the CRLs come revocations and changes of licences that the backup does not
    know, and the numbers above which to go on. --journal is the one that the service wrote to its
    end: a copy made earlier counts as none. Without it nobody knows what is missing: the home then
    refuses to sign, serve and verify until the loss is accepted (xinyin journal accept-loss).

    \b
    Example:
      xinyin restore /mnt/backup/2026-11-25T013000Z --home /var/lib/xinyin \\
          --journal /mnt/journal --crl issuing-1.crl
    """
    written = settings_of(snapshot, database_url)
    settings = parse_settings(tomllib.loads(written.decode()), str(snapshot / FILE_NAME))
    with closing(Database(settings.database_url(home.directory))) as database:
        target = Target(
            home.directory,
            database,
            home.store,
            settings.journal_directory(home.directory),
            home.clock,
            written,
        )
        merged = restore(
            snapshot,
            target,
            live_journal=journal,
            crls=[read_file(path, MAX_CRL_BYTES) for path in crls],
            progress=_progress(output, "恢复文件", "Restoring"),
        )
    _tell(home, output, merged)


@click.group("journal")
def journal_group() -> None:
    """What survives the database: revocations, numbers, audit heads. 日志。"""


@journal_group.command("show")
@command_options
def show(home: Home, output: Output) -> None:
    """Check the journal and say what it holds. 查看并核对日志。"""
    counts = dict.fromkeys(JournalKind, 0)
    for entry in home.journal.read():
        counts[entry.kind] += 1
        last = entry
    output.records(
        [
            {
                "directory": str(home.journal_directory),
                "registry": home.journal.registry_id,
                "entries": last.sequence,
                "last": last.at.isoformat(),
                **{kind.value: count for kind, count in counts.items()},
            }
        ]
    )


@journal_group.command("start")
@click.option("--basis", required=True, help="Why: who decided, and what became of the old one.")
@command_options
def start(home: Home, output: Output, basis: str) -> None:
    """Begin a new journal where the old one is lost; make a backup at once. 另起日志。

    The database stays as it is; what only the lost journal knew is covered by no backup made
    before.
    """
    renew_journal(home.database, home.journal_directory, home.clock, home.actor, basis)
    output.say(
        Text(
            "新日志已建立。请立即备份：此前的备份无法再与日志合并。",
            "A new journal has begun. Back up now: earlier backups cannot be merged with it.",
        )
    )


@journal_group.command("accept-loss")
@click.option("--basis", required=True, help="Who decided, and what was done about the loss.")
@click.option(
    "--gap",
    type=click.IntRange(1, 10**9),
    default=LOSS_GAP,
    show_default=True,
    help="How many numbers every counter leaves out.",
)
@command_options
def accept(home: Home, output: Output, basis: str, gap: int) -> None:
    """Accept that what happened after a restored backup is lost, on record. 确认损失。

    Cancel beforehand, and revoke right after, what your files say was cancelled and revoked since;
    then start the service.
    """
    accept_loss(
        home.database, home.journal, actor=home.actor, basis=basis, clock=home.clock, gap=gap
    )
    output.say(Text("损失已确认并记录在案。", "The loss is accepted, and on record."))


def _progress(output: Output, zh: str, en: str) -> Progress:
    def go_through(objects: list[Sha256]) -> Iterable[Sha256]:
        return output.progress(objects, Text(zh, en))

    return go_through


def _report(output: Output, snapshot: Path, manifest: Manifest) -> None:
    rows = {one.name: one.rows for one in manifest.tables}
    facts = {
        "backup": str(snapshot),
        "made_at": manifest.made_at.isoformat(),
        "licences": rows.get("licences", 0),
        "certificates": rows.get("certificates", 0),
        "objects": len(manifest.objects),
        "audit_head": manifest.audit.hash,
    }
    if output.as_json:
        output.data(facts)
        return
    output.text(str(snapshot))
    output.say(
        Text(
            f"已核对：证照 {facts['licences']}，证书 {facts['certificates']}，"
            f"文件 {facts['objects']}，审计至 {manifest.audit.hash[:16]}。",
            f"Verified: {facts['licences']} licences, {facts['certificates']} certificates, "
            f"{facts['objects']} files, audit up to {manifest.audit.hash[:16]}.",
        )
    )


def _tell(home: Home, output: Output, merged: Merged) -> None:
    if output.as_json:
        output.data(
            {
                "home": str(home.directory),
                "journal_complete": merged.journal_complete,
                "journal_until": merged.journal_until and merged.journal_until.isoformat(),
                "revoked": merged.revoked,
                "released": merged.released,
                "licences": merged.licences,
                "voided": merged.voided,
                "counters": merged.counters,
            }
        )
    output.say(
        Text(
            f"已恢复到 {home.directory}。备份之后：证书吊销或挂起 {len(merged.revoked)} 张，"
            f"解除挂起 {len(merged.released)} 张，证照变更 {len(merged.licences)} 件；"
            f"作废办理中的证照 {merged.voided} 件；计数器前移 {merged.counters} 个。",
            f"Restored into {home.directory}. After the backup: {len(merged.revoked)} certificates "
            f"revoked or held, {len(merged.released)} released, {len(merged.licences)} licences "
            f"changed; {merged.voided} pending ones voided; {merged.counters} counters moved on.",
        )
    )
    if merged.journal_until is not None:
        until = f"{merged.journal_until:%Y-%m-%d %H:%M:%S}Z"
        output.say(Text(f"日志止于 {until}。", f"The journal ends at {until}."))
    if not merged.journal_complete:
        output.say(
            Text(
                "没有备份之后的完整日志：此后发生的事可能丢失。确认前不能签发、服务和核验"
                "（xinyin journal accept-loss）。",
                "There was no complete journal: what happened after the backup may be lost. "
                "Nothing is signed, served or verified until you accept that (xinyin journal "
                "accept-loss).",
            )
        )


COMMANDS = (backup, restore_, journal_group)
