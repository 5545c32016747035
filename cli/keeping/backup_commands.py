"""`xinyin backup` and `xinyin restore`: surviving the loss of a machine."""

import tomllib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from cli.keeping import messages
from cli.shell.database_address import VARIABLE, tell_address
from cli.shell.instants import said
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.reading import read_file
from core.errors import UsageError
from core.files import make_private_directory
from core.ids import Sha256
from core.settings import FILE_NAME, RESTORING, half_restored, overruled, parse_settings
from core.text import Text
from home.code_keys import CodeKeys
from home.privacy import seal_codes
from home.wiring import Home
from registry.audit.chain import RESTORER
from registry.backup.backup import Parts, make_backup
from registry.backup.check import Progress, check_backup
from registry.backup.manifest import Manifest
from registry.backup.merging import Merged
from registry.backup.restore import Target, restore, settings_of
from registry.db.database import Database
from registry.db.engines import without_password
from registry.objects.opening import open_store

_PATH = click.Path(path_type=Path)
MAX_CRL_BYTES = 64 * 1024 * 1024
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("backup")
@click.argument("directory", type=_FOLDER)
@click.option("--check", is_flag=True, help="Verify the backup in DIRECTORY instead of making one.")
@click.option("--full", is_flag=True, help="Write and read everything, relying on no earlier one.")
@command_options
def backup(home: Home, output: Output, directory: Path, *, check: bool, full: bool) -> None:
    """Back up a home into a new folder below DIRECTORY, and verify it. 备份。

    Works on a database of an earlier version too: back up, then `xinyin database migrate`.

    The service may go on running. Documents and what did not change are shared by all backups in
    DIRECTORY, so that a further one takes the room of what is new, and the time: what the one
    before has is read again after a week, or with --full. Key files stay encrypted; keys on a token
    are not in it, nor are passphrases. Prints the new folder.

    \b
    Examples:
      xinyin backup /mnt/backup
      xinyin backup --full /mnt/backup
      xinyin backup --check /mnt/backup/2026-11-25T013000Z
    """
    if check and full:
        raise UsageError(messages.CHECK_IS_FULL)
    if check:
        manifest = check_backup(
            directory, directory.parent / "objects", progress=_progress(output, messages.CHECKING)
        )
        _report(output, directory, manifest)
        return
    if directory.resolve().is_relative_to(home.directory.resolve()):
        raise UsageError(messages.BACKUP_WITHIN_HOME)
    parts = Parts(
        home.directory,
        home.database_as_it_is,
        home.store,
        home.journal,
        home.journal_directory,
        home.clock,
    )
    make_private_directory(directory)
    progress = _progress(output, messages.COPYING)
    snapshot, manifest = make_backup(parts, directory, progress, full=full)
    _report(output, snapshot, manifest)
    if manifest.whole_at is not None and manifest.whole_at != manifest.made_at:
        output.say(messages.backup_rests_on(said(manifest.whole_at, home.zone)))


@click.command("restore")
@click.argument("snapshot", type=_FOLDER)
@click.option("--journal", type=_FOLDER, help="The journal that outlived the database.")
@click.option("--crl", "crls", type=_PATH, multiple=True, help="A published CRL, the newest known.")
@click.option("--database-url", help="Restore into this database, as XINYIN_DATABASE_URL.")
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
    given = database_url or home.environment.get(VARIABLE) or None
    kept = None if given is None else without_password(given)
    written = settings_of(snapshot, kept)
    content = tomllib.loads(written.decode())
    settings = parse_settings(content, str(snapshot / FILE_NAME))
    objects = parse_settings(overruled(content, home.environment), FILE_NAME, home.environment)
    url = given or settings.database_url(home.directory)
    keys = CodeKeys(home.directory)
    with closing(Database(url, privacy=keys.privacy)) as database:
        target = Target(
            home.directory,
            database,
            open_store(objects.objects, home.directory, home.environment),
            settings.journal_directory(home.directory),
            home.clock,
            written,
            keys.make_missing,
        )
        with _told_if_cut_off(home, output):
            merged = restore(
                snapshot,
                target,
                live_journal=journal,
                crls=[read_file(path, MAX_CRL_BYTES) for path in crls],
                progress=_progress(output, messages.RESTORING),
            )
    with _restored(home, given) as opened:
        seal_codes(opened, RESTORER)
    _tell(home, output, merged)
    tell_address(output, kept, given)


@contextmanager
def _restored(home: Home, given: str | None) -> Iterator[Home]:
    """Open the home that was restored; of a backup of before codes were sealed, they are not."""
    environment = {**home.environment} | ({} if given is None else {VARIABLE: given})
    with Home(home.directory, environment, clock=home.clock) as opened:
        yield opened


@contextmanager
def _told_if_cut_off(home: Home, output: Output) -> Iterator[None]:
    """Say what to do with what an error or Ctrl-C leaves half restored."""
    was_there = (home.directory / RESTORING).exists()
    try:
        yield
    except BaseException:
        if (home.directory / RESTORING).exists() and not (was_there or output.as_json):
            output.say(half_restored(home.directory).text)
        raise


def _progress(output: Output, text: Text) -> Progress:
    def go_through(objects: list[Sha256]) -> Iterable[Sha256]:
        return output.progress(objects, text)

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
        "read_back_at": manifest.whole_at and manifest.whole_at.isoformat(),
    }
    if output.as_json:
        output.data(facts)
        return
    output.text(str(snapshot))
    output.say(
        messages.backup_verified(
            licences=facts["licences"],
            certificates=facts["certificates"],
            files=facts["objects"],
            audit_head=manifest.audit.hash[:16],
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
                "erased": merged.erased,
                "counters": merged.counters,
                "keys": merged.keys,
                "cas": merged.issuers,
                "roles": merged.roles,
                "identities": merged.identities,
                "requests": merged.requests,
                "batches": [one.request_id for one in merged.batches],
                "emergencies": merged.emergencies,
            }
        )
    output.say(
        messages.restore_done(
            directory=home.directory,
            revoked=len(merged.revoked),
            released=len(merged.released),
            changed=len(merged.licences),
            voided=merged.voided,
            counters=merged.counters,
        )
    )
    _tell_lives(output, merged)
    if merged.journal_until is not None:
        output.say(messages.journal_end(said(merged.journal_until, home.zone)))
    if not merged.journal_complete:
        output.say(messages.JOURNAL_INCOMPLETE)


def _tell_lives(output: Output, merged: Merged) -> None:
    """Say what else changed, and what somebody has to do again."""
    if merged.keys or merged.issuers or merged.roles or merged.identities:
        output.say(
            messages.restore_lives(
                keys=", ".join(merged.keys) or "-",
                cas=", ".join(merged.issuers) or "-",
                roles=len(merged.roles),
                identities=len(merged.identities),
            )
        )
    if merged.erased:
        output.say(messages.restore_erased(len(merged.erased)))
    if merged.requests:
        output.say(messages.restore_lapsed(len(merged.requests)))
    for batch in merged.batches:
        output.say(batch.said)
        output.say(batch.advice)
    for use_id in merged.emergencies:
        output.say(messages.restore_emergency(use_id))


COMMANDS = (backup, restore_)
