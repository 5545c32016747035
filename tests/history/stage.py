"""Where a history happens: a home that commands find open, on a disk and a clock of its own.

Commands are the product's own, run through their entry point in this process; for some steps the
process is a fork that SIGKILL ends. What one finds is what an operator's shell shows.
"""

import json
import os
import pickle
import random
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import cli.shell.options
import keys.ring
import keys.software
import registry.journal.journal
import registry.revisions.tokens
from cli.demo_world import OPERATOR
from core.errors import XinyinError
from core.ids import AuthorityId, SealId
from core.settings import Settings
from home.use_cases.making import create_home
from home.wiring import Home
from registry.bodies.authorities import add_authority, add_mandate
from registry.identifiers import uscc_check
from registry.model import Authority, SealLevel
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from signing.validation import validate_pdf
from tests.cli.commands import Ran, xinyin
from tests.clock import StoppedClock
from tests.databases import PostgresServer
from tests.history.faults import DiedError, Fault, Faults
from tests.permits import MANAGE_AUTHORITY, MANAGE_SEAL

AUTHORITIES = {"market": "青岚市样例监督管理局", "housing": "青岚市样例住房建设局"}
SEAL_OF = {"market": "seal-market", "housing": "seal-housing"}
LICENCE_TYPE = parse_type((Path(__file__).parent / "type.toml").read_text("utf-8"))
_URL = "http://127.0.0.1:8440"
_P256 = {"algorithms": ["ecdsa-p256"]}
_PROFILES = ("seal", "officer", "ocsp", "tsa", "receipt")


class KeptHome(Home):
    """A home that stays open from command to command, as in a service; `leave` closes it."""

    def close(self) -> None:
        """End a command."""
        if "audit" in self.__dict__:
            self.audit.record_answers()

    def leave(self) -> None:
        """Close what was opened; whoever died records nothing any more."""
        for name in ("verify_role", "database_as_it_is"):
            opened = self.__dict__.pop(name, None)
            if opened is not None:
                opened.close()


class _Judge:
    """Judges PDFs in this process: all of them are ours."""

    validate = staticmethod(validate_pdf)

    def close(self) -> None:
        """Nothing was opened."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller was told."""

    value: Any = None
    error: str | None = None
    """Code of the error; None where it went well."""
    died: bool = False
    fired: bool = False
    """A fault happened, whether or not the caller noticed."""

    @property
    def done(self) -> bool:
        """It was acknowledged."""
        return self.error is None and not self.died


@dataclass
class Stage:
    """One home and its surroundings."""

    directory: Path
    kind: str
    seed: str
    clock: StoppedClock
    postgres: PostgresServer | None = None
    crl_shards: int = 1
    journal_outside: bool = False
    faults: Faults = field(default_factory=Faults)
    home_directory: Path = Path()
    made: int = 0
    _home: KeptHome | None = None
    _source: random.Random = field(default_factory=random.Random)

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Found the home and hold the scene until the block ends."""
        with (
            mock.patch.object(keys.software, "_SCRYPT_N", 16),
            mock.patch.object(cli.shell.options, "Home", self._opened),
            # Small, so that a history of some hundred steps goes over their edges.
            mock.patch.object(registry.journal.journal, "MAX_SEGMENT_BYTES", 40_000),
            mock.patch.object(registry.revisions.tokens, "_BOOKMARK_EVERY", 50),
            # Commands of people are seconds apart; here they follow one another in one process.
            mock.patch.object(keys.ring, "LIFE_SECONDS", 0),
            self.faults.installed(),
        ):
            try:
                with self.randomness(0):
                    self._found()
                yield
            finally:
                self.restart()

    @contextmanager
    def randomness(self, step: int) -> Iterator[None]:
        """Take serials, tokens and the like of one step from the seed."""
        source = self._source = random.Random(f"{self.seed}/{step}")
        with (
            mock.patch.object(secrets, "token_bytes", lambda n=32: source.randbytes(n)),
            # Not from the seed: a fork that is killed and the next process would draw the same.
            mock.patch.object(secrets, "token_hex", lambda n=32: os.urandom(n).hex()),
            mock.patch.object(secrets, "token_urlsafe", lambda n=32: source.randbytes(n).hex()),
        ):
            yield

    @property
    def home(self) -> KeptHome:
        """The home, opened if it is not."""
        if self._home is None:
            self._home = self._new(self.home_directory)
        return self._home

    @property
    def settings(self) -> Settings:
        """The home's settings."""
        return self.home.settings

    @property
    def journal_directory(self) -> Path:
        """Where the journal is."""
        return self.settings.journal_directory(self.home_directory)

    def restart(self) -> None:
        """End the process that holds the home; the next use opens it anew."""
        home, self._home = self._home, None
        if home is not None:
            home.leave()

    def command(self, *arguments: str | Path, fault: Fault | None = None) -> Outcome:
        """Run a command of the product on the home."""
        home = "--home", self.home_directory
        return self.perform(lambda _: self._shell(*arguments, *home), fault)

    def shell(self, *arguments: str | Path, fault: Fault | None = None) -> Outcome:
        """Run a command that is told which home it works on."""
        return self.perform(lambda _: self._shell(*arguments), fault)

    def perform(self, task: Callable[[KeptHome], Any], fault: Fault | None = None) -> Outcome:
        """Do something in a process that may die of a fault."""
        if fault is not None and fault.kill:
            self.restart()
            outcome = _in_fork(lambda: self._attempt(task, fault))
            # What a killed process drew and recorded, the next one must not draw again.
            self._source.seed(f"{self.seed}/{self._source.random()}")
            return outcome
        outcome = self._attempt(task, fault)
        if outcome.died:
            self.restart()
        return outcome

    def move(self, directory: Path) -> None:
        """Go on with another home."""
        self.restart()
        self.home_directory = directory

    def new_place(self) -> tuple[Path, str | None]:
        """Return an empty machine: where its home goes, and its database's address."""
        self.made += 1
        home = self.directory / f"home-{self.made}"
        if self.postgres is None:
            return home, None
        return home, self.postgres.url(self.postgres.empty())

    def _attempt(self, task: Callable[[KeptHome], Any], fault: Fault | None) -> Outcome:
        with self.faults.armed(fault):
            try:
                value = task(self.home)
            except DiedError:
                return Outcome(died=True, fired=True)
            except XinyinError as error:
                return Outcome(error=error.code, fired=self.faults.fired)
            code = _error_of(value) if isinstance(value, Ran) else None
            return Outcome(value, code, fired=self.faults.fired)

    def _shell(self, *arguments: str | Path) -> Ran:
        ran = xinyin(*arguments, "--json", env={"XINYIN_DEBUG": "1"})
        assert ran.code != 1 or ran.err or '"code": "storage"' in ran.out, ran  # a batch's row
        return ran

    def _opened(self, directory: Path | None, *rest: Any) -> KeptHome:
        del rest
        assert directory is not None
        if directory == self.home_directory:
            return self.home
        return self._new(directory)

    def _new(self, directory: Path) -> KeptHome:
        home = KeptHome(directory, {}, clock=self.clock)
        home.sandbox = _Judge()  # type: ignore[assignment]
        return home

    def _found(self) -> None:
        self.home_directory, url = self.new_place()
        for name in ("passphrase", "root-passphrase"):
            path = self.directory / name
            path.write_bytes(b"a passphrase for tests")
            path.chmod(0o600)
        journal = self.directory / "journal" if self.journal_outside else None
        settings = Settings.model_validate(
            {
                "service": {"public_url": _URL, "pki_url": _URL, "demo": True},
                "operator": {"account": self.home.account},
                "keys": {
                    "passphrase_file": self.directory / "passphrase",
                    "root_passphrase_file": self.directory / "root-passphrase",
                },
                "database": {"url": url},
                "journal": {"directory": journal},
                "ca": {
                    "organization": OPERATOR.organization,
                    "uscc": OPERATOR.uscc,
                    "crl_shards": self.crl_shards,
                },
                "profiles": dict.fromkeys(_PROFILES, _P256),
                "verify": {"workers": 1},
            }
        )
        create_home(self.home, settings, OPERATOR)
        self._add_bodies(self.home)
        self.restart()

    def _add_bodies(self, home: Home) -> None:
        now = self.clock.now()
        with home.database.writing() as connection:
            put_type(connection, LICENCE_TYPE, MANAGE_AUTHORITY, now)
        for number, (slug, name) in enumerate(AUTHORITIES.items(), start=1):
            authority = AuthorityId(slug)
            body = Authority(authority, name, uscc(11, number), SealLevel.CITY_OR_COUNTY, now)
            with home.database.writing() as connection:
                add_authority(connection, body, MANAGE_AUTHORITY)
            seal = home.seal_maker.make(SealId(SEAL_OF[slug]), authority, "", MANAGE_SEAL)
            with home.database.writing() as connection:
                add_mandate(connection, LICENCE_TYPE.code, seal, MANAGE_AUTHORITY, now)


def uscc(begins: int, number: int) -> str:
    """Return a made-up unified social credit code."""
    body = f"{begins}990100MA{number:07d}"
    return body + uscc_check(body)


def _error_of(ran: Ran) -> str | None:
    """Return the code of the error that a command told, `exit-N` where it told none."""
    if ran.code == 0:
        return None
    for line in reversed(ran.err.splitlines()):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, Mapping) and "error" in told:
            return str(told["error"]["code"])
    return f"exit-{ran.code}"


def _in_fork(attempt: Callable[[], Outcome]) -> Outcome:
    """Do it in a process of its own, which may be killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(_attempted(attempt), pipe)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    if not told:
        return Outcome(died=True, fired=True)
    outcome = pickle.loads(told)  # of our own child
    if isinstance(outcome, BaseException):
        raise outcome
    assert isinstance(outcome, Outcome)
    return outcome


def _attempted(attempt: Callable[[], Outcome]) -> Outcome | BaseException:
    try:
        return attempt()
    except Exception as error:  # noqa: BLE001  # the parent tells it
        return RuntimeError(f"{type(error).__name__}: {error}")
