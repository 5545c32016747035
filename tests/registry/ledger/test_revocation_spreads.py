"""A revocation in one process is told by every worker of the trust service within a second."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx2
import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from ca.ledger import RevocationReason
from registry.bodies.authorities import list_seals
from tests.ca.ocsp.test_responder import request_for
from tests.forked import Forked
from tests.permits import CHANGE_CERTIFICATE
from tests.world import World

GOOD, REVOKED = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED


@contextmanager
def worker(world: World) -> Iterator[str]:
    program = "tests.registry.trust_worker"
    with Forked([world.home.directory], program=program, stderr=None) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def status(client: httpx2.Client, url: str, request: bytes) -> ocsp.OCSPCertStatus | None:
    """Ask a worker; None where it says tryLater, as one must that had no turn for a second."""
    headers = {"content-type": "application/ocsp-request"}
    response = client.post(f"{url}/pki/ocsp", content=request, headers=headers)
    answer = ocsp.load_der_ocsp_response(response.content)
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return None
    return answer.certificate_status


def test_every_worker_tells_within_a_second(world: World) -> None:
    home = world.home
    with home.database.reading() as connection:
        seal = x509.load_der_x509_certificate(list_seals(connection)[0].certificate)
    request = request_for(home.hierarchy, seal.serial_number)
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(world)) for _ in range(2)]
        client = stack.enter_context(httpx2.Client(timeout=10))
        for url in workers * 3:  # signed ahead in both
            assert status(client, url, request) in (GOOD, None)
        issuer = home.hierarchy.active.record.issuer
        home.ledger.revoke(
            issuer,
            seal.serial_number,
            RevocationReason.KEY_COMPROMISE,
            home.clock.now(),
            permit=CHANGE_CERTIFICATE,
        )
        revoked_at = time.monotonic()
        seen: set[str] = set()
        while len(seen) < len(workers) and time.monotonic() < revoked_at + 30:
            for url in workers:
                begun = time.monotonic()
                told = status(client, url, request)
                assert told is not GOOD or begun < revoked_at + 1, "good a second later"
                if told is REVOKED:
                    seen.add(url)
            time.sleep(0.01)
        assert seen == set(workers)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_worker_has_probes(sqlite_world: World, path: str) -> None:
    with worker(sqlite_world) as url:
        assert httpx2.get(url + path).status_code == 200
