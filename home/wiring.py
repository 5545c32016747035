"""The one place where the parts of a home are put together, each when it is first needed."""

import getpass
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ca.addresses import PkiAddresses
from ca.hierarchy.hierarchy import Hierarchy, open_hierarchy
from ca.issuing.parts import CaParts
from ca.profiles.lint import Linter
from ca.profiles.profiles import (
    DEFAULT_TIMESTAMP_POLICY,
    ProfileConfig,
    ProfileKind,
    Profiles,
    Suite,
    validate_profiles,
)
from ca.timestamps.clock_guard import ClockGuard
from core.clock import Clock, SystemClock, civil_date
from core.errors import NotAllowedError, UnreachableError
from core.kernel_clock import read_kernel_clock, seconds_since_boot
from core.settings import Settings, default_home, load_settings
from home.audit import HomeAudit
from home.keys import ALL_BUT_ROOT, HomeKeys, PassphraseOptions
from home.renewing import ServiceRenewal
from keys.life import KeyDomain
from keys.ring import KeyRing
from registry.answers.verification import Verifier
from registry.audit.clock_record import last_stamped_at
from registry.audit.events import Actor
from registry.db.database import Database
from registry.facts.loss import refuse_with_loss
from registry.facts.register_id import identify, open_journal
from registry.journal.journal import Journal
from registry.ledger.certifying import Certifier
from registry.ledger.key_register import SqlKeyRegister
from registry.ledger.ledger import SqlLedger
from registry.ledger.root_files import RootFiles
from registry.objects.store import ObjectStore
from registry.types.catalogue import Catalogue
from signing.sandbox import Sandbox

if TYPE_CHECKING:
    from registry.archive.renewal import ArchiveRenewal
    from registry.bodies.seal_making import SealMaker
    from registry.granting.granting import Granting, Step
    from registry.granting.recognising import Recogniser
    from registry.granting.reservation import Reservations
    from registry.ledger.trust_desk import TrustListDesk
    from verify_api.wiring import VerifyRole


class Home:
    """A home directory and all that runs on it."""

    def __init__(
        self,
        directory: Path | None,
        environment: Mapping[str, str],
        passphrases: PassphraseOptions | None = None,
        *,
        clock: Clock | None = None,
        domains: frozenset[KeyDomain] = ALL_BUT_ROOT | {KeyDomain.ROOT},
        actor: Actor | None = None,
        on_step: "Callable[[Step], None]" = lambda _: None,
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
        if actor is not None:
            self.actor = actor

    def confined_to(self, domains: frozenset[KeyDomain], actor: str | None) -> "Home":
        """Return the same home for a process that may reach some keys only, nothing of it open.

        It acts as `actor`, or as the operator. Its first use asks for passphrases anew.
        """
        return Home(
            self.directory,
            self.environment,
            self.passphrases,
            clock=self.clock,
            domains=domains,
            actor=None if actor is None else Actor(actor),
        )

    @cached_property
    def settings(self) -> Settings:
        """What the home's file, overruled by the environment, says."""
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
            raise NotAllowedError(
                f"账户“{account}”不是此数据目录的操作员。请用建立数据目录的账户运行。",
                f"The account “{account}” is not the operator of this home. Use the one that "
                "made it.",
            )
        return Actor(f"local:{account}")

    @cached_property
    def database(self) -> Database:
        """The registry's database. Raises `OtherSchemaError` unless it is of this version."""
        database = self.database_as_it_is
        database.check_schema()
        identify(database, self.journal_directory, self.clock, secrets.token_bytes)
        return database

    @cached_property
    def database_as_it_is(self) -> Database:
        """The same whatever its schema, for what must work before it is brought up to date."""
        url = self.settings.database_url(self.directory)
        return Database(url, journal=lambda: self.journal)

    @property
    def journal_directory(self) -> Path:
        """Where the journal is kept."""
        return self.settings.journal_directory(self.directory)

    @cached_property
    def journal(self) -> Journal:
        """What survives the database. Raises `JournalError` if it is missing or another's."""
        return open_journal(self.database_as_it_is, self.journal_directory, self.clock)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The licence types."""
        return Catalogue()

    @cached_property
    def store(self) -> ObjectStore:
        """Documents and photos."""
        return ObjectStore(self.directory / "objects")

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
        """What is known of each key's life."""
        return SqlKeyRegister(self.database, Actor("ca"), self.clock)

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
        """What records, signs and confirms what was done here."""
        return HomeAudit(
            database=lambda: self.database,
            keys=lambda: self.keys,
            journal=lambda: self.journal,
            clock=self.clock,
            settings=lambda: self.settings.audit,
        )

    @cached_property
    def ledger(self) -> SqlLedger:
        """The CA's ledger."""
        return SqlLedger(self.database, Actor("ca"))

    @cached_property
    def profiles(self) -> Profiles:
        """The certificate profiles, validated. Raises `BadProfileError` naming the key."""
        written = self.settings.profiles.model_dump(by_alias=True)
        return validate_profiles(
            {kind: ProfileConfig(**written[kind]) for kind in ProfileKind},
            certificate_policy=self.settings.ca.certificate_policy,
            suite=Suite(self.settings.ca.algorithms),
        )

    @cached_property
    def ca_parts(self) -> CaParts:
        """What the CA works with."""
        service = self.settings.service
        return CaParts(
            ledger=self.ledger,
            recorder=self.audit.recorder,
            answers=self.audit.answers,
            clock=self.clock,
            random=secrets.token_bytes,
            linter=Linter(demo=service.demo),
            addresses=PkiAddresses(service.pki_url),
            profiles=self.profiles,
            check_clock=self.clock_guard.check,
            services_url=None if KeyDomain.TRUST in self._domains else self.services_url,
        )

    @property
    def services_url(self) -> str:
        """Where a process without the keys of OCSP and TSA asks for answers and timestamps."""
        return self.settings.issuing.services_url or self.settings.service.pki_url

    @cached_property
    def clock_guard(self) -> ClockGuard:
        """Says whether the clock may be stated in a timestamp."""

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
    def hierarchy(self) -> Hierarchy:
        """The CA; each of its keys is opened when it is first used.

        Raises `UnacceptedLossError`: what it would publish may be out of date.
        """
        refuse_with_loss(self.database)
        return open_hierarchy(self.keys, self.ca_parts, self.timestamp_policy)

    @property
    def timestamp_policy(self) -> str:
        """The policy of our own timestamps, dotted decimal."""
        return self.settings.ca.timestamp_policy or DEFAULT_TIMESTAMP_POLICY

    @cached_property
    def service_renewal(self) -> ServiceRenewal:
        """Renews what OCSP and TSA work with."""
        return ServiceRenewal(
            self.keys, self.ca_parts, self.database, self.ledger, self.timestamp_policy
        )

    @cached_property
    def certifier(self) -> Certifier:
        """Certifies officers' and services' keys."""
        return Certifier(
            database=self.database,
            authority=lambda: self.hierarchy.authority,
            profiles=self.profiles,
            clock=self.clock,
        )

    @cached_property
    def seal_maker(self) -> "SealMaker":
        """Makes seals."""
        from registry.bodies.seal_making import SealMaker  # noqa: PLC0415  # as granting

        return SealMaker(
            database=self.database,
            keys=self.keys,
            authority=lambda: self.hierarchy.authority,
            ledger=self.ledger,
            profile=self.profiles[ProfileKind.SEAL],
            clock=self.clock,
        )

    @cached_property
    def trust_desk(self) -> "TrustListDesk":
        """Prepares and signs the trust list."""
        from registry.ledger.trust_desk import TrustListDesk  # noqa: PLC0415  # as granting

        return TrustListDesk(
            home=self.directory,
            database=lambda: self.database,
            keys=lambda: self.keys,
            clock=self.clock,
            actor=lambda: self.actor,
        )

    @cached_property
    def reservations(self) -> "Reservations":
        """Takes numbers."""
        from registry.granting.reservation import Reservations  # noqa: PLC0415  # as granting

        return Reservations(
            catalogue=self.catalogue,
            clock=self.clock,
            zone=self.zone,
            random=secrets.token_bytes,
            sample=self.settings.service.demo,
        )

    @cached_property
    def granting(self) -> "Granting":
        """Grants licences."""
        from home.issuing import open_granting  # noqa: PLC0415  # see there

        self.service_renewal.renew_before_use()
        return open_granting(
            database=self.database,
            keys=self.keys,
            hierarchy=self.hierarchy,
            recorder=self.audit.recorder,
            store=self.store,
            catalogue=self.catalogue,
            reservations=self.reservations,
            roots=self.root_files,
            clock=self.clock,
            public_url=self.settings.service.public_url,
            on_step=self.on_step,
        )

    @cached_property
    def recogniser(self) -> "Recogniser":
        """Tells what the rows of a sheet are to what was granted before."""
        from registry.granting.recognising import Recogniser  # noqa: PLC0415  # as granting

        return Recogniser(self.database, self.catalogue, self.clock, self.zone)

    def open_archive_renewal(self) -> "ArchiveRenewal":
        """Return what renews archived documents; opens the TSA and OCSP keys of now."""
        from home.archiving import open_archive_renewal  # noqa: PLC0415  # as granting

        self.service_renewal.renew_before_use()
        return open_archive_renewal(
            database=self.database,
            hierarchy=self.hierarchy,
            recorder=self.audit.recorder,
            ledger=self.ledger,
            store=self.store,
            clock=self.clock,
            actor=self.actor,
            within=timedelta(days=self.settings.archive.due_within_days),
        )

    @cached_property
    def verify_role(self) -> "VerifyRole":
        """Answers what things are worth; on a database that it cannot write."""
        from verify_api.wiring import VerifyRole  # noqa: PLC0415  # FastAPI takes a while to load

        with suppress(UnreachableError):  # the verifier answers "could not check" itself
            self.database  # noqa: B018  # identified first
        return VerifyRole(self.settings, self.directory, sandbox=self.sandbox, clock=self.clock)

    @cached_property
    def sandbox(self) -> Sandbox:
        """Where PDFs of others are looked into."""
        return Sandbox(workers=self.settings.verify.workers)

    @property
    def verifier(self) -> Verifier:
        """Answers what things are worth."""
        return self.verify_role.verifier

    def close(self) -> None:
        """Record the OCSP answers that were signed, and close what was opened."""
        if "audit" in self.__dict__:
            self.audit.record_answers()
        for name in ("verify_role", "sandbox", "database_as_it_is"):
            opened = self.__dict__.pop(name, None)
            if opened is not None:
                opened.close()
