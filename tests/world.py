"""One real miniature world: a home with its CA, an authority with its seal, a type, a registry.

Making one takes seconds, so one is made and every test gets a copy. Its clock is the test's;
`check_everything` re-verifies all state.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import pytest
from sqlalchemy import Connection, select

from cli.demo_world import OPERATOR, DemoType, demo_types
from core.permits import Action
from core.settings import FILE_NAME, Settings, save_settings
from home.use_cases.making import create_home
from home.wiring import Home
from registry.bodies.authorities import add_authority, add_mandate, mandated_seal
from registry.db.tables import counters
from registry.granting.granting import Granted, GrantStep
from registry.granting.reservation import GrantRequest, PendingGrant, Reservations
from registry.importing.sheet_judging import plan, read_table
from registry.licences.licences import list_licences, list_revisions
from registry.model import Application, Authority, LicenceState
from registry.types.catalogue import put_type
from signing.levels import PadesLevel
from signing.sandbox import Sandbox
from tests.clock import StoppedClock
from tests.once import once
from tests.permits import MANAGE_AUTHORITY, MANAGE_SEAL
from tests.pictures import LentPictures

PUBLIC_URL = "http://127.0.0.1:8440"


@dataclass
class World:
    """A home at work."""

    home: Home
    clock: StoppedClock
    types: dict[str, DemoType] = field(
        default_factory=lambda: {kind.licence_type.slug: kind for kind in demo_types()}
    )

    def applications(self, slug: str = "food-operation") -> tuple[Application, ...]:
        """Return the applications that the examples hold."""
        kind = self.types[slug]
        table = read_table(kind.data)
        planned = plan(
            kind.licence_type, table, today=self.home.today(), read_photos=self.home.read_photos
        )
        assert planned.problems == ()
        return tuple(planned.applications)

    def request(self, index: int = 0, slug: str = "food-operation", **rest: object) -> GrantRequest:
        """Return a request for one of them."""
        application = self.applications(slug)[index]
        return GrantRequest(application, self.home.permit(Action.GRANT), "测试", **rest)  # type: ignore[arg-type]

    def grant(
        self,
        index: int = 0,
        slug: str = "food-operation",
        level: PadesLevel = PadesLevel.B_LT,
    ) -> Granted:
        """Grant one of them."""
        return self.home.granting.grant(self.request(index, slug, level=level))

    def check_everything(self, *, gaps: bool = False) -> None:
        """Re-verify all state: documents, numbers, uniqueness, what is visible.

        With `gaps`, numbers may have been left out, as after a restore.
        """
        home = self.home
        with home.database.reading() as connection:
            licences = list_licences(connection, limit=None)
            rows = connection.execute(select(counters.c.scope, counters.c.value))
            numbered = {row.scope: row.value for row in rows}
            revisions = {
                one.identifier: list_revisions(connection, one.identifier) for one in licences
            }
        for licence in licences:
            known = revisions[licence.identifier]
            if licence.state in (LicenceState.PENDING, LicenceState.VOID):
                assert known == [], "nothing half-visible"
                continue
            pdf = home.store.get(known[-1].sha256)
            for revision in known:
                digest = hashlib.sha256(pdf[: revision.length]).hexdigest()
                assert digest == revision.sha256
        held = (LicenceState.PENDING, LicenceState.IN_FORCE, LicenceState.SUSPENDED)
        holding = [
            (one.type_code, one.number)
            for one in licences
            if one.state in held and one.replaces is None
        ]
        assert len(holding) == len(set(holding)), "a number held twice"
        firsts = [one for one in licences if one.replaces is None]
        taken = sum(v for scope, v in numbered.items() if scope.startswith("sequence:"))
        assert gaps or taken == len(firsts), "every number is accounted for"
        self.check_audit()

    def check_audit(self) -> None:
        """Verify the chain of events against all its heads."""
        home = self.home
        report = home.audit.verify(home.audit.public_keys())
        told = [one.text.en for one in report.findings] + [one.en for one in report.unchecked]
        assert told == [], told


def reserved(
    reservations: Reservations, connection: Connection, request: GrantRequest
) -> PendingGrant:
    """Reserve a licence without a photo under the seal that is mandated for it."""
    application = request.application
    seal = mandated_seal(connection, application.type_code, request.authority_id)
    return reservations.reserve(connection, request, seal, None)


def build_template(
    directory: Path, database_url: str | None, at: datetime | None = None, **keys: Path | str
) -> None:
    """Make a home for tests to copy; `keys` go into that section."""
    clock = StoppedClock(at)
    home_directory = directory / "home"
    for name in ("passphrase", "root-passphrase"):
        path = directory / name
        path.write_bytes(b"a passphrase for tests")
        path.chmod(0o600)
    home = Home(home_directory, {}, clock=clock)
    settings = Settings.model_validate(
        {
            "service": {"public_url": PUBLIC_URL, "pki_url": PUBLIC_URL, "demo": True},
            "operator": {"account": home.account},
            "keys": {
                "passphrase_file": directory / "passphrase",
                "root_passphrase_file": directory / "root-passphrase",
                **keys,
            },
            "database": {"url": database_url},
            "verify": {"workers": 1},
        }
    )
    create_home(home, settings, OPERATOR)
    for kind in demo_types():
        now = clock.now()
        authority = Authority(kind.authority_id, kind.authority_name, kind.uscc, kind.level, now)
        with home.database.writing() as connection:
            add_authority(connection, authority, MANAGE_AUTHORITY)
        seal = home.seal_maker.make(kind.seal_id, kind.authority_id, kind.seal_name, MANAGE_SEAL)
        with home.database.writing() as connection:
            put_type(connection, kind.licence_type, MANAGE_AUTHORITY, now)
            add_mandate(connection, kind.licence_type.code, seal, MANAGE_AUTHORITY, now)
    home.close()


def shared_template(factory: pytest.TempPathFactory) -> Path:
    """Return a template on SQLite, which all workers of a run copy."""
    return once(factory, "template-sqlite", lambda directory: build_template(directory, None))


@contextmanager
def copy_world(
    template: Path,
    directory: Path,
    *,
    sandbox: Sandbox,
    database_url: str | None = None,
    on_step: Callable[[GrantStep], None] = lambda _: None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[World]:
    """Copy the template's home and open it."""
    shutil.copytree(template / "home", directory / "home")
    clock = StoppedClock()
    if database_url is not None:
        settings = Home(directory / "home", {}).settings
        changed = settings.model_copy(
            update={"database": settings.database.model_copy(update={"url": database_url})}
        )
        (directory / "home" / FILE_NAME).unlink()
        save_settings(directory / "home", changed)
    home = Home(directory / "home", environment, clock=clock, on_step=on_step)
    home.sandbox = _Borrowed(sandbox)  # type: ignore[assignment]
    home.pictures = LentPictures()  # type: ignore[assignment]
    try:
        yield World(home, clock)
    finally:
        home.close()


class _Borrowed:
    """A worker's own sandbox, which takes a second to start, lent to each of its tests."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.validate = sandbox.validate
        self.unfiltered = sandbox.unfiltered

    def close(self) -> None:
        """Leave it open for the next test."""
