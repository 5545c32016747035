"""Framework of `xinyin doctor`: independent, read-only checks.

A check is a function that yields findings; one that yields none is well. What it raises is its own
"could not look", told apart from "failed", and never keeps another check from its turn.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from core.clock import Clock, civil_date
from core.errors import XinyinError
from core.settings import Settings, load_settings
from core.text import Text
from keys.ring import KeyRing
from registry.db.database import Database
from registry.health import messages
from registry.ledger.ledger import SqlLedger
from registry.objects.opening import open_store
from registry.objects.store import ObjectStore
from registry.privacy.codes import BLIND, Privacy
from registry.reconcile.outcome import AuditReport


class HealthLevel(StrEnum):
    """Level of a check's result."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    """It could not look: neither well nor failed."""


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """Something that a check has to say."""

    level: HealthLevel
    said: Text
    advice: Text | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One finding, with the check that made it."""

    check: str
    title: Text
    finding: HealthFinding


class HealthSubject:
    """A home to be looked at; each part is opened when the first check needs it."""

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        clock: Clock,
        *,
        open_ring: Callable[[Database, Settings], KeyRing],
        verify_audit: Callable[["HealthSubject"], AuditReport],
        privacy: Callable[[], Privacy] = lambda: BLIND,
        full: bool = False,
    ) -> None:
        """`open_ring` lists all keys without a passphrase; `verify_audit` is what `xinyin audit
        verify` does without arguments; `full`: look at every document, and at all of the audit.
        """
        self.directory = directory
        self.clock = clock
        self.full = full
        self.privacy = privacy
        self.environment = environment
        self._open_ring = open_ring
        self._verify_audit = verify_audit

    @cached_property
    def settings(self) -> Settings:
        """The home's settings. Raises `ConfigurationError`."""
        return load_settings(self.directory, self.environment)

    @cached_property
    def database(self) -> Database:
        """The register as it is: read only, never brought to a newer schema."""
        return Database(
            self.settings.database_url(self.directory), read_only=True, privacy=self.privacy
        )

    @cached_property
    def ledger(self) -> SqlLedger:
        """The CA's ledger, to be read."""
        return SqlLedger(self.database)

    @cached_property
    def ring(self) -> KeyRing:
        """All keys, root's too."""
        return self._open_ring(self.database, self.settings)

    @cached_property
    def audit_report(self) -> AuditReport:
        """Report on the whole audit. Raises what its parts raise."""
        return self._verify_audit(self)

    def today(self) -> date:
        """Return the civil date of now."""
        return civil_date(self.clock.now(), ZoneInfo(self.settings.service.zone))

    @cached_property
    def store(self) -> ObjectStore:
        """Documents and photos. Raises `ConfigurationError`."""
        return open_store(self.settings.objects, self.directory, self.environment)

    def close(self) -> None:
        """Close what was opened."""
        if "database" in self.__dict__:
            self.database.close()


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One thing to look at."""

    name: str
    title: Text
    look: Callable[[HealthSubject], Iterator[HealthFinding]]


def examine(subject: HealthSubject, checks: Iterable[HealthCheck]) -> Iterator[Result]:
    """Run the checks one after the other; each gives at least one result."""
    for check in checks:
        for finding in _look(check, subject):
            yield Result(check.name, check.title, finding)


def _look(check: HealthCheck, subject: HealthSubject) -> list[HealthFinding]:
    try:
        return list(check.look(subject)) or [HealthFinding(HealthLevel.OK, messages.HEALTHY)]
    except XinyinError as error:
        return [_could_not(error.text)]
    except Exception as error:  # noqa: BLE001  # a broken home breaks checks in any way
        # A message may quote what SQL was given; the kind is enough to look for it.
        kind = type(error).__name__
        return [_could_not(Text(f"{kind}。", f"{kind}."))]


def _could_not(why: Text) -> HealthFinding:
    return HealthFinding(HealthLevel.UNKNOWN, messages.check_failed(why))


def unknown(said: Text, advice: Text | None = None) -> HealthFinding:
    """Return a finding that something could not be looked at."""
    return HealthFinding(HealthLevel.UNKNOWN, said, advice)


def ok(text: Text) -> HealthFinding:
    """Return a finding that something is well."""
    return HealthFinding(HealthLevel.OK, text)


def warn(said: Text, advice: Text) -> HealthFinding:
    """Return a finding that something will fail if nobody acts."""
    return HealthFinding(HealthLevel.WARN, said, advice)


def fail(said: Text, advice: Text) -> HealthFinding:
    """Return a finding that something has failed."""
    return HealthFinding(HealthLevel.FAIL, said, advice)
