"""`xinyin serve`: the services as a process, with OpenSSL and an HTTP client as their users."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from registry.answers.answers import Outcome
from tests.ca.world import openssl
from tests.cli.commands import environment, xinyin_process
from tests.cli.conftest import DemoHome
from tests.forked import Forked
from tests.nginx import free_port

FORBIDDEN = (
    "ca.issuing.issue",
    "signing.sealing.pades",
    "registry.granting",
    "home",
    "keys.software",
    "keys.passphrase",
    "PIL",
    "openpyxl",
)


@contextmanager
def serving(
    home: Path, *more: str, **variables: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve on a free port; yield the first line on stdout. It must end cleanly when told to."""
    with Forked(
        ["serve", "--home", home, "--port", "0", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**variables),
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip(), process
        finally:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=30)
            assert process.returncode in (0, -signal.SIGTERM), err
            assert out == "", "the address is all that stands on stdout"
            assert "Traceback" not in err


@pytest.fixture(scope="module")
def service(shared: DemoHome) -> Iterator[str]:
    """The whole service, for all tests of this module."""
    with serving(shared.directory) as (url, _):
        yield url


def wait_until_ready(url: str, workers: int = 1) -> None:
    """Ask until the sandboxes have warmed up, several times where several workers answer."""
    deadline, in_a_row = time.monotonic() + 90, 0
    while in_a_row < 4 * workers:
        ready = httpx2.get(f"{url}/readyz", timeout=30).status_code == 200
        in_a_row = in_a_row + 1 if ready else 0
        assert time.monotonic() < deadline, "it does not become ready"
        if not ready:
            time.sleep(0.2)


def verify(url: str, path: Path) -> dict[str, object]:
    """Ask the service what a file is worth."""
    with path.open("rb") as file:
        response = httpx2.post(f"{url}/v1/verifications", files={"file": file}, timeout=30)
    assert response.status_code == 200, response.text
    answer: dict[str, object] = response.json()
    return answer


@pytest.mark.parametrize("outcome", [Outcome.IN_FORCE, Outcome.NOT_IN_FORCE, Outcome.ALTERED])
def test_a_file_sent_to_it(service: str, shared: DemoHome, outcome: Outcome) -> None:
    assert verify(service, shared.path(outcome))["outcome"] == outcome


def test_the_link_of_a_licence_and_the_page(service: str, shared: DemoHome) -> None:
    identifier = shared.document("in_force")["identifier"]
    link = shared.run("licence", "show", identifier, "--json").json["link"]
    assert link.startswith(f"{shared.report['verify_url']}/v/")
    page = httpx2.get(link.replace(shared.report["verify_url"], service))
    assert page.status_code == 200
    assert shared.document("in_force")["number"] in page.text
    wait_until_ready(service)
    for path in ("/", "/openapi.json", "/healthz", "/readyz"):
        assert httpx2.get(service + path).status_code == 200, path


def test_pki_is_answered(service: str) -> None:
    for path, media in (
        ("root.cer", "application/pkix-cert"),
        ("root.crl", "application/pkix-crl"),
        ("issuing-1.cer", "application/pkix-cert"),
        ("issuing-1.crl", "application/pkix-crl"),
    ):
        response = httpx2.get(f"{service}/pki/{path}")
        assert (response.status_code, response.headers["content-type"]) == (200, media), path
    assert httpx2.get(f"{service}/pki/none.crl").status_code == 404


@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
def test_openssl_asks_for_the_seals_status(
    service: str, exported: Path, seal: x509.Certificate, tmp_path: Path, digest: str
) -> None:
    leaf = tmp_path / "seal.pem"
    leaf.write_bytes(seal.public_bytes(Encoding.PEM))
    answered = openssl(
        "ocsp", digest, "-issuer", exported / "issuing-1.pem", "-cert", leaf, "-url",
        f"{service}/pki/ocsp", "-CAfile", exported / "root.pem",
        "-verify_other", exported / "issuing-1.pem",
    )  # fmt: skip
    assert "Response verify OK" in answered
    assert "seal.pem: good" in answered


def test_openssl_asks_for_a_timestamp(service: str, exported: Path, tmp_path: Path) -> None:
    query, reply = tmp_path / "query", tmp_path / "reply"
    openssl("ts", "-query", "-data", __file__, "-sha256", "-cert", "-out", query)
    response = httpx2.post(
        f"{service}/pki/tsa",
        content=query.read_bytes(),
        headers={"content-type": "application/timestamp-query"},
    )
    assert response.headers["content-type"] == "application/timestamp-reply"
    reply.write_bytes(response.content)
    arguments = ("-queryfile", query, "-in", reply, "-CAfile", exported / "root.pem")
    assert "Verification: OK" in openssl("ts", "-verify", *arguments)


def test_it_warns_where_qr_codes_point_elsewhere(shared: DemoHome) -> None:
    with serving(shared.directory) as (url, process):
        assert url.startswith("http://127.0.0.1:")
        assert url != shared.report["verify_url"]
        assert process.stderr
        lines = (json.loads(line) for line in process.stderr)
        warning = next(one for one in lines if one["level"] == "warning")
        assert shared.report["verify_url"] in warning["message"]


@pytest.mark.parametrize(
    ("public_url", "said"),
    [
        ("http://localhost", "at http://127.0.0.1:{port}: without a proxy"),
        ("http://localhost:{port}", "sign in at http://localhost:{port}/issuing/"),
    ],
)
def test_it_says_where_people_sign_in(own: DemoHome, public_url: str, said: str) -> None:
    port = free_port()
    settings = f'public_url = "{public_url.format(port=port)}"\n[local]\naccounts = true\n'
    file = own.directory / "identity.toml"
    file.write_text(settings, "utf-8")
    file.chmod(0o600)
    with serving(own.directory, "--port", str(port)) as (_, process):
        assert process.stderr
        lines = (json.loads(line)["message"] for line in process.stderr)
        assert any(said.format(port=port) in line for line in lines)


def test_the_verifier_alone_answers_and_has_nothing_that_signs(own: DemoHome) -> None:
    for keys in ("keys", "root-keys"):
        (own.directory / keys).rename(own.directory / f"{keys}-elsewhere")
    with serving(own.directory, "--role", "verify") as (url, process):
        assert verify(url, own.path("in_force"))["outcome"] == "in_force"
        assert httpx2.get(f"{url}/pki/root.cer").status_code == 404
        command = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
        assert command[1:3] == [b"-m", b"verify_api"]


def test_what_the_verifier_loads() -> None:
    program = "import sys, verify_api.__main__, verify_api.wiring; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(ran.stdout.split())
    assert "verify_api.wiring" in loaded
    assert not loaded & set(FORBIDDEN)


@pytest.mark.parametrize("arguments", [(), ("home", "127.0.0.1", "http"), ("a", "b", "1", "more")])
def test_the_verifiers_module_says_how_it_is_called(arguments: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "verify_api", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "python -m verify_api HOME" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_address_that_is_taken(shared: DemoHome, service: str) -> None:
    port = service.rpartition(":")[2]
    ran = xinyin_process("serve", "--home", shared.directory, "--port", port)
    assert (ran.code, ran.out) == (2, "")
    assert port in ran.err


def test_without_a_passphrase_it_does_not_start(own: DemoHome) -> None:
    settings = own.directory / "xinyin.toml"
    lines = settings.read_text("utf-8").splitlines(keepends=True)
    settings.write_text("".join(one for one in lines if "passphrase" not in one), "utf-8")
    ran = own.process("serve", "--port", "0")
    assert (ran.code, ran.out) == (2, "")
    assert "--passphrase-file" in ran.err


@pytest.mark.parametrize("role", ["all", "verify"])
def test_several_workers_answer_as_one(shared: DemoHome, role: str) -> None:
    with serving(shared.directory, "--role", role, "--workers", "2") as (url, _):
        wait_until_ready(url, workers=2)
        ready = [httpx2.get(f"{url}/healthz").status_code for _ in range(4)]
        assert ready == [200] * 4
        counted = [httpx2.get(f"{url}/metrics").text for _ in range(3)][-1]
        asked = 'xinyin_http_requests_total{route="/healthz",method="GET",status="200"} 4'
        assert asked in counted.splitlines()
