"""Debian's nginx with the files of deploy/nginx, on ports of its own before a given backend."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

SHIPPED = Path(__file__).parents[1] / "deploy" / "nginx"
VERIFY, PKI = "verify.example.gov.cn", "pki.example.gov.cn"
ISSUING = "issuing.example.gov.cn"
_PATH = "/usr/sbin:/usr/local/sbin:/usr/bin"
_MAIN = """
{user}
daemon off;
worker_processes 1;
pid {directory}/pid;
error_log {directory}/error.log info;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    gzip on;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/xinyin.conf;
}}
"""
"""What Debian's nginx.conf says that matters here: types and gzip, which weakens ETags."""


def have_nginx() -> bool:
    """Tell whether nginx is installed."""
    return shutil.which("nginx", path=_PATH) is not None


def free_port() -> int:
    """Return a port that nobody holds now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running nginx."""

    directory: Path
    tls_port: int
    plain_port: int

    @property
    def trusted(self) -> ssl.SSLContext:
        """Return a context that trusts its certificate and no other."""
        return ssl.create_default_context(cafile=str(self.directory / "fullchain.pem"))

    def ask(
        self, method: str, target: str, *, host: str = VERIFY, tls: bool = True, **options: object
    ) -> httpx2.Response:
        """Send one request to the server of that name; the target goes out as it is."""
        port = self.tls_port if tls else self.plain_port
        address = httpx2.URL(f"http{'s' if tls else ''}://127.0.0.1:{port}")
        url = address.copy_with(raw_path=target.encode("ascii"))
        given = options.pop("headers", {})
        assert isinstance(given, Mapping)
        with httpx2.Client(verify=self.trusted, timeout=30, trust_env=False) as client:
            request = client.build_request(
                method,
                url,
                headers={"Host": host, **given},
                extensions={"sni_hostname": host},
                **options,  # type: ignore[arg-type]
            )
            return client.send(request)

    @contextmanager
    def connection(self, host: str = VERIFY) -> Iterator[ssl.SSLSocket]:
        """Open a TLS connection on which a test sends what it likes."""
        with (
            socket.create_connection(("127.0.0.1", self.tls_port), timeout=30) as plain,
            self.trusted.wrap_socket(plain, server_hostname=host) as secured,
        ):
            yield secured

    def log(self) -> str:
        """Return the access log."""
        return (self.directory / "xinyin.log").read_text("utf-8")


@contextmanager
def running_nginx(
    directory: Path,
    backend: int,
    changes: Mapping[str, str] | None = None,
    *,
    tls_port: int | None = None,
) -> Iterator[Nginx]:
    """Start nginx with the shipped files; only ports, paths and `changes` are put in."""
    nginx = Nginx(directory, tls_port or free_port(), free_port())
    _make_certificate(directory)
    places = {
        "listen 443 ssl": f"listen 127.0.0.1:{nginx.tls_port} ssl",
        "listen 80": f"listen 127.0.0.1:{nginx.plain_port}",
        "127.0.0.1:8440": f"127.0.0.1:{backend}",
        "/etc/ssl/xinyin/": f"{directory}/",
        "/var/log/nginx/": f"{directory}/",
        "include snippets/": f"include {directory}/",
    }
    for shipped in SHIPPED.glob("*.conf"):
        text = "\n".join(
            line for line in shipped.read_text("utf-8").splitlines() if "listen [::]" not in line
        )
        for old, new in {**places, **(changes or {})}.items():
            text = text.replace(old, new)
        (directory / shipped.name).write_text(text, "utf-8")
    user = "user root;" if os.getuid() == 0 else ""
    main = directory / "nginx.conf"
    main.write_text(_MAIN.format(directory=directory, user=user), "utf-8")
    with subprocess.Popen(
        [str(shutil.which("nginx", path=_PATH)), "-p", directory, "-c", main],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            _wait(process, nginx)
            yield nginx
        finally:
            process.terminate()
            process.wait(20)


def _make_certificate(directory: Path) -> None:
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", f"/CN={VERIFY}",
            "-addext", f"subjectAltName=DNS:{VERIFY},DNS:other.example.gov.cn,DNS:localhost",
            "-keyout", directory / "key.pem", "-out", directory / "fullchain.pem",
        ],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip


def _wait(process: subprocess.Popen[str], nginx: Nginx) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", nginx.tls_port), timeout=5).close()
        except OSError:
            assert process.stderr
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline, "nginx does not start"
            time.sleep(0.05)
        else:
            return
