"""A home directory: its settings, its database and journal, its keys and its audit."""

import getpass
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from ca.timestamps.clock_guard import ClockGuard
from core.clock import Clock, SystemClock, civil_date
from core.errors import ConfigurationError, NotAllowedError
from core.kernel_clock import read_kernel_clock, seconds_since_boot
from core.permits import Action, Actor, Permit
from core.settings import Settings, default_home, load_settings
from home import messages
from home.audit import HomeAudit
from home.code_keys import CodeKeys, check_index
from home.keys import ALL_BUT_ROOT, HomeKeys, PassphraseOptions
from identity.people.permits import permit_for
from keys.life import KeyDomain
from keys.ring import KeyRing
from registry.audit.clock_record import last_stamped_at
from registry.db.database import Database
from registry.facts.code_index import known_index
from registry.facts.journal_line import RegisterLine
from registry.facts.line_opening import open_line
from registry.facts.register_id import identify, open_journal, register_check
from registry.journal.journal import Journal
from registry.ledger.key_register import SqlKeyRegister
from registry.ledger.root_files import RootFiles
from registry.privacy.codes import BLIND, Privacy
from signing.sandbox import Sandbox
from signing.workers.confinement import Confinement

if TYPE_CHECKING:
    from home.jobs.process import JobProcess
    from registry.granting.granting import GrantStep


class BaseHome:
    """Base of everything in a home; each part is opened lazily, when first needed."""

    def __init__(
        self,
        directory: Path | None,
        environment: Mapping[str, str],
        passphrases: PassphraseOptions | None = None,
        *,
        clock: Clock | None = None,
        domains: frozenset[KeyDomain] = ALL_BUT_ROOT | {KeyDomain.ROOT},
        actor: Actor | None = None,
        on_step: "Callable[[GrantStep], None]" = lambda _: None,
    ) -> None:
        self.was_chosen = directory is not None or "XINYIN_HOME" in environment
        """The person named the home; else it is the default one."""
        self.directory = directory or default_home(environment)
        self.environment = environment
        self.passphrases = passphrases or PassphraseOptions()
        self.on_step = on_step
        self.clock = clock or SystemClock()
        self._domains = domains
        """The keys that may be reached."""
        self.jobs: JobProcess | None = None
        """Process that carries officers' jobs out, of a server; None: whoever serves does."""
        if actor is not None:
            self.actor = actor

    def confined_to(self, domains: frozenset[KeyDomain], actor: str | None) -> Self:
        """Return the same home for a process that may reach some keys only, nothing of it open.

        It acts as `actor`, or as the operator. Its first use asks for passphrases anew.
        """
        return type(self)(
            self.directory,
            self.environment,
            self.passphrases,
            clock=self.clock,
            domains=domains,
            actor=None if actor is None else Actor(actor),
        )

    def reaches(self, domain: KeyDomain) -> bool:
        """Tell whether this process may reach the keys of a domain."""
        return domain in self._domains

    @cached_property
    def settings(self) -> Settings:
        """Settings from the home's file, overruled by the environment."""
        return load_settings(self.directory, self.environment)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of civil dates."""
        return ZoneInfo(self.settings.service.zone)

    def today(self) -> date:
        """Return the civil date of now."""
        return civil_date(self.clock.now(), self.zone)

    @property
    def account(self) -> str:
        """The operating system's account that runs this."""
        return getpass.getuser()

    @cached_property
    def actor(self) -> Actor:
        """The local operator whom `init` made. Raises `NotAllowedError` for other accounts."""
        account = self.account
        if account != self.settings.operator.account:
            raise NotAllowedError(messages.account_not_operator(account))
        return Actor(f"local:{account}")

    def permit(self, action: Action, authority_id: str | None = None) -> Permit:
        """Return the permit of who acts here. Raises `NotAllowedError`."""
        return permit_for(self.actor, action, authority_id)

    @cached_property
    def database(self) -> Database:
        """The registry's database. Raises `OtherSchemaError` unless it is of this version."""
        database = self.database_as_it_is
        database.check_schema()
        identify(database, self.journal_directory, self.clock, secrets.token_bytes)
        if self.reaches(KeyDomain.ISSUING):
            self._check_index(database)
        return database

    def _check_index(self, database: Database) -> None:
        """See that the index of codes is the register's. Raises `ConfigurationError`, and
        `OtherRegisterError` where it is not for the register's being another home's.
        """
        with database.reading() as connection:
            try:
                check_index(self.privacy(), known_index(connection))
            except ConfigurationError:
                register_check(self.journal_directory, self.clock)(connection)
                raise

    @cached_property
    def database_as_it_is(self) -> Database:
        """The same whatever its schema, for what must work before it is brought up to date."""
        url = self.settings.database_url(self.directory)
        return Database(url, journal=lambda: self.journal, privacy=self.privacy)

    @cached_property
    def code_keys(self) -> CodeKeys:
        """The keys of holders' codes."""
        return CodeKeys(self.directory)

    def privacy(self) -> Privacy:
        """Return this process's keys to holders' codes: none where it does not issue."""
        return self.code_keys.privacy() if self.reaches(KeyDomain.ISSUING) else BLIND

    @property
    def journal_directory(self) -> Path:
        """Directory of the journal."""
        return self.settings.journal_directory(self.directory)

    @cached_property
    def journal(self) -> Journal:
        """Journal, which survives the database. Raises `JournalError` if it is missing or
        another's.
        """
        line = self.journal_line if self.settings.journal.shared else None
        return open_journal(self.database_as_it_is, self.journal_directory, self.clock, line)

    @cached_property
    def journal_line(self) -> RegisterLine:
        """Line of the journal that several machines share. Raises `ConfigurationError`."""
        return open_line(self.settings, self.directory, self.environment)

    @cached_property
    def root_files(self) -> RootFiles:
        """The roots that are pinned as files."""
        return RootFiles(self.directory)

    @cached_property
    def home_keys(self) -> HomeKeys:
        """Opens the stores of keys that the settings name."""
        return HomeKeys(
            self.directory, self.settings.keys, self.passphrases, self.environment, self.clock
        )

    @cached_property
    def key_register(self) -> SqlKeyRegister:
        """Register of keys and of the states of each."""
        return SqlKeyRegister(self.database, self.clock)

    @cached_property
    def keys(self) -> KeyRing:
        """All keys but the root's."""
        return self.home_keys.ring(self._domains & ALL_BUT_ROOT, self.key_register)

    @cached_property
    def root_keys(self) -> KeyRing:
        """The root's key, under a passphrase of its own where it is not on the others' token."""
        return self.home_keys.ring(self._domains & {KeyDomain.ROOT}, self.key_register)

    @cached_property
    def audit(self) -> HomeAudit:
        """Audit that records, signs and confirms what was done here."""
        return HomeAudit(
            database=lambda: self.database,
            keys=lambda: self.keys,
            journal=lambda: self.journal,
            clock=self.clock,
            settings=lambda: self.settings.audit,
        )

    @cached_property
    def clock_guard(self) -> ClockGuard:
        """Guard that decides whether the clock may be stated in a timestamp."""

        def recorded() -> datetime | None:
            with self.database.reading() as connection:
                return last_stamped_at(connection)

        real = isinstance(self.clock, SystemClock)
        return ClockGuard(
            seconds=seconds_since_boot if real else lambda: self.clock.now().timestamp(),
            last_recorded_at=recorded,
            kernel=read_kernel_clock,
            require_synchronised=self.settings.trust.require_synchronised_clock,
        )

    @cached_property
    def sandbox(self) -> Sandbox:
        """Sandbox in which PDFs of others are looked into."""
        return Sandbox(
            workers=self.settings.verify.workers,
            confinement=Confinement(self.settings.sandbox.confinement),
        )
