"""The services of a government's CA, by OpenSSL alone: `openssl ocsp`, `openssl ts` over HTTP."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.ca.world import openssl
from tests.outside_ca import OutsideCa

POLICY = "1.3.6.1.4.1.32473.7.1"
_TSA_CONFIG = """
[tsa]
default_tsa = unit
[unit]
serial = {folder}/tsa.serial
crypto_device = builtin
signer_digest = sha256
default_policy = {policy}
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def make_key(government: OutsideCa, name: str, by: str, section: str) -> None:
    """Make a key and have it certified with extensions of this section."""
    folder = government.folder
    key, csr = folder / f"{name}.key", folder / f"{name}.csr"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    subject = f"/C=CN/O=某国家电子政务证书中心/CN={name}"
    openssl("req", "-new", "-utf8", "-key", key, "-subj", subject, "-out", csr)
    government.sign(csr, by, name, section="leaf", more=f"[leaf]\n{section}")


class OcspResponder:
    """Answers for the CA `gov` with `openssl ocsp` and a delegated responder.

    It reads the CA's index when it starts, so it starts again after each change.
    """

    def __init__(self, government: OutsideCa) -> None:
        self.port = free_port()
        self._folder = government.folder
        usage = "extendedKeyUsage = OCSPSigning\nkeyUsage = critical,digitalSignature\n"
        make_key(government, "ocsp", "gov", usage + "noCheck = yes")
        self._process: subprocess.Popen[str] | None = None
        self.restart()

    def restart(self) -> None:
        """Start, or start again."""
        self.stop()
        folder = self._folder
        process = self._process = subprocess.Popen(
            [
                "openssl", "ocsp", "-port", str(self.port), "-index", folder / "gov.index",
                "-CA", folder / "gov.pem", "-rsigner", folder / "ocsp.pem",
                "-rkey", folder / "ocsp.key", "-ndays", "1",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:  # a connection to see whether it listens would confuse it
            if "waiting for OCSP client" in line:
                break

    def stop(self) -> None:
        """Stop."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            assert self._process.stderr is not None
            self._process.stderr.close()
            self._process = None


@contextmanager
def time_stamping(government: OutsideCa) -> Iterator[str]:
    """Answer timestamp requests with `openssl ts`; yield the address."""
    folder = government.folder
    crl = f"crlDistributionPoints = URI:{government.url}/gov.crl"
    usage = f"extendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n{crl}"
    make_key(government, "tsa", "gov", usage)
    (folder / "tsa.serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_TSA_CONFIG.format(folder=folder, policy=POLICY))
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                reply = _reply(folder, query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _reply(folder: Path, query: bytes) -> bytes:
    (folder / "tsa.query").write_bytes(query)
    openssl(
        "ts", "-reply", "-config", folder / "tsa.cnf", "-queryfile", folder / "tsa.query",
        "-signer", folder / "tsa.pem", "-inkey", folder / "tsa.key", "-out", folder / "tsa.reply",
    )  # fmt: skip
    return (folder / "tsa.reply").read_bytes()
