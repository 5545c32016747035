"""Making a home: settings, database, keys and hierarchy.

Each step is idempotent: run again after an interruption, it makes what is missing.
"""

from contextlib import closing, suppress
from pathlib import Path

from ca.hierarchy.founding import HierarchyNames, found_hierarchy
from ca.hierarchy.steps import NewCa
from ca.issuers import FIRST_ISSUING, ROOT, IssuerRecord
from ca.outside.adoption import Adoption
from core.errors import StorageError, UsageError
from core.os_errors import cause_zh, remedy
from core.permits import Action
from core.settings import FILE_NAME, Settings, is_saved, refuse_half_restored, save_settings
from home.keys import HomeKeys
from home.privacy import open_privacy
from home.root_pins import pin_named_root, pin_own_roots
from home.succession import open_succession
from home.use_cases import messages
from home.wiring import Home
from registry.audit import events as audit
from registry.db.database import Database
from registry.db.faults import OtherSchemaError
from registry.facts.register_id import find_registry_id
from registry.journal.journal import Journal, JournalError


def create_home(home: Home, settings: Settings, names: HierarchyNames) -> None:
    """Make a home, or finish one whose making was cut short. Raises what `begin_home` raises."""
    begin_home(home, settings)
    found_home(home, names)


def begin_home(home: Home, settings: Settings) -> None:
    """Make a new home's database, and write its settings.

    The settings come second: where the database cannot be had, no home must be left behind that
    would refuse a mended address. Raises `UsageError` if a home with other settings is there or
    the database is another home's, `ConfigurationError` or `KeyUnavailableError` for a token that
    is not there, and `DatabaseBusyError`.
    """
    HomeKeys(
        home.directory, settings.keys, home.passphrases, home.environment, home.clock
    ).check()  # before anything is written
    refuse_half_restored(home.directory)
    if not (home.directory / FILE_NAME).exists():
        _make_database(home, settings)
    write_settings(home.directory, settings)
    prepare_register(home)


def found_home(home: Home, names: HierarchyNames) -> None:
    """Make the database and hierarchy of a home that has its settings, or what is missing."""
    prepare_register(home)
    found_hierarchy(
        names,
        root_keys=home.root_keys,
        keys=home.keys,
        parts=home.ca_parts,
        permit=home.permit(Action.MANAGE_CA),
        crl_shards=home.settings.ca.crl_shards,
    )
    pin_own_roots(home)
    home.audit.signer.sign()


def await_root(home: Home, root_certificate: Path | None) -> tuple[IssuerRecord, NewCa] | None:
    """Make the first issuing CA's key, for a root elsewhere to certify.

    Returns the CA and what it is to be certified as; None where it has its certificate already.
    `root_certificate`: of a root that is there already, to be pinned.
    """
    permit = home.permit(Action.MANAGE_CA)
    if root_certificate is not None:
        adoption = Adoption(home.ca_parts, home.keys)
        pin_named_root(home, adoption.trust(root_certificate, permit))
    succession, steps = open_succession(home)
    known = steps.find(FIRST_ISSUING)
    if known is not None and known.certificate is not None:
        return None
    ca = succession.new_ca(FIRST_ISSUING, None, home.settings.ca.crl_shards)
    return steps.prepare_issuing(ca, permit), ca


def refuse_second_root(home: Home) -> None:
    """Raise `UsageError` where a home waits for a root elsewhere: it must not get its own."""
    known = {one.issuer for one in home.ledger.list_issuers()}
    if FIRST_ISSUING in known and ROOT not in known:
        raise UsageError(messages.HOME_AWAITS_OFFLINE_ROOT)


def prepare_register(home: Home) -> None:
    """Make the database of a home that has its settings, and record its operator."""
    settings = home.settings
    with closing(Database(settings.database_url(home.directory))) as database:
        database.create()  # or brings one that is there up to date
    open_privacy(home, home.actor)
    account = settings.operator.account
    with home.database.writing() as connection:
        known = audit.list_events(connection, subject=f"operator:{account}", limit=1)
        if not known:
            audit.record(
                connection,
                at=home.clock.now(),
                actor=home.actor,
                action="operator.added",
                subject=f"operator:{account}",
            )


def _make_database(home: Home, settings: Settings) -> None:
    """Make the database of a directory without settings, unless it is another home's."""
    directory = home.directory
    with closing(Database(settings.database_url(directory))) as database:
        if not database.is_missing:
            _refuse_anothers(database, settings.journal_directory(directory), home)
        is_new = not directory.exists()
        _make_directory(directory)
        try:
            database.create()
        except BaseException:
            if is_new:
                with suppress(OSError):  # something lies in it
                    directory.rmdir()
            raise


def _refuse_anothers(database: Database, journal: Path, home: Home) -> None:
    """Raise `UsageError` where a database holds a register that this directory's journal does not
    know: to found here would write into it, or bring its schema up to date.
    """
    if database.schema_revision() is None:
        return
    try:
        found = find_registry_id(database)
    except OtherSchemaError as error:
        raise UsageError(messages.DATABASE_TAKEN) from error
    own = None
    with suppress(JournalError, OSError):
        own = Journal(journal, home.clock).registry_id
    if found not in (None, own):
        raise UsageError(messages.DATABASE_TAKEN)


def write_settings(directory: Path, settings: Settings) -> None:
    """Write the settings of a new home; those of an old one must be the same.

    Raises `StorageError`, `UsageError`.
    """
    refuse_half_restored(directory)
    _make_directory(directory)
    try:
        save_settings(directory, settings)
    except FileExistsError as error:
        if not is_saved(directory, settings):
            raise UsageError(messages.home_settings_differ(directory)) from error


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            messages.directory_creation_failed(
                directory=directory,
                cause_zh=cause_zh(error),
                remedy=remedy(error),
                strerror=error.strerror,
            ),
        ) from error
