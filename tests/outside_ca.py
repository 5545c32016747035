"""A government's CA, made by OpenSSL alone: root, intermediate, CRLs over real loopback HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.ca.world import openssl

_CONFIG = """
[ca]
default_ca = default
[default]
database = {folder}/{name}.index
crlnumber = {folder}/{name}.crlnumber
serial = {folder}/{name}.serial
new_certs_dir = {folder}
certificate = {folder}/{name}.pem
private_key = {folder}/{name}.key
default_md = sha384
default_crl_days = 30
default_days = 3650
policy = any
unique_subject = no
copy_extensions = none
utf8 = yes
string_mask = utf8only
crl_extensions = crl
[any]
countryName = optional
organizationName = optional
organizationIdentifier = optional
commonName = supplied
[crl]
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ca_below]
basicConstraints = critical,CA:true,pathlen:{pathlen}
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:{url}/{name}.crl
authorityInfoAccess = caIssuers;URI:{url}/{name}.cer
certificatePolicies = 2.5.29.32.0
{more}
"""


@dataclass
class OutsideCa:
    """Two CAs, `root` and `gov`, in a folder that is served."""

    folder: Path
    url: str

    @property
    def root_sha256(self) -> str:
        """What an operator has by other means."""
        return self.certificate("root").fingerprint(hashes.SHA256()).hex()

    def certificate(self, name: str) -> x509.Certificate:
        """Return a certificate in the folder."""
        return x509.load_pem_x509_certificate((self.folder / f"{name}.pem").read_bytes())

    def sign(self, csr: Path, by: str, out: str, *, pathlen: int = 0, section: str = "ca_below",
             more: str = "") -> Path:  # fmt: skip
        """Sign a request with extensions of this CA's choice."""
        made = self.folder / f"{out}.pem"
        openssl(
            "ca", "-batch", "-notext", "-config", self._config(by, pathlen, more), "-in", csr,
            "-out", made, "-extensions", section,
        )  # fmt: skip
        return made

    def publish(self, name: str) -> Path:
        """Sign the next CRL and put it where certificates say it is."""
        made = self.folder / f"{name}.crl"
        pem = self.folder / f"{name}.crl.pem"
        openssl("ca", "-gencrl", "-config", self._config(name, 0), "-out", pem)
        openssl("crl", "-in", pem, "-outform", "DER", "-out", made)
        return made

    def revoke(self, certificate: Path, by: str) -> None:
        """Revoke a certificate and publish that."""
        openssl("ca", "-config", self._config(by, 0), "-revoke", certificate)
        self.publish(by)

    def chain(self, *names: str) -> Path:
        """Write certificates into one file."""
        made = self.folder / "chain.pem"
        made.write_text("".join((self.folder / f"{name}.pem").read_text() for name in names))
        return made

    def make(self, name: str, by: str | None, algorithm: str = "P-384") -> None:
        """Make a CA, self-signed or below another."""
        folder, key = self.folder, self.folder / f"{name}.key"
        if algorithm.startswith("RSA"):
            wanted = ("RSA", "-pkeyopt", f"rsa_keygen_bits:{algorithm.partition('-')[2]}")
        else:
            wanted = ("EC", "-pkeyopt", f"ec_paramgen_curve:{algorithm}")
        openssl("genpkey", "-algorithm", *wanted, "-out", key)
        subject = f"/C=CN/O=某国家电子政务证书中心/CN=政务 {name}"
        config = self._config(by or name, 1)
        csr = folder / f"{name}.csr"
        openssl("req", "-new", "-utf8", "-key", key, "-subj", subject, "-out", csr)
        (folder / f"{name}.index").touch()
        (folder / f"{name}.crlnumber").write_text("1000\n")
        (folder / f"{name}.serial").write_text("4A0000000000000000000001\n")
        if by is None:
            openssl(
                "ca", "-batch", "-selfsign", "-notext", "-config", config, "-in", csr,
                "-out", folder / f"{name}.pem", "-extensions", "root", "-days", "7300",
            )  # fmt: skip
        else:
            self.sign(csr, by, name, pathlen=1)
        self.publish(name)

    def _config(self, name: str, pathlen: int, more: str = "") -> Path:
        path = self.folder / f"{name}.cnf"
        path.write_text(
            _CONFIG.format(folder=self.folder, name=name, pathlen=pathlen, url=self.url, more=more),
            "utf-8",
        )
        return path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def outside_ca(folder: Path, algorithm: str = "P-384") -> Iterator[OutsideCa]:
    """Make both CAs and serve their folder."""

    def handler(*arguments: object, **options: object) -> _Quiet:
        return _Quiet(*arguments, directory=str(folder), **options)  # type: ignore[arg-type]

    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        made = OutsideCa(folder, f"http://127.0.0.1:{server.server_address[1]}")
        made.make("root", None, algorithm)
        made.make("gov", "root")
        made.publish("root")  # no judge takes a list from before the certificate
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
