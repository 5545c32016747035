"""pdfsignerpy, which seals in Rust, beside ours: the same key and page, its services on loopback.

It asks for a timestamp, an OCSP answer and a list for every file; answering is left out of its
time. Its key store is read for each file, as its one function has it.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, pkcs12

from bench.home import BenchHome
from bench.measure import Baseline
from ca.addresses import PkiAddresses
from signing.levels import PadesLevel

NAME = "pdfsignerpy"
LEVELS = {PadesLevel.B_LT: "blt", PadesLevel.B_LTA: "blta"}
_PASSWORD = "benchmark"


class PdfSigner:
    """Its process, ready to sign."""

    def __init__(self, ask: Callable[[str], None], pid: int, signed: Path) -> None:
        self._ask = ask
        self._pid = pid
        self._signed = signed

    def seal(self, level: PadesLevel) -> bytes:
        """Sign the page; return the file."""
        self._ask(LEVELS[level])
        return self._signed.read_bytes()

    def baseline(self, level: PadesLevel) -> Baseline:
        """Return the baseline of a level: CPU time of that process."""
        return Baseline(
            NAME,
            lambda: self._ask(LEVELS[level]),
            calls=5,
            clock=lambda: time.clock_gettime((~self._pid << 3) | 2),
        )


@contextmanager
def pdfsigner_process(page: bytes | None = None) -> Iterator[PdfSigner]:
    """Run it over a home of its own, whose certificates name services on a port of loopback.

    It signs `page`, by default the rendered licence.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        home = BenchHome(addresses=PkiAddresses(f"http://127.0.0.1:{server.server_port}"))
        server.home = home  # type: ignore[attr-defined]  # its handlers find it there
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with TemporaryDirectory(prefix="xinyin-bench-") as folder:
                yield from _process(
                    home, page or home.rendered.pdf, Path(folder), server.server_port
                )
        finally:
            server.shutdown()


def _process(home: BenchHome, pdf: bytes, folder: Path, port: int) -> Iterator[PdfSigner]:
    page, signed, keystore = folder / "page.pdf", folder / "signed.pdf", folder / "seal.p12"
    page.write_bytes(pdf)
    keystore.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal",
            home.signer.builder_key(),  # type: ignore[arg-type]  # of the kinds that it takes
            x509.load_der_x509_certificate(home.certificate),
            list(home.chain),
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(1)  # it opens the store for every file
            .build(_PASSWORD.encode()),
        )
    )
    told = {
        "page": str(page),
        "signed": str(signed),
        "keystore": str(keystore),
        "password": _PASSWORD,
        "reason": "licence",
        "tsa_url": f"http://127.0.0.1:{port}/pki/tsa",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "bench.pdfsigner_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        requests, answers = process.stdin, process.stdout

        def ask(line: str, awaited: str = "signed") -> None:
            print(line, file=requests, flush=True)
            if answers.readline().strip() != awaited:
                raise AssertionError("pdfsignerpy did not sign the file")

        ask(json.dumps(told), "ready")
        yield PdfSigner(ask, process.pid, signed)


class _Handler(BaseHTTPRequestHandler):
    """The services of the home's CA."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer an OCSP or timestamp request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        hierarchy = self._home.hierarchy
        if urlsplit(self.path).path.endswith("ocsp"):
            self._answer(hierarchy.ocsp_service.respond(body).der, "application/ocsp-response")
        else:
            self._answer(hierarchy.timestamps.respond(body), "application/timestamp-reply")

    def do_GET(self) -> None:
        """Hand out a certificate or a list."""
        hierarchy, path = self._home.hierarchy, urlsplit(self.path).path
        if path.endswith(".crl"):
            known = hierarchy.validation.for_seal(self._home.certificate)
            ours = known.crls[0] if "root" in path else hierarchy.crls.current()
            self._answer(ours, "application/pkix-crl")
        else:
            one = hierarchy.root if "root" in path else hierarchy.issuing
            self._answer(one.public_bytes(Encoding.DER), "application/pkix-cert")

    @property
    def _home(self) -> BenchHome:
        home: BenchHome = self.server.home  # type: ignore[attr-defined]
        return home

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""
