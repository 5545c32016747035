"""Place of a ceremony: an offline root's directory on removable media, or a home.

An offline root's directory holds `ledger.db` (the register's schema, of which the CA's tables and
the audit are used), `journal/`, the root's keys, and `ceremonies/`.
"""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from ca.addresses import PkiAddresses
from ca.ceremony.file import Head
from ca.ceremony.rehearsal import rehearsal_desk
from ca.ceremony.steps import CeremonyDesk
from ca.errors import BadCeremonyError
from ca.issuing.parts import CaParts
from ca.ocsp.answer_counts import AnswerCounts
from ca.profiles.lint import Linter
from core.errors import UsageError
from core.permits import Permit
from core.settings import KeySettings
from home import messages
from home.keys import HomeKeys
from home.wiring import Home
from keys.life import KeyDomain
from keys.ring import KeyRing
from keys.throwaway import ThrowAwayKeys
from registry.audit.recorder import GroupRecorder
from registry.db.database import Database, copy_sqlite
from registry.facts.register_id import identify, open_journal
from registry.ledger.key_register import SqlKeyRegister
from registry.ledger.ledger import SqlLedger

LEDGER = "ledger.db"
JOURNAL = "journal"
CEREMONIES = "ceremonies"


@contextmanager
def open_desk(home: Home, root: Path | None, head: Head) -> Iterator[CeremonyDesk]:
    """Open the desk of a ceremony; an offline root's directory is made where it is not there."""
    if root is None:
        keys = home.keys
        directory = home.directory / CEREMONIES
        yield CeremonyDesk(home.ca_parts, home.root_keys, keys, directory)
        return
    new = not (root / LEDGER).exists()
    _check_place(root)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _database(home, root, create=new) as database:
        keys = _root_keys(home, root, head, database)
        yield CeremonyDesk(_parts(home, database, head), keys, None, root / CEREMONIES)


@contextmanager
def open_rehearsal(
    home: Home, root: Path | None, head: Head, permit: Permit
) -> Iterator[CeremonyDesk]:
    """Open a desk on a copy of the ledger, with keys in memory: nothing of it is kept."""
    source = _ledger_file(home, root)
    with tempfile.TemporaryDirectory(prefix="xinyin-rehearsal-") as name:
        directory = Path(name)
        if source is not None:
            copy_sqlite(source, directory / LEDGER)
            journal = home.journal_directory if root is None else root / JOURNAL
            shutil.copytree(journal, directory / JOURNAL)
        with _database(home, directory, create=source is None) as database:
            parts = _parts(home, database, head)
            keys = None if root is not None else ThrowAwayKeys(home.clock)
            copy = CeremonyDesk(parts, ThrowAwayKeys(home.clock), keys, directory)
            yield rehearsal_desk(copy, permit)


def _check_place(root: Path) -> None:
    """A lost ledger must not come back empty, with every certificate and number forgotten."""
    if not (root / LEDGER).exists() and root.exists() and any(root.iterdir()):
        raise UsageError(messages.directory_lacks_ledger(directory=root, ledger_file=LEDGER))


def _ledger_file(home: Home, root: Path | None) -> Path | None:
    if root is not None:
        _check_place(root)
        file = root / LEDGER
        return file if file.exists() else None
    if home.settings.database.url is not None:
        raise UsageError(messages.REHEARSAL_NEEDS_LOCAL_DATABASE)
    file = home.directory / "registry.db"
    return file if file.exists() else None


@contextmanager
def _database(home: Home, directory: Path, *, create: bool) -> Iterator[Database]:
    journal_directory = directory / JOURNAL
    database = Database(
        f"sqlite:///{directory / LEDGER}",
        journal=lambda: open_journal(database, journal_directory, home.clock),
    )
    try:
        if create:
            database.create()
        database.migrate()
        identify(database, journal_directory, home.clock, secrets.token_bytes)
        yield database
    finally:
        database.close()


def _root_keys(home: Home, root: Path, head: Head, database: Database) -> KeyRing:
    try:
        settings = KeySettings(root_uri=head.keys)
    except ValidationError as error:
        raise BadCeremonyError(messages.ceremony_keys_invalid(head.keys)) from error
    stores = HomeKeys(root, settings, home.passphrases, home.environment, home.clock)
    return stores.ring({KeyDomain.ROOT}, SqlKeyRegister(database, home.clock))


def _parts(home: Home, database: Database, head: Head) -> CaParts:
    recorder = GroupRecorder(database)
    return CaParts(
        ledger=SqlLedger(database),
        recorder=recorder,
        answers=AnswerCounts(recorder, home.clock),
        clock=home.clock,
        random=secrets.token_bytes,
        linter=Linter(demo=head.demo),
        addresses=PkiAddresses(head.pki_url),
    )
