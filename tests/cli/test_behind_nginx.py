"""The shipped nginx configuration, in real nginx before a running service."""

import base64
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from tests.cli.conftest import DemoHome
from tests.cli.test_serve import serving, wait_until_ready
from tests.nginx import PKI, VERIFY, Nginx, free_port, have_nginx, running_nginx

pytestmark = pytest.mark.skipif(not have_nginx(), reason="nginx is not installed")
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def proxied(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """The whole service behind nginx."""
    settings = {
        "XINYIN_VERIFY_TRUSTED_PROXIES": "127.0.0.1",
        "XINYIN_VERIFY_LOOKUPS_PER_MINUTE": "12",
    }
    with serving(shared.directory, **settings) as (url, _):
        wait_until_ready(url)
        port = urlsplit(url).port
        assert port is not None
        with running_nginx(tmp_path_factory.mktemp("nginx"), port) as nginx:
            yield nginx


class Echo(BaseHTTPRequestHandler):
    """Says what reached it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with path and headers as JSON."""
        seen = {name.lower(): value for name, value in self.headers.items()}
        count = len(self.headers.get_all("X-Forwarded-For", []))
        body = json.dumps({"path": self.path, "headers": seen, "forwarded": count}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="module")
def echoed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """Stand-in of the service that tells what nginx sent on."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with running_nginx(tmp_path_factory.mktemp("echo"), server.server_port) as nginx:
        yield nginx
    server.shutdown()
    server.server_close()


def test_a_licence_is_uploaded_and_verified(proxied: Nginx, shared: DemoHome) -> None:
    data = shared.path("in_force").read_bytes()
    response = proxied.ask("POST", "/v1/verifications", files={"file": ("a.pdf", data)})
    assert (response.status_code, response.json()["outcome"]) == (200, "in_force")
    assert response.headers["strict-transport-security"] == "max-age=31536000"


def test_an_ocsp_request_with_slashes_in_its_base64(
    proxied: Nginx, seal: x509.Certificate, exported: Path
) -> None:
    issuer = x509.load_pem_x509_certificate((exported / "issuing-1.pem").read_bytes())
    builder = ocsp.OCSPRequestBuilder().add_certificate(seal, issuer, SHA256())
    nonce = x509.OCSPNonce(b"\xff" * 32)
    der = builder.add_extension(nonce, critical=False).build().public_bytes(Encoding.DER)
    text = base64.b64encode(der).decode()
    assert "//" in text
    response = proxied.ask("GET", f"/pki/ocsp/{text}", host=PKI, tls=False)
    assert response.status_code == 200
    answer = ocsp.load_der_ocsp_response(response.content)
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert answer.serial_number == seal.serial_number
    posted = proxied.ask(
        "POST", "/pki/ocsp", host=PKI, tls=False, content=der,
        headers={"Content-Type": "application/ocsp-request"},
    )  # fmt: skip
    assert posted.status_code == 200


def test_the_path_goes_on_as_it_came(echoed: Nginx) -> None:
    target = "/pki/ocsp/MEow//8%2F%2B==?x=%2e"
    assert echoed.ask("GET", target, host=PKI, tls=False).json()["path"] == target


def test_a_forged_client_address_is_replaced(echoed: Nginx) -> None:
    forged = {"X-Forwarded-For": "192.0.2.1, 10.0.0.1", "Forwarded": "for=192.0.2.1"}
    seen = echoed.ask("GET", "/", headers=forged).json()
    assert (seen["headers"]["x-forwarded-for"], seen["forwarded"]) == ("127.0.0.1", 1)
    assert "forwarded" not in seen["headers"]


def test_who_forges_addresses_meets_the_rate_all_the_same(proxied: Nginx) -> None:
    codes = [
        proxied.ask(
            "POST", "/v1/verifications/code", json={"code": "nothing"},
            headers={"X-Forwarded-For": f"192.0.2.{i}"},
        ).status_code
        for i in range(20)
    ]  # fmt: skip
    assert codes[0] == 200
    assert 429 in codes, "six look-ups at once are allowed to one network"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0f8b7c1e-5f0e-4c2e-9d55-7f7a1c4d5e6f", True),
        ("a b", False),
        ("x" * 65, False),
        ("x" * 64, True),
        ("someone@example.cn", False),
        ("13800138000", False),
        ("id-11010519491231002X", False),
        ("", False),
    ],
)
def test_the_request_id_is_passed_on_where_it_is_well_formed(
    echoed: Nginx, given: str, *, kept: bool
) -> None:
    headers = {"X-Request-ID": given} if given else {}
    seen = echoed.ask("GET", "/", headers=headers).json()["headers"]["x-request-id"]
    assert (seen == given) is kept
    assert len(seen) == (len(given) if kept else 32)


@pytest.mark.parametrize(
    "target", ["/metrics", "/metrics?x=1", "//metrics", "/%6detrics", "/x/../metrics", "/readyz"]
)
def test_what_is_for_operators_is_closed(proxied: Nginx, target: str) -> None:
    for response in (
        proxied.ask("GET", target),
        proxied.ask("GET", target, host=PKI, tls=False),
    ):
        assert (response.status_code, response.headers["content-type"]) == (404, PROBLEM)
        assert response.json()["code"] == "not_found"


def test_only_pki_is_served_over_plain_http(proxied: Nginx) -> None:
    assert proxied.ask("GET", "/", host=PKI, tls=False).status_code == 404
    assert proxied.ask("GET", "/pki/root.crl", host=PKI, tls=False).status_code == 200
    moved = proxied.ask("GET", "/v/abc?x=1", tls=False)
    assert (moved.status_code, moved.headers["location"]) == (301, f"https://{VERIFY}/v/abc?x=1")


def test_other_names_get_nothing(proxied: Nginx) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        proxied.ask("GET", "/", host="192.0.2.1", tls=False)
    with pytest.raises(ssl.SSLError), proxied.connection("other.example.gov.cn"):
        pass


def _reply(connection: socket.socket, seconds: float) -> tuple[str, str]:
    """Return head and body of the answer, read until the connection ends."""
    connection.settimeout(seconds)
    received = b""
    while part := connection.recv(65536):
        received += part
    head, _, body = received.decode().partition("\r\n\r\n")
    return head, body


def test_too_large_an_upload_is_refused_before_it_is_sent(proxied: Nginx) -> None:
    with proxied.connection() as connection:
        connection.sendall(
            f"POST /v1/verifications HTTP/1.1\r\nHost: {VERIFY}\r\nAccept-Language: en\r\n"
            f"Connection: close\r\nContent-Length: {34 * 2**20}\r\n\r\n".encode()
        )
        head, body = _reply(connection, 20)
    assert head.startswith("HTTP/1.1 413 ")
    assert f"Content-Type: {PROBLEM}" in head
    problem = json.loads(body)
    assert (problem["code"], problem["status"]) == ("too_large", 413)
    assert problem["type"] == f"https://{VERIFY}/problems#too_large"
    assert problem["detail"] == "A file may have 32 MiB at most."


def test_a_browser_is_answered_with_a_page(proxied: Nginx) -> None:
    with proxied.connection() as connection:
        connection.sendall(
            f"POST /verify HTTP/1.1\r\nHost: {VERIFY}\r\nAccept: text/html,*/*\r\n"
            f"Connection: close\r\nContent-Length: {34 * 2**20}\r\n\r\n".encode()
        )
        head, body = _reply(connection, 20)
    assert head.startswith("HTTP/1.1 413 ")
    assert "Content-Type: text/html; charset=utf-8" in head
    assert "<h1>文件过大</h1>" in body


def test_an_upload_that_drips_is_ended(proxied: Nginx) -> None:
    ended = threading.Event()
    with proxied.connection() as connection:
        connection.sendall(
            f"POST /v1/verifications HTTP/1.1\r\nHost: {VERIFY}\r\nConnection: close\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'.encode()
        )

        def drip() -> None:
            while not ended.wait(0.5):
                try:
                    connection.send(b"%")
                except OSError:
                    return

        sender = threading.Thread(target=drip)
        begun = time.monotonic()
        sender.start()
        try:
            head, body = _reply(connection, 40)
        finally:
            ended.set()
            sender.join()
    assert 8 < time.monotonic() - begun < 35
    assert head.startswith("HTTP/1.1 408 ")
    assert json.loads(body)["code"] == "request_timeout"


def test_headers_that_do_not_end_are_cut_off(proxied: Nginx, tmp_path: Path) -> None:
    changes = {"client_header_timeout 15s": "client_header_timeout 1s"}
    with running_nginx(tmp_path, free_port(), changes) as nginx, nginx.connection() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        connection.settimeout(20)
        assert connection.recv(1) == b""


def test_headers_that_are_too_long_are_a_problem(proxied: Nginx) -> None:
    response = proxied.ask("GET", "/", headers={"X-Long": "x" * 20_000})
    assert (response.status_code, response.json()["code"]) == (431, "usage")


def test_connections_of_one_client_are_bounded(tmp_path: Path) -> None:
    with (
        silent_backend() as port,
        running_nginx(tmp_path, port, {"xinyin_network 256": "xinyin_network 2"}) as nginx,
        nginx.connection() as one,
        nginx.connection() as two,
    ):
        for connection in (one, two):
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {VERIFY}\r\n\r\n".encode())
        time.sleep(0.5)
        refused = nginx.ask("GET", "/")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["retry-after"] == "5"


@pytest.mark.parametrize("path", ["/pki/root.crl", "/pki/issuing-1.crl", "/pki/issuing-1.cer"])
def test_who_has_it_gets_304(proxied: Nginx, path: str) -> None:
    first = proxied.ask("GET", path, host=PKI, tls=False)
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        again = proxied.ask("GET", path, host=PKI, tls=False, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b""), known


@contextmanager
def silent_backend() -> Iterator[int]:
    """Accept connections and answer nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_while_the_service_is_stopped(tmp_path: Path) -> None:
    with running_nginx(tmp_path, free_port()) as nginx:
        for host, tls, target in ((VERIFY, True, "/v1/verifications"), (PKI, False, "/pki/x.crl")):
            response = nginx.ask("GET", target, host=host, tls=tls)
            assert (response.status_code, response.headers["content-type"]) == (502, PROBLEM)
            assert response.json()["code"] == "unreachable"
            assert response.headers["retry-after"] == "30"
            assert response.headers["content-language"] == "zh"
            assert "不说明文件有问题" in response.json()["detail"]
            assert ("strict-transport-security" in response.headers) is tls
        named = nginx.ask("GET", "/", headers={"X-Request-ID": "abc", "Accept-Language": "en"})
        assert named.headers["x-request-id"] == "abc"
        assert named.json()["title"] == "Out of reach for now"


def test_while_the_service_hangs(tmp_path: Path) -> None:
    changes = {"proxy_read_timeout 60s": "proxy_read_timeout 1s"}
    with silent_backend() as port, running_nginx(tmp_path, port, changes) as nginx:
        response = nginx.ask("GET", "/")
    assert (response.status_code, response.headers["content-type"]) == (504, PROBLEM)
    assert response.json()["code"] == "unreachable"


def test_the_log_names_no_licence(echoed: Nginx) -> None:
    echoed.ask("GET", "/v/SECRETTOKEN?lang=zh", headers={"X-Request-ID": "traced"})
    echoed.ask("GET", "/?number=SECRETNUMBER")
    for path in ("//v/", "/%76/", "/%76%2f", "/x/../v/", "/./v/", "/%2fv/"):
        echoed.ask("GET", f"{path}SECRETTOKEN", headers={"X-Request-ID": "traced"})
    echoed.ask("GET", "/v/SECRETTOKEN", headers={"X-Request-ID": "last"}, tls=False)
    deadline = time.monotonic() + 10
    while "last" not in echoed.log():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "SECRET" not in echoed.log()
    assert '127.0.0.1 GET "/v/..." 200 ' in echoed.log()
