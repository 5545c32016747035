"""What each role is put together from, seen in this process; `test_roles` runs them apart."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.testclient import TestClient

from ca.issuers import FIRST_ISSUING
from ca.service.service import TrustRates
from ca.service.trust_metrics import TrustMetrics
from core.errors import StorageError
from core.metrics import exposition
from core.schedule import Duty
from core.text import Text
from core.web.limits.throttling import Rate
from core.web.server import Worker
from home import roles
from home.role_names import RoleName
from home.roles import ROLES, trust_parts
from home.wiring import Home
from tests.cli.conftest import DemoHome

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HALF = timedelta(seconds=30)


@pytest.fixture
def home(own: DemoHome) -> Iterator[Home]:
    opened = Home(own.directory, {})
    idle = SimpleNamespace(
        start=lambda: None,
        validate=None,
        answers=lambda: True,
        close=lambda: None,
        unfiltered=None,
    )
    opened.sandbox = idle  # type: ignore[assignment]
    yield opened
    opened.close()


class Given:
    """What a role gives to whoever does duties, which are not done here."""

    duties: Sequence[Duty]
    on_end: Callable[[str, bool], None]
    settled = False

    @contextmanager
    def on_duty(
        self, duties: Sequence[Duty], *, on_end: Callable[[str, bool], None]
    ) -> Iterator[None]:
        self.duties, self.on_end = duties, on_end
        yield

    def settle(self) -> None:
        self.settled = True


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    made = Given()
    monkeypatch.setattr(roles, "on_duty", made.on_duty)
    monkeypatch.setattr(roles, "settle", made.settle)
    return made


OWN, REMOTE = False, True
COUNTS = ("ocsp-counts", 5 * MINUTE, OWN)
CRL, OUTSIDE_CRLS = ("crl", MINUTE, OWN), ("outside-crls", 10 * MINUTE, REMOTE)
RENEWAL, CERTIFY = ("renewal", 10 * MINUTE, OWN), ("certify", HALF, OWN)
GRANTS, ARCHIVE = ("grants", MINUTE, REMOTE), ("archive", HOUR, REMOTE)
DIGESTS, HEAD = ("signed-digests", 10 * MINUTE, OWN), ("audit-head", HALF, OWN)
LEAVERS = ("leavers", HALF, OWN)
NOTICES = ("expiry-notices", 10 * MINUTE, OWN)
ERASURES = ("erasures", 10 * MINUTE, OWN)
DUTIES = {
    RoleName.ALL: {
        COUNTS,
        RENEWAL,
        CRL,
        OUTSIDE_CRLS,
        GRANTS,
        ARCHIVE,
        DIGESTS,
        HEAD,
        LEAVERS,
        NOTICES,
        ERASURES,
    },
    RoleName.TRUST: {COUNTS, RENEWAL},
    RoleName.CA: {CRL, OUTSIDE_CRLS, CERTIFY, HEAD, LEAVERS},
    RoleName.ISSUING: {GRANTS, ARCHIVE, DIGESTS, NOTICES, ERASURES},
}
"""Each with how often, and whether it waits for services of others."""
OF_ALL = {RoleName.ALL: {"ocsp-counts"}, RoleName.TRUST: {"ocsp-counts"}}
"""What every worker of several does."""


@pytest.mark.parametrize("role", ROLES)
def test_one_worker_has_the_duties_of_its_role_and_tells_of_them(
    home: Home, given: Given, role: RoleName
) -> None:
    with ROLES[role].open_app(home, Worker(0, 2)) as app:
        assert {(one.name, one.every, one.remote) for one in given.duties} == DUTIES[role]
        assert given.settled
        names = {name for name, _, _ in DUTIES[role]}
        given.on_end(min(names), True)
        given.on_end(max(names), False)
        client = TestClient(app)
        assert client.get("/readyz").status_code == 200
        told = client.get("/metrics").text
    assert {name for name in names if f'duty_age_seconds{{duty="{name}"}}' in told} == names
    assert f'xinyin_duties_total{{duty="{min(names)}",result="done"}} 1\n' in told
    assert f'xinyin_duties_total{{duty="{max(names)}",result="failed"}} 1\n' in told
    expected = {
        f'role="{role}"}} 1', 'xinyin_reachable_keys{domain="ca"} 1', 'place="journal"',
        'place="home"', "xinyin_pending_licences 0", "xinyin_batches_under_way 0",
        'expiry_seconds{kind="seal"}',
        'xinyin_database_connections{state="in_use"}',
    }  # fmt: skip
    if role is not RoleName.ISSUING:
        expected.add('xinyin_crl_seconds{crl="issuing-1"}')
    if role in (RoleName.ALL, RoleName.TRUST):
        expected |= {'service_certificate_seconds{service="tsa"', "xinyin_clock_trusted 1"}
    assert {one for one in expected if one not in told} == set()


@pytest.mark.parametrize("role", ROLES)
def test_other_workers_leave_to_it_what_is_done_once(
    home: Home, given: Given, role: RoleName
) -> None:
    with ROLES[role].open_app(home, Worker(1, 2)):
        assert {one.name for one in given.duties} == OF_ALL.get(role, set())


def test_each_duty_does_its_work_on_the_home(
    home: Home, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def doing(name: str) -> Callable[[object], None]:
        def work(on: object) -> None:
            assert on is home
            done.append(name)

        return work

    def fetching(ledger: object, clock: object) -> None:
        assert (ledger, clock) == (home.ledger, home.clock)
        done.append("fetch_crls")

    for name in ("renew_archive", "state_digests", "finish_erasures"):
        monkeypatch.setattr(roles, name, doing(name))
    monkeypatch.setattr(roles, "fetch_crls", fetching)
    home.__dict__["service_renewal"] = SimpleNamespace(renew=lambda: done.append("renew"))
    finisher = SimpleNamespace(finish=lambda: done.append("finish"))
    monkeypatch.setattr(roles, "GrantFinisher", lambda _: finisher)
    watch = SimpleNamespace(note=lambda: done.append("note"))
    monkeypatch.setattr(roles, "TermWatch", lambda _: watch)
    works = {
        "renewal": "renew", "certify": "renew", "outside-crls": "fetch_crls", "grants": "finish",
        "archive": "renew_archive", "signed-digests": "state_digests",
        "expiry-notices": "note", "erasures": "finish_erasures",
    }  # fmt: skip
    for role in ROLES:
        with ROLES[role].open_app(home, Worker()):
            for duty in given.duties:
                done.clear()
                duty.work()
                assert done == ([works[duty.name]] if duty.name in works else [])


def test_what_trust_publishes_is_the_registers(home: Home) -> None:
    limits = {"ocsp_per_minute": 60, "timestamps_per_minute": 50}
    trust = home.settings.trust.model_copy(update=limits)
    home.__dict__["settings"] = home.settings.model_copy(update={"trust": trust})
    metrics, levels, hierarchy = TrustMetrics(), SimpleNamespace(), home.hierarchy
    parts = trust_parts(home, metrics, levels)
    assert parts.metrics is metrics
    assert parts.levels is levels
    assert parts.rates == TrustRates(ocsp=Rate(10, 60), timestamps=Rate(10, 50))
    assert (parts.ocsp, parts.clock) == (hierarchy.ocsp_service, home.clock)
    assert parts.timestamps() is hierarchy.current_timestamps()
    assert parts.revocation_epoch() == home.ledger.revocation_epoch()
    assert parts.certificate("root") == hierarchy.root.public_bytes(Encoding.DER)
    assert parts.crl("issuing-1") == home.ledger.latest_crl(FIRST_ISSUING)
    assert parts.certificate("issuing-2") is parts.crl("issuing-2") is None


def test_a_ca_that_another_process_put_to_use_is_found_at_once(home: Home) -> None:
    """The hierarchy is looked at again for a name that it does not know, and only then."""
    hierarchy = home.hierarchy
    looked: list[str] = []
    fresh = SimpleNamespace(
        published={}, records={}, look_again=lambda: None,
        ocsp_service=None, current_timestamps=None,
    )  # fmt: skip

    def look_again() -> None:
        looked.append("again")
        fresh.published, fresh.records = hierarchy.published, hierarchy.records

    fresh.look_again = look_again
    home.__dict__["hierarchy"] = fresh
    parts = trust_parts(home, TrustMetrics())
    assert parts.levels is None
    assert parts.certificate("issuing-1") == hierarchy.issuing.public_bytes(Encoding.DER)
    assert parts.certificate("issuing-1")
    assert looked == ["again"]
    fresh.records = {}
    assert parts.crl("issuing-1") == home.ledger.latest_crl(FIRST_ISSUING)
    assert parts.crl("issuing-1")
    assert looked == ["again", "again"]


def test_keys_are_counted_by_domain(home: Home) -> None:
    """Of a demo: one CA, OCSP and TSA, three seals, the audit's."""
    lines = exposition([roles._reachable(home)]).splitlines()
    counted = {one.split('"')[1]: one.rpartition(" ")[2] for one in lines if "{" in one}
    assert counted == {
        "root": "0", "ca": "1", "trust": "2", "issuing": "3", "audit": "1", "verify": "0"
    }  # fmt: skip


def unreachable(*_: object) -> object:
    raise StorageError(Text("读不了", "cannot be read"))


@pytest.mark.parametrize(
    ("epoch", "writable", "keys", "ready"),
    [
        (lambda: 7, True, ["key"], True),
        (lambda: 0, True, ["key"], True),
        (lambda: 7, False, ["key"], False),
        (lambda: 7, True, [], False),
        (unreachable, True, ["key"], False),
    ],
)
def test_a_role_is_ready_with_a_database_to_write_and_keys(
    epoch: Callable[[], int], keys: list[str], *, writable: bool, ready: bool
) -> None:
    home = SimpleNamespace(
        ledger=SimpleNamespace(revocation_epoch=epoch),
        database=SimpleNamespace(is_writable=lambda: writable),
        keys=SimpleNamespace(list_keys=lambda: keys),
    )
    assert roles._is_ready(home) is ready  # type: ignore[arg-type]
    assert roles._readiness(home)() is ready  # type: ignore[arg-type]
