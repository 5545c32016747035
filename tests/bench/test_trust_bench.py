"""What the trust rows time is what they say: real answers, asked of real servers."""

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from bench.home import BenchHome
from bench.issuing import issuing, issuing_floor
from bench.measure import Baseline, Sample
from bench.serving.http_load import BATCH, Server
from bench.serving.trust import openssl_responder


@pytest.mark.parametrize("kind", ["floor", "trust", "softhsm"])
def test_each_server_answers_what_it_is_asked(kind: str) -> None:
    with Server("bench.serving.trust_server", kind) as server:
        for requests in server.requests.values():
            before = server.cpu()
            server.load(requests)()
            assert 0 < server.cpu() - before < BATCH * 0.01


def test_openssls_responder_answers_the_same_requests() -> None:
    with openssl_responder(BenchHome()) as baseline:
        sample = Sample()
        sample.add(baseline)
        assert 0 < sample.mean < 100


def test_figures_of_a_batch_are_for_one() -> None:
    ticks = iter([1.0, 3.0])
    sample = Sample()
    sample.add(Baseline("b", lambda: None, clock=lambda: next(ticks), batch=500))
    assert sample.times == [4.0]


def test_what_is_issued_is_real() -> None:
    home = BenchHome()
    issuing_floor(home)()
    issued = issuing(home)()
    assert isinstance(issued, bytes)
    serial = x509.load_der_x509_certificate(issued).serial_number
    answer = home.hierarchy.responder.response_for(serial)
    assert ocsp.load_der_ocsp_response(answer).certificate_status is ocsp.OCSPCertStatus.GOOD
