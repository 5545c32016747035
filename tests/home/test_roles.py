"""Each role as a process of its own, with the passphrase of its own keys and no other: what it can
reach, what it cannot, and that together they do everything.
"""

import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.issuers import FIRST_ISSUING
from ca.ledger import RevocationReason
from core.errors import XinyinError
from core.files import write_atomically
from core.ids import LicenceIdentifier, Sha256
from core.settings import FILE_NAME, KeySettings, Settings, to_toml
from home.role_names import RoleName
from home.roles import ROLES
from home.wiring import Home
from keys.life import DOMAIN_OF, KeyDomain, OutsideDomainError
from registry.audit.events import EventFilter, list_events
from registry.granting.granting import GrantStep
from registry.ledger.ledger import SqlLedger
from registry.licences.licences import list_licences, list_revisions
from registry.model import LicenceState
from signing.sandbox import Sandbox
from tests.cli.test_serve import serving
from tests.clock import StoppedClock
from tests.databases import KINDS, PostgresServer
from tests.permits import CHANGE_CERTIFICATE
from tests.world import World, build_template

pytestmark = pytest.mark.timeout(400)  # several processes, perhaps on a busy machine

SEPARATE = (KeyDomain.CA, KeyDomain.TRUST, KeyDomain.ISSUING, KeyDomain.AUDIT)
DUTIES = {
    RoleName.TRUST: ("renewal", "ocsp-counts"),
    RoleName.CA: ("crl", "outside-crls", "certify", "audit-head"),
    RoleName.ISSUING: ("grants", "archive"),
}
ALONE = tuple(DUTIES)
DOMAINS = {
    RoleName.TRUST: frozenset({KeyDomain.TRUST}),
    RoleName.CA: frozenset({KeyDomain.CA, KeyDomain.AUDIT}),
    RoleName.ISSUING: frozenset({KeyDomain.ISSUING}),
}
"""Whose keys each role may reach (ADR 21), by hand: a role given more must fail here."""


def test_each_role_is_given_the_keys_that_adr_21_gives_it() -> None:
    given = {name: role.domains for name, role in ROLES.items()}
    all_but_root = frozenset(KeyDomain) - {KeyDomain.ROOT}
    assert given == DOMAINS | {RoleName.ALL: all_but_root}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose domains have a passphrase each, in files beside it."""
    directory = tmp_path_factory.mktemp("roles")
    build_separate(directory, None)
    return directory


def build_separate(directory: Path, database_url: str | None) -> None:
    """Build such a home."""
    own = {}
    for domain in SEPARATE:
        path = directory / domain.value
        path.write_text(secrets.token_hex(16))
        path.chmod(0o600)
        own[f"{domain}_passphrase_file"] = path
    build_template(directory, database_url, datetime.now(UTC) - timedelta(hours=1), **own)


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    directory = tmp_path / "home"
    shutil.copytree(template / "home", directory)
    return directory


@pytest.fixture(params=KINDS)
def either_home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A home of the test's own, on both engines in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("home")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        build_separate(tmp_path, url)
        yield tmp_path / "home"


def with_passphrases_of(home: Path, target: Path, domains: frozenset[KeyDomain]) -> Path:
    """Return the same home as it is set up for one role: other passphrases are nowhere."""
    shutil.copytree(home, target, dirs_exist_ok=True)
    settings = Home(home, {}).settings
    missing = target.parent / "not-on-this-machine"
    names = [name for name in KeySettings.model_fields if name.endswith("passphrase_file")]
    allowed = {f"{domain}_passphrase_file" for domain in domains}
    keys = settings.keys.model_copy(update={name: missing for name in names if name not in allowed})
    _write(target, settings.model_copy(update={"keys": keys}))
    return target


def _write(home: Path, settings: Settings) -> None:
    write_atomically(home / FILE_NAME, to_toml(settings), mode=0o600)


def reachable(metrics: str) -> dict[str, int]:
    """Read the gauge that says what a process can reach."""
    lines = [one for one in metrics.splitlines() if one.startswith("xinyin_reachable_keys{")]
    return {one.split('"')[1]: int(one.rpartition(" ")[2]) for one in lines}


def wait_for(condition: Callable[[], bool], seconds: float = 45) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.2)


@pytest.mark.parametrize("role", ALONE)
def test_a_role_reaches_its_own_keys_and_no_other(home: Path, tmp_path: Path, role: str) -> None:
    domains = DOMAINS[RoleName(role)]
    mine = with_passphrases_of(home, tmp_path / "mine", domains)
    with serving(mine, "--role", role) as (url, _):
        assert httpx2.get(f"{url}/readyz").status_code == 200
        counted = reachable(httpx2.get(f"{url}/metrics").text)
        assert {domain for domain, count in counted.items() if count} <= set(domains)
        assert all(counted[domain] for domain in domains if domain != KeyDomain.AUDIT)
        for path in ("/", "/v1/verifications"):
            assert httpx2.get(url + path).status_code == 404
        # It does its duties with these keys, alone.
        for duty in DUTIES[RoleName(role)]:
            wait_for(lambda duty=duty: f'duty="{duty}"' in httpx2.get(f"{url}/metrics").text)  # type: ignore[misc]
        assert 'result="failed"' not in httpx2.get(f"{url}/metrics").text
    # What the process could do if it were made to ask for more.
    whole = Home(mine, {})
    keys = whole.keys.list_keys() + whole.root_keys.list_keys()
    confined = whole.confined_to(domains, "test")
    assert {DOMAIN_OF[one.purpose] for one in keys} >= {*SEPARATE, KeyDomain.ROOT} - {
        KeyDomain.AUDIT
    }
    for info in keys:
        if DOMAIN_OF[info.purpose] in domains:
            assert confined.keys.open(info.key_id, info.purpose).sign(b"x")
            continue
        with pytest.raises(OutsideDomainError):
            confined.keys.open(info.key_id, info.purpose)
        with pytest.raises(OutsideDomainError):
            confined.root_keys.open(info.key_id, info.purpose)
        with pytest.raises(XinyinError):  # not even without the ring: there is no passphrase
            Home(mine, {}).keys.open(info.key_id, info.purpose)
    for opened in (whole, confined):
        opened.close()


def test_apart_they_do_everything_together(either_home: Path) -> None:
    """One register: trust answers, ca signs, issuing seals with what trust answers."""
    home = either_home
    with ExitStack() as running:
        trust, _ = running.enter_context(serving(home, "--role", "trust"))
        settings = Home(home, {}).settings
        issuing = settings.issuing.model_copy(update={"services_url": trust})
        _write(home, settings.model_copy(update={"issuing": issuing}))
        world = _a_grant_cut_off(home)
        running.enter_context(serving(home, "--role", "issuing"))
        # issuing finishes the grant, stamped and vouched for by trust.
        wait_for(lambda: not _pending(world.home))
        with world.home.database.reading() as connection:
            (licence,) = list_licences(connection, limit=None)
        assert licence.state is LicenceState.IN_FORCE
        pdf = world.home.store.get(_sha256(world.home, licence.identifier))
        with Sandbox(workers=1) as sandbox:
            world.home.sandbox = sandbox
            answer = world.home.verifier.by_file(pdf)
            assert answer.outcome == "in_force"
            assert answer.signatures[0].level == "B-LT"
        # A revocation made by whoever may, without the CA's key: ca signs, trust publishes.
        ledger = SqlLedger(world.home.database)
        entry = ledger.list_entries(FIRST_ISSUING, profile="seal")[0]
        now = world.home.clock.now()
        ledger.revoke(
            FIRST_ISSUING,
            entry.intent.serial,
            RevocationReason.SUPERSEDED,
            now,
            permit=CHANGE_CERTIFICATE,
        )
        running.enter_context(serving(home, "--role", "ca"))

        def listed() -> bool:
            crl = x509.load_der_x509_crl(httpx2.get(f"{trust}/pki/issuing-1.crl").content)
            return crl.get_revoked_certificate_by_serial_number(entry.intent.serial) is not None

        wait_for(listed)
        world.home.close()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_answers_are_on_record_when_the_service_was_stopped(home: Path, workers: str) -> None:
    """Within the interval, as with every stop: each process tells of those that it signed."""
    whole = Home(home, {})
    ca = x509.load_der_x509_certificate(_issuing_certificate(whole))
    seals = whole.ledger.list_entries(FIRST_ISSUING, profile="seal")
    certificate = x509.load_der_x509_certificate(seals[0].certificate or b"")
    asked = 6
    with serving(home, "--role", "trust", "--workers", workers) as (url, _):
        for _turn in range(asked):
            request = ocsp.OCSPRequestBuilder().add_certificate(certificate, ca, hashes.SHA256())
            request = request.add_extension(x509.OCSPNonce(secrets.token_bytes(16)), critical=False)
            body = request.build().public_bytes(Encoding.DER)
            headers = {"Content-Type": "application/ocsp-request"}
            said = httpx2.post(f"{url}/pki/ocsp", content=body, headers=headers)
            assert said.status_code == 200
    with whole.database.reading() as connection:
        events = list_events(connection, chosen=EventFilter(action="ocsp.answered"))
    counted = sum(int((one.after or {}).get("issuing-1 good") or 0) for one in events)
    assert counted >= asked
    whole.close()


def _issuing_certificate(home: Home) -> bytes:
    known = {one.issuer: one.certificate for one in home.ledger.list_issuers()}
    return known[FIRST_ISSUING] or b""


def _a_grant_cut_off(home: Path) -> World:
    """Begin a grant that a crash cuts off, a while ago."""

    class Crash(BaseException):
        pass

    def crash(step: GrantStep) -> None:
        if step is GrantStep.RESERVED:
            raise Crash

    clock = StoppedClock(datetime.now(UTC) - timedelta(minutes=5))
    begun = Home(home, {}, clock=clock, on_step=crash)
    with pytest.raises(Crash):
        World(begun, clock).grant(0)
    begun.close()
    opened = Home(home, {})
    assert _pending(opened)
    return World(opened, clock)


def _pending(home: Home) -> bool:
    with home.database.reading() as connection:
        return bool(list_licences(connection, state=LicenceState.PENDING, limit=None))


def _sha256(home: Home, identifier: LicenceIdentifier) -> Sha256:
    with home.database.reading() as connection:
        return list_revisions(connection, identifier)[-1].sha256
