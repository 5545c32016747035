"""Files of TLS, and what a request says of its peer where no server of ours noted any."""

from pathlib import Path

import pytest
from starlette.requests import Request

from core.errors import ConfigurationError
from core.web.peers import PEER, Peer, client_certificate
from core.web.server import TlsFiles


def request(peer: Peer | None, *values: str) -> Request:
    headers = [(b"client-cert", value.encode()) for value in values]
    extensions = {} if peer is None else {PEER: {"peer": peer}}
    return Request({"type": "http", "headers": headers, "extensions": extensions})


@pytest.mark.parametrize(
    ("host", "certificate"),
    [("10.0.0.5", b"abc"), ("::ffff:10.0.0.5", None), ("10.0.1.5", None), (None, None)],
)
def test_a_network_of_proxies_is_taken_at_its_word(
    host: str | None, certificate: bytes | None
) -> None:
    assert client_certificate(request(Peer(host), ":YWJj:"), ["10.0.0.0/24"]) == certificate


def test_a_proxy_s_own_certificate_is_not_its_client_s() -> None:
    proxy = Peer("10.0.0.5", b"the proxy's")
    assert client_certificate(request(proxy), ["10.0.0.5"]) is None
    assert client_certificate(request(proxy, ":YWJj:"), ["10.0.0.5"]) == b"abc"
    assert client_certificate(request(proxy, ":YWJj:"), []) == b"the proxy's"


def test_without_a_server_of_ours_there_is_no_certificate() -> None:
    assert client_certificate(request(None, ":YWJj:"), ["10.0.0.5"]) is None


def test_files_that_are_no_tls_are_told_at_the_start(tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.pem"
    certificate.write_text("no certificate")
    for key in (certificate, tmp_path / "missing"):
        with pytest.raises(ConfigurationError):
            TlsFiles(certificate, key).check()
