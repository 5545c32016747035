"""Server of the trust rows: `python -m bench.serving.trust_server floor|trust|softhsm`.

Prints one line of JSON: its port, and the requests that may be sent to it. Ends with its stdin.
"""

import base64
import hashlib
import json
import os
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.home import BenchHome
from ca.encoding import der
from ca.encoding.tsa_request import DIGEST_OIDS
from ca.ocsp.published import http_date, publish
from ca.profiles.profiles import ProfileKind, validate_profile
from ca.service.service import TrustParts, TrustRates, create_trust_app
from core.ids import IssuerId
from core.web.limits.throttling import Rate
from core.web.server import AnnouncingServer, base_url, bind, configuration
from signing.sealing.steady import settle
from tests.ca.world import SEAL
from tests.permits import to_certify
from tests.softhsm import SoftHsm

CERTIFICATES = 32
"""Asked about in turns."""
UNLIMITED = Rate(burst=10**9, per_minute=10**9)


def trust_app(home: BenchHome) -> ASGIApp:
    """Return the trust service as it runs, for a client that no rate holds back."""
    hierarchy = home.hierarchy
    parts = TrustParts(
        certificate=lambda _name: hierarchy.issuing.public_bytes(Encoding.DER),
        crl=lambda name: home.ledger.latest_crl(IssuerId(name)),
        ocsp=hierarchy.ocsp_service,
        revocation_epoch=home.ledger.revocation_epoch,
        timestamps=lambda: hierarchy.timestamps,
        clock=home.clock,
        rates=TrustRates(UNLIMITED, UNLIMITED, UNLIMITED),
    )
    return create_trust_app(parts, lambda: True)


def floor_app(home: BenchHome, certificate: x509.Certificate) -> ASGIApp:
    """Return one OCSP answer, headers and all, as constant bytes to whoever asks."""
    published = publish(home.hierarchy.responder.answer_about(certificate.serial_number))
    headers = [*published.headers, (b"expires", http_date(home.clock.now()))]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    body = {"type": "http.response.body", "body": published.answer.der}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["method"] == "POST":
                await receive()
            await send(start)
            await send(body)

    return app


def issued(home: BenchHome) -> list[x509.Certificate]:
    """Issue certificates to ask about."""
    authority, profile = home.hierarchy.authority, validate_profile(ProfileKind.SEAL)
    keys = [ec.generate_private_key(ec.SECP256R1()).public_key() for _ in range(CERTIFICATES)]
    tokens = [
        authority.prepare(profile, SEAL.to_name(), key, permit=to_certify(profile)) for key in keys
    ]
    return [x509.load_der_x509_certificate(authority.issue(token)) for token in tokens]


def requests_about(home: BenchHome, certificates: list[x509.Certificate]) -> dict[str, list[bytes]]:
    """Return HTTP requests by kind."""
    issuer = home.hierarchy.issuing
    builders = [
        ocsp.OCSPRequestBuilder().add_certificate(one, issuer, hashes.SHA256())
        for one in certificates
    ]
    plain = [builder.build().public_bytes(Encoding.DER) for builder in builders]
    nonce = [
        builder.add_extension(x509.OCSPNonce(os.urandom(32)), critical=False)
        .build()
        .public_bytes(Encoding.DER)
        for builder in builders
    ]
    return {
        "get": [_get(one) for one in plain],
        "post": [_post("ocsp", "ocsp-request", one) for one in plain],
        "nonce": [_post("ocsp", "ocsp-request", one) for one in nonce],
        "tsa": [_post("tsa", "timestamp-query", timestamp_query())],
    }


def timestamp_query() -> bytes:
    """Return a TimeStampReq with a nonce that wants the certificates (RFC 3161 2.4.1)."""
    algorithm = der.sequence(DIGEST_OIDS["sha256"])
    imprint = der.sequence(algorithm, der.octets(hashlib.sha256(b"a licence").digest()))
    return der.sequence(der.integer(1), imprint, der.integer(2**63), der.TRUE)


def _get(request: bytes) -> bytes:
    path = base64.b64encode(request).decode().replace("+", "%2B").replace("/", "%2F")
    return f"GET /pki/ocsp/{path} HTTP/1.1\r\nHost: pki.example\r\n\r\n".encode()


def _post(path: str, kind: str, body: bytes) -> bytes:
    head = (
        f"POST /pki/{path} HTTP/1.1\r\nHost: pki.example\r\n"
        f"Content-Type: application/{kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def main(kind: str) -> None:
    """Serve until stdin ends; `softhsm` is the trust service with its keys on a token."""
    if kind == "softhsm":
        with tempfile.TemporaryDirectory(prefix="xinyin-bench-") as directory:
            _serve(BenchHome(keys=SoftHsm(Path(directory)).token().store()), floor=False)
    else:
        _serve(BenchHome(), floor=kind == "floor")


def _serve(home: BenchHome, *, floor: bool) -> None:
    certificates = issued(home)
    requests = requests_about(home, certificates)
    serve(floor_app(home, certificates[0]) if floor else trust_app(home), requests)


def serve(app: ASGIApp, requests: Mapping[str, Sequence[bytes]]) -> None:
    """Say on stdout where it listens and what may be asked; serve until stdin ends."""
    settle()
    listener = bind("127.0.0.1", 0)

    def announce() -> None:
        told = {name: [one.decode("latin-1") for one in many] for name, many in requests.items()}
        port = int(base_url(listener).rpartition(":")[2])
        print(json.dumps({"port": port, "requests": told}), flush=True)

    server = AnnouncingServer(configuration(app), announce)
    threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
    server.run(sockets=[listener])


def _end_with_stdin(server: AnnouncingServer) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    main(sys.argv[1])
