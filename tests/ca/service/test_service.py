"""The trust service over real HTTP on loopback, with Debian's openssl as a client."""

import base64
import dataclasses
import http.client
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from starlette.testclient import TestClient

from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING, ROOT
from ca.ledger import RevocationReason
from ca.ocsp.published import MAX_AGE
from ca.service.service import TrustParts, TrustRates, create_trust_app
from ca.timestamps.tsa import TimestampUnit
from core.errors import UnreachableError
from core.ids import IssuerId
from core.text import Text
from core.web.limits.levels import SharedLevels
from core.web.limits.throttling import Rate
from tests.ca.ocsp.test_responder import request_for
from tests.ca.timestamps.test_tsa import query, rejection
from tests.ca.world import World, openssl, pem
from tests.permits import CHANGE_CERTIFICATE


@dataclass(frozen=True)
class Served:
    world: World
    hierarchy: Hierarchy
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()


def trust_parts(world: World, hierarchy: Hierarchy) -> TrustParts:
    certificates: dict[str, x509.Certificate] = {
        ROOT: hierarchy.root,
        FIRST_ISSUING: hierarchy.issuing,
    }
    return TrustParts(
        certificate={n: c.public_bytes(Encoding.DER) for n, c in certificates.items()}.get,
        crl=lambda name: world.ledger.latest_crl(IssuerId(name)),
        ocsp=hierarchy.ocsp_service,
        revocation_epoch=world.ledger.revocation_epoch,
        timestamps=lambda: hierarchy.timestamps,
        clock=world.clock,
        rates=TrustRates(ocsp=Rate(10**6, 1), timestamps=Rate(10**6, 1), published=Rate(10**6, 1)),
    )


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    world = World(f"http://127.0.0.1:{port}", demo=True)
    hierarchy = world.found()
    app = create_trust_app(trust_parts(world, hierarchy), lambda: True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Served(world, hierarchy, port)
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
@pytest.mark.parametrize("nonce", [["-no_nonce"], ["-nonce"]])
def test_openssl_asks_about_two_certificates(
    served: Served, tmp_path: Path, digest: str, nonce: list[str]
) -> None:
    good, bad = (served.world.seal(served.hierarchy) for _ in range(2))
    served.world.ledger.revoke(
        FIRST_ISSUING,
        bad.serial_number,
        RevocationReason.SUPERSEDED,
        served.world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    issuer = pem(tmp_path / "issuer", served.hierarchy.issuing)
    root = pem(tmp_path / "root", served.hierarchy.root)
    first, second = pem(tmp_path / "first", good), pem(tmp_path / "second", bad)
    output = openssl(
        "ocsp", "-url", f"{served.url}/pki/ocsp", "-issuer", issuer, "-CAfile", root,
        digest, "-cert", first, digest, "-cert", second, "-verify_other", issuer, *nonce,
    )  # fmt: skip
    assert "Response verify OK" in output
    assert f"{first}: good" in output
    assert f"{second}: revoked" in output
    assert "Reason: superseded" in output
    assert "WARNING" not in output, "the nonce came back"


def test_openssl_asks_about_one(served: Served, tmp_path: Path) -> None:
    seal = pem(tmp_path / "seal", served.world.seal(served.hierarchy))
    issuer = pem(tmp_path / "issuer", served.hierarchy.issuing)
    root = pem(tmp_path / "root", served.hierarchy.root)
    asked = ("-url", f"{served.url}/pki/ocsp", "-issuer", issuer, "-cert", seal)
    output = openssl("ocsp", *asked, "-CAfile", root, "-verify_other", issuer)
    assert "Response verify OK" in output
    assert f"{seal}: good" in output


@pytest.mark.parametrize("nonce", [[], ["--nonce"]], ids=["plain", "nonce"])
def test_gnutls_asks_too(served: Served, tmp_path: Path, nonce: list[str]) -> None:
    good, bad = (served.world.seal(served.hierarchy) for _ in range(2))
    served.world.ledger.revoke(
        FIRST_ISSUING,
        bad.serial_number,
        RevocationReason.SUPERSEDED,
        served.world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    issuer = pem(tmp_path / "issuer", served.hierarchy.issuing)
    signer = pem(tmp_path / "signer", served.hierarchy.ocsp)
    for certificate, said in ((good, "good"), (bad, "revoked")):
        leaf = pem(tmp_path / "leaf", certificate)
        known = ("--load-cert", leaf, "--load-issuer", issuer, "--load-signer", signer)
        command = ["ocsptool", f"--ask={served.url}/pki/ocsp", *map(str, known), *nonce]
        run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        output = run.stdout + run.stderr
        assert "Verifying OCSP Response: Success" in output
        assert f"Certificate Status: {said}" in output


def ocsp_path(hierarchy: Hierarchy) -> str:
    """The GET path that asks about the TSA's certificate."""
    request = request_for(hierarchy, hierarchy.tsa.serial_number)
    return f"/pki/ocsp/{quote(base64.b64encode(request).decode(), safe='')}"


def test_who_has_the_answer_is_told_so(served: Served) -> None:
    path = ocsp_path(served.hierarchy)
    time.sleep(1.1)  # revocations by other tests are noticed within a second
    first, body = served.ask("GET", path)
    for condition in (
        {"if_none_match": f'"other", {first.getheader("etag")}'},
        {"if_modified_since": str(first.getheader("last-modified"))},
    ):
        again, rest = served.ask("GET", path, None, **condition)
        assert (again.status, rest) == (304, b"")
        assert again.getheader("etag") == first.getheader("etag")
    for condition in (
        {"if_none_match": '"other"', "if_modified_since": str(first.getheader("last-modified"))},
        {"if_modified_since": "yesterday"},
        {"if_modified_since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        assert served.ask("GET", path, None, **condition)[1] == body
    head, nothing = served.ask("HEAD", path)
    assert (head.status, nothing) == (200, b"")
    unknown = request_for(served.hierarchy, 77)
    response, _ = served.ask("GET", f"/pki/ocsp/{base64.b64encode(unknown).decode()}")
    assert response.getheader("cache-control") == "no-store", "it may be issued the next second"


def test_a_get_survives_what_base64_does_to_paths(served: Served) -> None:
    """Serial by serial until the base64 holds `+`, `/` and `//`, which paths treat specially."""
    wanted = {"+", "/", "//"}
    for serial in range(1, 4000):
        request = request_for(served.hierarchy, serial * 2**40 + 0x3FFFFF)
        text = base64.b64encode(request).decode()
        found = {mark for mark in wanted if mark in text}
        if not found:
            continue
        wanted -= found
        for path in (text, quote(text, safe=""), text.rstrip("=")):
            response, body = served.ask("GET", f"/pki/ocsp/{path}")
            answer = ocsp.load_der_ocsp_response(body)
            assert response.status == 200
            assert answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL, path
        if not wanted:
            return
    pytest.fail(f"no request with {wanted}")


def test_answers_say_how_long_they_may_be_cached(served: Served) -> None:
    request = request_for(served.hierarchy, served.hierarchy.tsa.serial_number)
    path = f"/pki/ocsp/{quote(base64.b64encode(request).decode(), safe='')}"
    response, _ = served.ask("GET", path)
    assert response.getheader("content-type") == "application/ocsp-response"
    assert f"max-age={MAX_AGE}" in str(response.getheader("cache-control"))
    assert response.getheader("etag")
    assert response.getheader("last-modified")
    assert response.getheader("expires")
    with_nonce = request_for(served.hierarchy, 5, nonce=b"n" * 32)
    posted, _ = served.ask("POST", "/pki/ocsp", with_nonce, content_type="application/ocsp-request")
    assert posted.getheader("cache-control") == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status"),
    [
        ("POST", "/pki/ocsp", b"x", "text/plain", 415),
        ("POST", "/pki/ocsp", b"x", "", 200),
        ("POST", "/pki/ocsp/", b"x", "application/ocsp-request", 200),
        ("POST", "/pki/ocsp", b"x" * 5000, "application/ocsp-request", 413),
        ("POST", "/pki/ocsp", b"x", "application/ocsp-request", 200),
        ("POST", "/pki/ocsp", b"", "application/ocsp-request; charset=x", 200),
        ("GET", "/pki/ocsp/", None, "", 200),
        ("GET", "/pki/ocsp/%00%ff%fe", None, "", 200),
        ("GET", "/pki/ocsp/" + "A" * 9000, None, "", 200),
        ("GET", "/pki/ocsp/%E4%B8%AD", None, "", 200),
        ("PUT", "/pki/ocsp", b"x", "application/ocsp-request", 405),
        ("POST", "/pki/tsa", b"x", "application/ocsp-request", 415),
        ("POST", "/pki/tsa", b"x" * 5000, "application/timestamp-query", 413),
        ("POST", "/pki/tsa", b"x", "application/timestamp-query", 200),
        ("POST", "/pki/tsa", b"x", "", 200),
        ("GET", "/pki/tsa", None, "", 405),
        ("GET", "/pki/other.cer", None, "", 404),
        ("GET", "/pki/other.crl", None, "", 404),
        ("GET", "/pki/..%2froot.cer", None, "", 404),
        ("GET", "/pki/%00.cer", None, "", 404),
    ],
)
def test_whatever_arrives_is_never_our_failure(  # noqa: PLR0917 (a table of cases)
    served: Served, method: str, path: str, body: bytes | None, content_type: str, status: int
) -> None:
    headers = {"content_type": content_type} if content_type else {}
    response, _ = served.ask(method, path, body, **headers)
    assert response.status == status
    assert (status == 405) == (response.getheader("allow") is not None)
    if status in (413, 415) or (status == 404 and "other" in path):
        assert response.getheader("content-type") == "application/problem+json"


def _variants(encoded: str) -> dict[str, str]:
    """Ways in which clients and proxies write the request of a GET."""
    return {
        "as RFC 6960 A.1 has it": quote(encoded, safe=""),
        "not escaped": encoded,
        "address joined with two slashes": "/" + quote(encoded, safe=""),
        "plus read as a space": quote(encoded.replace("+", " "), safe=""),
        "escaped twice": quote(quote(encoded, safe=""), safe=""),
        "base64url without padding": encoded.replace("+", "-").replace("/", "_").rstrip("="),
    }


@pytest.mark.parametrize("variant", list(_variants("")))
def test_a_get_is_understood_as_other_responders_understand_it(
    served: Served, variant: str
) -> None:
    """The request's base64 holds both characters that are written differently."""
    serial = served.world.seal(served.hierarchy).serial_number
    for nonce in (bytes([n]) * 16 for n in range(64)):
        request = request_for(served.hierarchy, serial, nonce=nonce)
        encoded = base64.b64encode(request).decode()
        if "+" in encoded and "/" in encoded:
            break
    _, body = served.ask("GET", f"/pki/ocsp/{_variants(encoded)[variant]}")
    answer = ocsp.load_der_ocsp_response(body)
    assert answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    assert answer.serial_number == serial


def test_a_weakened_etag_is_the_same(served: Served) -> None:
    time.sleep(1.1)  # as above
    for path in ("/pki/root.crl", "/pki/root.cer", ocsp_path(served.hierarchy)):
        first, _ = served.ask("GET", path)
        etag = first.getheader("etag")
        again, body = served.ask("GET", path, if_none_match=f'"other", W/{etag}')
        assert (again.status, body) == (304, b"")
        assert served.ask("GET", path, if_none_match='W/"other"')[0].status == 200


def test_many_readers_cause_one_reading_of_a_crl(world: World, hierarchy: Hierarchy) -> None:
    readings = []
    der = hierarchy.crls.current()

    def crl(name: str) -> bytes | None:
        readings.append(name)
        time.sleep(0.05)
        return der if name == "issuing-1" else None

    now = [0.0]
    parts = dataclasses.replace(trust_parts(world, hierarchy), crl=crl, monotonic=lambda: now[0])
    with TestClient(create_trust_app(parts, lambda: True)) as client:
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: client.get("/pki/issuing-1.crl"), range(20)))
        assert {answer.content for answer in answers} == {der}
        assert readings == ["issuing-1"]
        now[0] = 1.0
        client.get("/pki/issuing-1.crl")
        assert readings == ["issuing-1"] * 2
        assert client.get("/pki/other.crl").status_code == 404
        assert client.get("/pki/other.crl").status_code == 404
        assert readings[2:] == ["other"] * 2


def test_certificates_and_crls_are_published(served: Served) -> None:
    for name, certificate in (
        ("root", served.hierarchy.root),
        ("issuing-1", served.hierarchy.issuing),
    ):
        response, body = served.ask("GET", f"/pki/{name}.cer")
        assert response.getheader("content-type") == "application/pkix-cert"
        assert x509.load_der_x509_certificate(body) == certificate
        response, body = served.ask("GET", f"/pki/{name}.crl")
        assert response.getheader("content-type") == "application/pkix-crl"
        assert x509.load_der_x509_crl(body).issuer == certificate.subject
        assert "max-age=" in str(response.getheader("cache-control"))
        again, rest = served.ask(
            "GET", f"/pki/{name}.crl", if_none_match=str(response.getheader("etag"))
        )
        assert (again.status, rest) == (304, b"")


def test_openssl_takes_a_timestamp_over_http(served: Served, tmp_path: Path) -> None:
    data, query, reply = tmp_path / "data", tmp_path / "query", tmp_path / "reply"
    data.write_bytes(b"a licence")
    openssl("ts", "-query", "-data", data, "-sha256", "-cert", "-out", query)
    response, body = served.ask(
        "POST", "/pki/tsa", query.read_bytes(), content_type="application/timestamp-query"
    )
    assert response.getheader("content-type") == "application/timestamp-reply"
    reply.write_bytes(body)
    root = pem(tmp_path / "root", served.hierarchy.root)
    verify = ("ts", "-verify", "-queryfile", query, "-in", reply, "-CAfile", root)
    assert "Verification: OK" in openssl(*verify)


def test_a_stale_crl_is_not_cached(served: Served) -> None:
    moved = served.world.clock.at
    served.world.clock.advance(timedelta(days=8))
    try:
        response, _ = served.ask("GET", "/pki/issuing-1.crl")
    finally:
        served.world.clock.at = moved
    assert "max-age=0," in str(response.getheader("cache-control"))


def test_a_ledger_that_is_away_is_a_503_and_says_nothing_more(world: World) -> None:
    def away(_issuer: object) -> bytes:
        raise UnreachableError(Text("数据库不可达：秘密", "The database is away: secret"))

    parts = dataclasses.replace(trust_parts(world, world.found()), crl=away)
    response = TestClient(create_trust_app(parts, lambda: True)).get("/pki/root.crl")
    assert response.status_code == 503
    assert response.json()["code"] == "unreachable"
    assert "secret" not in response.text


@pytest.mark.parametrize("kind", ["published", "timestamps", "ocsp"])
def test_workers_count_their_clients_together(served: Served, kind: str) -> None:
    """A client that is spread over them gets no more than one that asks a single one."""
    paths = {
        "published": ("GET", f"/pki/{FIRST_ISSUING}.cer", b""),
        "timestamps": ("POST", "/pki/tsa", query()),
        "ocsp": ("POST", "/pki/ocsp", b"\x30\x00"),
    }
    method, path, body = paths[kind]
    parts = trust_parts(served.world, served.hierarchy)
    rates = dataclasses.replace(parts.rates, **{kind: Rate(6, 1)})
    parts = dataclasses.replace(parts, rates=rates, levels=SharedLevels(), monotonic=lambda: 0.0)
    workers = [TestClient(create_trust_app(parts, lambda: True)) for _ in range(3)]
    statuses = [workers[turn % 3].request(method, path, content=body) for turn in range(9)]
    refused = [one.status_code == 429 for one in statuses]
    assert refused == [False] * 6 + [True] * 3


def test_a_timestamp_behind_slow_ones_is_refused_soon(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the audit is locked: whoever asks can ask elsewhere (RFC 3161 2.4.2)."""
    monkeypatch.setattr("ca.service.service._TSA_PATIENCE_SECONDS", 0.3)
    gate = threading.Event()

    def slow() -> TimestampUnit:
        gate.wait(30)
        return served.hierarchy.timestamps

    parts = dataclasses.replace(trust_parts(served.world, served.hierarchy), timestamps=slow)
    with TestClient(create_trust_app(parts, lambda: True)) as client, ThreadPoolExecutor(4) as pool:
        slow_ones = [pool.submit(client.post, "/pki/tsa", content=query()) for _ in range(4)]
        time.sleep(0.5)  # all four threads are taken
        begun = time.monotonic()
        answer = client.post("/pki/tsa", content=query())
        assert time.monotonic() - begun < 10
        assert (answer.status_code, rejection(answer.content)) == (200, {"system_failure"})
        gate.set()
        assert {one.result().status_code for one in slow_ones} == {200}
