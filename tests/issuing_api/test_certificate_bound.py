"""Access tokens bound to a client certificate (RFC 8705), on real TLS connections and behind a
proxy, issued by a certified provider.
"""

import base64
import hashlib
import secrets
import shutil
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from core.client_networks import ConnectionLimits
from core.clock import SystemClock
from core.web import server
from core.web.server import TlsFiles
from home.identity.sign_in import open_issuing_app
from home.wiring import Home
from identity.tokens.access_token import AccessToken, AccessTokenProfile
from identity.tokens.making import client_assertion, dpop_proof
from identity.tokens.strict import encode_base64url
from issuing_api.app import IssuingMetrics
from tests.cli.commands import xinyin
from tests.cli.conftest import DemoHome, bare, passphrases
from tests.identity.provider import RunningProvider, key_client, running_provider

__all__ = ["bare", "passphrases"]
ME = "/issuing/v1/me"
PROXY = "127.0.0.2"
"""Another address of this machine: whose word on certificates counts."""
CLIENT_KEY = ec.generate_private_key(ec.SECP256R1())
Made = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def certify(name: str, issuer: Made | None = None) -> Made:
    """Return a certificate with its key: a root, or below one."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by, signer = (subject, key) if issuer is None else (issuer[0].subject, issuer[1])
    builder = (
        x509.CertificateBuilder(by, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )
    return builder.sign(signer, hashes.SHA256()), key


def written(directory: Path, name: str, made: Made) -> tuple[Path, Path]:
    """Write a certificate and its key as PEM; return where."""
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    certificate.write_bytes(made[0].public_bytes(Encoding.PEM))
    key.write_bytes(made[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.chmod(0o600)
    return certificate, key


@dataclass
class Site:
    """A server that terminates TLS, the same behind a proxy, and a provider."""

    url: str
    plain: str
    provider: RunningProvider
    directory: Path
    certificates: dict[str, Made] = field(default_factory=dict)

    def token(
        self,
        certificate: Made | None,
        proof_key: ec.EllipticCurvePrivateKey | None = None,
        client: str = "store",
    ) -> str:
        """Ask for a system's token, showing a certificate, or a proof of a key."""
        issuer, now = self.provider.issuer, SystemClock().now()
        headers = {}
        if certificate is not None:
            der = certificate[0].public_bytes(Encoding.DER)
            headers["X-Test-Certificate"] = base64.b64encode(der).decode()
        if proof_key is not None:
            headers["DPoP"] = dpop_proof(
                proof_key, "POST", f"{issuer}/token", now=now, random=secrets.token_bytes
            )
        form = {
            "grant_type": "client_credentials",
            "scope": "issuing",
            "resource": self.url,
            "client_id": client,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": client_assertion(
                CLIENT_KEY, "client-1", client, issuer, now=now, random=secrets.token_bytes
            ),
        }
        answer = httpx2.post(f"{issuer}/token", data=form, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def ask(self, token: str, shown: str | None = None, **headers: str) -> httpx2.Response:
        """Call over TLS, showing a certificate by its name."""
        context = ssl.create_default_context(cafile=str(self.directory / "root.pem"))
        if shown is not None:
            context.load_cert_chain(
                self.directory / f"{shown}.pem", self.directory / f"{shown}.key"
            )
        with httpx2.Client(verify=context, trust_env=False) as client:
            sent = {"Authorization": f"Bearer {token}"} | _named(headers)
            return client.get(f"{self.url}{ME}", headers=sent)

    def through(
        self, source: str, token: str, headers: Sequence[tuple[str, str]]
    ) -> httpx2.Response:
        """Call in the clear from an address of this machine, as a proxy does."""
        transport = httpx2.HTTPTransport(local_address=source)
        with httpx2.Client(transport=transport, trust_env=False) as client:
            sent = [("Authorization", f"Bearer {token}"), *headers]
            return client.get(f"{self.plain}{ME}", headers=sent)

    def header(self, name: str) -> str:
        """Return a certificate as a proxy says it (RFC 9440)."""
        der = self.certificates[name][0].public_bytes(Encoding.DER)
        return f":{base64.b64encode(der).decode()}:"


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {key.replace("_", "-"): value for key, value in headers.items()}


@pytest.fixture(scope="module")
def site(bare: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("bound")
    home = directory / "home"
    shutil.copytree(bare.directory, home)
    root = certify("Root")
    certificates = {"root": root, "server": certify("localhost", root)}
    certificates |= {name: certify(name, root) for name in ("ours", "another")}
    certificates["stranger"] = certify("ours", certify("Root"))
    files = {name: written(directory, name, made) for name, made in certificates.items()}
    shutil.copyfile(files["server"][1], home / "client.pem")
    (home / "client.pem").write_bytes(
        CLIENT_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (home / "client.pem").chmod(0o600)
    store = key_client(
        "store",
        CLIENT_KEY.public_key(),
        grant_types=["client_credentials"],
        response_types=[],
        tls_client_certificate_bound_access_tokens=True,
    )
    others = [
        key_client(
            name, CLIENT_KEY.public_key(), grant_types=["client_credentials"], response_types=[]
        )
        for name in ("prover", "bearer")
    ]
    tls = TlsFiles(*files["server"], files["root"][0])
    with (
        running_provider([store, *others], {}) as provider,
        server.bind("127.0.0.1", 0) as listener,
        server.bind("127.0.0.1", 0) as plain,
    ):
        port = listener.getsockname()[1]
        url = f"https://localhost:{port}"
        (home / "identity.toml").write_text(
            f'public_url = "{url}"\ncertificate_proxies = ["{PROXY}"]\n'
            f'[[providers]]\nalias = "main"\nlabel = "x"\nissuer = "{provider.issuer}"\n'
            'client_id = "desk"\nclient_key_file = "client.pem"\nclient_key_id = "client-1"\n'
            'algorithm = "ES256"\nplain_loopback = true\n'
        )
        _record_system(home, provider.issuer)
        with _serving(home, [(listener, tls), (plain, None)]):
            yield Site(url, server.base_url(plain), provider, directory, certificates)


def _record_system(home: Path, issuer: str) -> None:
    def officer(subject: str, *more: str) -> str:
        ran = xinyin(
            *("officer", "add", "--issuer", issuer, "--subject", subject, "--name", subject, *more),
            "--json",
            "--home",
            home,
        )
        assert ran.code == 0, ran.err
        return str(ran.json["officer"])

    owner = officer("li")
    for system in ("store", "prover", "bearer"):
        officer(system, "--owner", owner)


@contextmanager
def _serving(home: Path, places: Sequence[tuple[socket.socket, TlsFiles | None]]) -> Iterator[None]:
    running = []
    with Home(home, {}) as opened:
        app = open_issuing_app(opened, IssuingMetrics())
        assert app is not None
        for listener, tls in places:
            answering = threading.Event()
            limits = ConnectionLimits(proxies=(PROXY,))
            config = server.configuration(app[0], limits, tls)
            served = server.AnnouncingServer(config, answering.set)
            thread = threading.Thread(target=served.run, args=([listener],))
            thread.start()
            assert answering.wait(10)
            running.append((served, thread))
        try:
            yield
        finally:
            for served, thread in running:
                served.should_exit = True
                thread.join(10)


@pytest.fixture(scope="module")
def token(site: Site) -> str:
    """A token bound to our certificate."""
    return site.token(site.certificates["ours"])


def refused(answer: httpx2.Response) -> str:
    assert answer.status_code == 401, answer.text
    return str(answer.json()["detail"])


def test_a_token_counts_on_the_connection_of_its_certificate(site: Site, token: str) -> None:
    answer = site.ask(token, "ours")
    assert (answer.status_code, answer.json()["way"]) == (200, "client")


def test_a_stolen_token_is_worth_nothing(site: Site, token: str) -> None:
    assert "另一张客户端证书" in refused(site.ask(token, "another"))
    assert "没有出示证书" in refused(site.ask(token))


def test_a_certificate_of_another_root_makes_no_connection(site: Site, token: str) -> None:
    with pytest.raises(httpx2.TransportError):
        site.ask(token, "stranger")


def test_what_a_client_says_of_its_certificate_counts_for_nothing(site: Site, token: str) -> None:
    said = site.header("ours")
    assert "没有出示证书" in refused(site.ask(token, Client_Cert=said))
    assert "另一张客户端证书" in refused(site.ask(token, "another", Client_Cert=said))
    from_here = site.through("127.0.0.1", token, [("Client-Cert", said)])
    assert "没有出示证书" in refused(from_here)
    forwarded = [("Client-Cert", said), ("X-Forwarded-For", PROXY), ("Forwarded", f"for={PROXY}")]
    assert "没有出示证书" in refused(site.through("127.0.0.1", token, forwarded))


def test_a_trusted_proxy_names_its_client_s_certificate(site: Site, token: str) -> None:
    said = ("Client-Cert", site.header("ours"))
    forwarded = ("X-Forwarded-For", "203.0.113.7")
    assert site.through(PROXY, token, [said, forwarded]).status_code == 200
    other = ("Client-Cert", site.header("another"))
    assert "另一张客户端证书" in refused(site.through(PROXY, token, [other]))
    for headers in ([], [said, other], [said, said], [("Client-Cert", "::")]):
        assert "没有出示证书" in refused(site.through(PROXY, token, headers))
    for value in ("ours", said[1].strip(":"), f"{said[1]};a", ":!:", ":AAAA", "x" * 20_000):
        assert "没有出示证书" in refused(site.through(PROXY, token, [("Client-Cert", value)]))


def test_a_token_bound_otherwise_or_not_at_all_is_nobody_s(site: Site) -> None:
    proof_key = ec.generate_private_key(ec.SECP256R1())
    for client, key in (("prover", proof_key), ("bearer", None)):
        token = site.token(None, key, client)
        assert "须与密钥绑定" in refused(site.ask(token, "ours"))
        assert "须与密钥绑定" in refused(site.ask(token, "ours", Authorization=f"Basic {token}"))


def test_a_token_bound_to_both_needs_both(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """No provider at hand issues one; a binding that is not looked at must not count as none."""
    proof_key = ec.generate_private_key(ec.SECP256R1())
    token = site.token(None, proof_key, "prover")
    verify = AccessTokenProfile.verify
    der = site.certificates["ours"][0].public_bytes(Encoding.DER)
    digest = encode_base64url(hashlib.sha256(der).digest())

    def bound(self: AccessTokenProfile, token: str, now: datetime) -> AccessToken:
        found = verify(self, token, now)
        assert found.confirmation is not None
        return replace(found, confirmation=replace(found.confirmation, certificate_digest=digest))

    monkeypatch.setattr(AccessTokenProfile, "verify", bound)

    def ask(scheme: str, shown: str | None, key: ec.EllipticCurvePrivateKey | None) -> int:
        headers = {"Authorization": f"{scheme} {token}"}
        if key is not None:
            headers["DPoP"] = dpop_proof(
                key,
                "GET",
                f"{site.url}{ME}",
                now=SystemClock().now(),
                random=secrets.token_bytes,
                access_token=token,
            )
        return site.ask(token, shown, **headers).status_code

    assert ask("DPoP", "ours", proof_key) == 200
    assert ask("Bearer", "ours", proof_key) == 200
    assert ask("DPoP", "another", proof_key) == 401
    assert ask("DPoP", None, proof_key) == 401
    assert ask("Bearer", "ours", None) == 401
    assert ask("Bearer", "ours", ec.generate_private_key(ec.SECP256R1())) == 401
