"""The roles of `xinyin serve`: which keys each reaches, what it answers, what it does by itself.

    verify   the public page and API           no key (`python -m verify_api`, not here)
    trust    /pki/: CRL, OCSP, AIA, timestamps  OCSP, TSA
    issuing  finishes grants, renews archives   seals
    ca       signs CRLs, certifies services     issuing CAs, audit
    all      everything in one process          all but the root's

trust publishes what ca signed, ca certifies what trust asks for; what stands between them is the
register. issuing asks trust for OCSP answers and timestamps over HTTP.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from starlette.types import ASGIApp

from ca.addresses import find_crl_name
from ca.service.service import TrustApp, TrustParts, TrustRates, create_trust_app
from ca.service.trust_gauges import TrustGauges
from ca.service.trust_metrics import TrustMetrics
from core.errors import XinyinError
from core.ids import IssuerId
from core.log import log_metrics
from core.metrics import Gauge, Labels, Metric, build_info, exposition
from core.schedule import Duty, on_duty
from core.web.limits.levels import Levels
from core.web.probes import probe_app
from core.web.routing import under_prefix
from core.web.server import Worker
from home.audit_duties import count_answers, sign_heads
from home.crl_duty import crl_duty
from home.identity.leaving import revoking
from home.identity.sign_in import certify_officers, open_issuing_app
from home.outside import fetch_crls
from home.role_duties import (
    GrantFinisher,
    TermWatch,
    finish_erasures,
    renew_archive,
    state_digests,
)
from home.role_names import DOMAINS, RoleName
from home.wiring import Home
from issuing_api.app import IssuingMetrics
from keys.life import DOMAIN_OF, KeyDomain
from registry.health.batch_gauges import BatchGauges
from registry.health.gauges import Expiry
from registry.health.queue import queue_gauges
from registry.health.watching import RegisterGauges, machine_gauges
from signing.sealing.steady import settle
from verify_api.readiness import Readiness

RENEWAL_EVERY = timedelta(minutes=10)
CERTIFY_EVERY = timedelta(seconds=30)
GRANTS_EVERY = timedelta(minutes=1)
ARCHIVE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ServedRole:
    """One role that runs on a home."""

    domains: frozenset[KeyDomain]
    """The keys that it may reach."""
    open_app: Callable[[Home, Worker], AbstractContextManager[ASGIApp]]


def _renewal(home: Home, name: str, every: timedelta) -> Duty:
    def renew() -> None:
        home.service_renewal.renew()

    return Duty(name, every, renew)


def _outside_crls(home: Home) -> Duty:
    def refresh() -> None:
        fetch_crls(home.ledger, home.clock)

    return Duty("outside-crls", RENEWAL_EVERY, refresh, remote=True)


@contextmanager
def _all(home: Home, worker: Worker) -> Iterator[ASGIApp]:
    verify = home.verify_role
    metrics = _trust_metrics(home, TrustMetrics(verify.metrics.requests), RoleName.ALL)
    verify.metrics.parts += metrics.own
    app = TrustApp(
        trust_parts(home, metrics, worker.levels), verify.app(worker, lambda: _is_ready(home))
    )
    issuing = open_issuing_app(home, issuing_metrics := IssuingMetrics(), worker.levels)
    first = [
        *(() if issuing is None else issuing[1]),
        revoking(home),
        *certify_officers(home),
        _renewal(home, "renewal", RENEWAL_EVERY),
        crl_duty(home),
        _outside_crls(home),
        Duty("grants", GRANTS_EVERY, GrantFinisher(home).finish, remote=True),
        Duty("archive", ARCHIVE_EVERY, lambda: renew_archive(home), remote=True),
        Duty("signed-digests", RENEWAL_EVERY, lambda: state_digests(home)),
        Duty("expiry-notices", RENEWAL_EVERY, TermWatch(home).note),
        Duty("erasures", RENEWAL_EVERY, lambda: finish_erasures(home)),
        *sign_heads(home),
    ]
    verify.metrics.parts += _granting(home)
    if issuing is not None:
        verify.metrics.parts += issuing_metrics.all
    with _on_duty(worker, first, count_answers(home), metrics), _until_it_ends(home):
        yield app if issuing is None else under_prefix("/issuing", issuing[0], app)


@contextmanager
def _trust(home: Home, worker: Worker) -> Iterator[ASGIApp]:
    metrics = _trust_metrics(home, TrustMetrics(), RoleName.TRUST)
    parts = trust_parts(home, metrics, worker.levels)
    app = create_trust_app(parts, _readiness(home), worker.share)
    first = [_renewal(home, "renewal", RENEWAL_EVERY)]
    with _on_duty(worker, first, count_answers(home), metrics):
        yield app


@contextmanager
def _ca(home: Home, worker: Worker) -> Iterator[ASGIApp]:
    duties = [
        crl_duty(home),
        _outside_crls(home),
        _renewal(home, "certify", CERTIFY_EVERY),
        revoking(home),
        *certify_officers(home),
        *sign_heads(home),
    ]
    crls = _trust_gauges(home).published()
    with _probed(home, worker, duties, [*crls, *_watched(home, RoleName.CA)]) as app:
        yield app


@contextmanager
def _issuing(home: Home, worker: Worker) -> Iterator[ASGIApp]:
    duties = [
        Duty("grants", GRANTS_EVERY, GrantFinisher(home).finish, remote=True),
        Duty("archive", ARCHIVE_EVERY, lambda: renew_archive(home), remote=True),
        Duty("signed-digests", RENEWAL_EVERY, lambda: state_digests(home)),
        Duty("expiry-notices", RENEWAL_EVERY, TermWatch(home).note),
        Duty("erasures", RENEWAL_EVERY, lambda: finish_erasures(home)),
    ]
    metrics = IssuingMetrics()
    opened = open_issuing_app(home, metrics, worker.levels)
    watched = [*_watched(home, RoleName.ISSUING), *_granting(home)]
    ready = _readiness(home, home.store_reach.is_there)
    if opened is None:
        with _probed(home, worker, duties, watched, ready) as app:
            yield app
        return
    more = [*watched, *metrics.all]
    with (
        _probed(home, worker, [*duties, *opened[1]], more, ready) as probes,
        _until_it_ends(home),
    ):
        yield under_prefix("/issuing", opened[0], probes)


ROLES = {
    name: ServedRole(DOMAINS[name], open_app)
    for name, open_app in (
        (RoleName.ALL, _all),
        (RoleName.TRUST, _trust),
        (RoleName.CA, _ca),
        (RoleName.ISSUING, _issuing),
    )
}


@contextmanager
def _probed(
    home: Home,
    worker: Worker,
    duties: list[Duty],
    watched: list[Metric],
    ready: Readiness | None = None,
) -> Iterator[ASGIApp]:
    """Do the duties, and answer probes alone."""
    home.hierarchy  # noqa: B018  # what is not founded is told at once
    metrics = TrustMetrics()
    share = worker.share(lambda: exposition([metrics.duties, metrics.duty_ages, *watched]))
    with _on_duty(worker, duties, [], metrics):
        yield probe_app(ready or _readiness(home), share)


def _on_duty(
    worker: Worker, first: list[Duty], every: list[Duty], metrics: TrustMetrics
) -> AbstractContextManager[None]:
    """One worker of several looks after what is due; the others notice what it did."""
    settle()
    duties = [*every, *first] if worker.number == 0 else every
    metrics.duties_begin(one.name for one in duties)
    return on_duty(duties, on_end=metrics.duty_ended)


@contextmanager
def _until_it_ends(home: Home) -> Iterator[None]:
    """Tell the job process of the end before duties are waited for; `Home.close` waits for it."""
    try:
        yield
    finally:
        if home.jobs is not None:
            home.jobs.dismiss()


def _trust_metrics(home: Home, metrics: TrustMetrics, role: RoleName) -> TrustMetrics:
    metrics.own += [*_trust_gauges(home).all(), *_watched(home, role)]
    return metrics


def _trust_gauges(home: Home) -> TrustGauges:
    return TrustGauges(home.hierarchy, home.ledger, home.clock, home.clock_guard)


def _watched(home: Home, role: RoleName) -> list[Metric]:
    """Return the gauges of register, machine and process that every role but verify exposes."""
    directory = home.journal_directory
    register = RegisterGauges(home.database, home.clock, directory)
    return [
        build_info(role),
        *log_metrics(),
        *Expiry(home.database, home.clock).gauges(),
        *register.all(),
        *register.corrections(home.zone),
        *BatchGauges(home.database, home.clock).all(),
        *machine_gauges(home.database, home=home.directory, journal=directory),
        _reachable(home),
    ]


def trust_parts(home: Home, metrics: TrustMetrics, levels: Levels | None = None) -> TrustParts:
    """Return the app of /pki/; what is due is signed by duties, never for a request.

    `levels` is the workers' common memory of what clients used up.
    """
    hierarchy, limits = home.hierarchy, home.settings.trust

    def certificate(name: str) -> bytes | None:
        found = hierarchy.published.get(IssuerId(name))
        if found is None:  # perhaps of a CA that another process put to use just now
            hierarchy.look_again()
            found = hierarchy.published.get(IssuerId(name))
        return found

    def find_crl(name: str) -> tuple[IssuerId, int] | None:
        shards = {record.issuer: record.crl_shards for record in hierarchy.records.values()}
        return find_crl_name(name, shards)

    def crl(name: str) -> bytes | None:
        named = find_crl(name)
        if named is None:
            hierarchy.look_again()
            named = find_crl(name)
        return None if named is None else home.ledger.latest_crl(*named)

    return TrustParts(
        certificate=certificate,
        crl=crl,
        ocsp=hierarchy.ocsp_service,
        revocation_epoch=home.ledger.revocation_epoch,
        timestamps=hierarchy.current_timestamps,
        clock=home.clock,
        rates=TrustRates.per_minute(limits.ocsp_per_minute, limits.timestamps_per_minute),
        metrics=metrics,
        levels=levels,
    )


def _reachable(home: Home) -> Gauge:
    """Gauge of the keys of each domain that this process can open: no more than its role's."""

    def read() -> Iterator[tuple[Labels, float]]:
        counts = dict.fromkeys(KeyDomain, 0)
        for info in home.keys.list_keys():
            counts[DOMAIN_OF[info.purpose]] += 1
        for domain, count in counts.items():
            yield (("domain", domain.value),), count

    return Gauge("xinyin_reachable_keys", "Keys within this process's reach, by domain.", read)


def _granting(home: Home) -> list[Metric]:
    """Return the metrics of granting: the store's use and reach, and the queue."""
    return [
        *home.store_metrics.all,
        home.store_reach.gauge(),
        *queue_gauges(home.database),
    ]


def _readiness(home: Home, *more: Callable[[], bool]) -> Readiness:
    return Readiness([lambda: _is_ready(home), *more], time.monotonic)


def _is_ready(home: Home) -> bool:
    """Tell whether database and keys are there and the database can be written.

    No role but verify does without. A clock that is not trusted has a gauge: it stops timestamps
    only.
    """
    try:
        home.ledger.revocation_epoch()
        return home.database.is_writable() and bool(home.keys.list_keys())
    except XinyinError:
        return False
