"""`xinyin backup`, `xinyin restore` and `xinyin journal …`: surviving the loss of a machine."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click

from cli.options import command_options
from cli.output import Output
from cli.wiring import Home
from core.errors import UsageError
from core.files import write_atomically
from core.ids import Sha256
from core.settings import FILE_NAME, load_settings, to_toml
from core.text import Text
from registry.backup import Manifest, Parts, Progress, check_backup, make_backup, read_manifest
from registry.database import Database
from registry.identity import renew_journal
from registry.journal import JournalKind
from registry.loss import LOSS_GAP, accept_loss
from registry.merging import Merged
from registry.restore import Target, restore, restore_files

_PATH = click.Path(path_type=Path)
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

    From the journal and the CRLs come revocations that the backup does not know, and the numbers
    above which to go on. Without --journal nobody knows what is missing: the home then refuses to
    sign, serve and verify until the loss is accepted (xinyin journal accept-loss).

    \b
    Example:
      xinyin restore /mnt/backup/2026-11-25T013000Z --home /var/lib/xinyin \\
          --journal /mnt/journal --crl issuing-1.crl
    """
    progress = _progress(output, "恢复文件", "Restoring")
    restore_files(snapshot, home.directory, read_manifest(snapshot))
    if database_url is not None:
        _set_database(home, database_url)
    url = home.settings.database_url(home.directory)
    with closing(Database(url)) as database:
        target = Target(home.directory, database, home.store, home.journal_directory, home.clock)
        merged = restore(
            snapshot,
            target,
            live_journal=journal,
            crls=[path.read_bytes() for path in crls],
            progress=progress,
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

    Beforehand, revoke and cancel again what your files say was revoked and cancelled since.
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


def _set_database(home: Home, url: str) -> None:
    settings = load_settings(home.directory, {})
    changed = settings.model_copy(
        update={"database": settings.database.model_copy(update={"url": url})}
    )
    write_atomically(home.directory / FILE_NAME, to_toml(changed), mode=0o600)


def _tell(home: Home, output: Output, merged: Merged) -> None:
    if output.as_json:
        output.data(
            {
                "home": str(home.directory),
                "journal_complete": merged.journal_complete,
                "revoked": merged.revoked,
                "released": merged.released,
                "counters": merged.counters,
            }
        )
    output.say(
        Text(
            f"已恢复到 {home.directory}：补记吊销 {len(merged.revoked)} 张，"
            f"跳过已用编号的计数器 {merged.counters} 个。",
            f"Restored into {home.directory}: {len(merged.revoked)} further revocations, "
            f"{merged.counters} counters beyond the backup's.",
        )
    )
    for name in merged.released:
        output.say(
            Text(
                f"备份后解除的挂起仍在：{name}。请再次执行 xinyin ca release。",
                f"A hold lifted after the backup stands again: {name}. Lift it again: "
                "xinyin ca release.",
            )
        )
    if not merged.journal_complete:
        output.say(
            Text(
                "没有日志：此后发生的事可能丢失。确认前不能签发、服务和核验"
                "（xinyin journal accept-loss）。",
                "There was no journal: what happened since may be lost. Nothing is signed, served "
                "or verified until you accept that (xinyin journal accept-loss).",
            )
        )


COMMANDS = (backup, restore_, journal_group)
