"""The store as tests use it: started with TLS, its buckets, and what it can be made to do wrong."""

import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.settings import ObjectsSettings
from registry.objects.bucket import BucketStore
from registry.objects.opening import open_bucket

HERE = Path(__file__).parent
PYTHON = HERE / "venv/bin/python"
KEY_ID, SECRET = "test:tester", "testing"
_VERSIONED: Final = (
    b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Status>Enabled</Status></VersioningConfiguration>"
)


@dataclass(frozen=True, slots=True)
class StoreService:
    """A running store."""

    endpoint: str
    directory: Path
    process: "subprocess.Popen[str]"

    def settings(self, **changed: object) -> ObjectsSettings:
        """Return settings that name a new bucket of this store."""
        given = {
            "place": "bucket",
            "endpoint": self.endpoint,
            "bucket": f"b{secrets.token_hex(8)}",
            "secret_file": self.directory / "secret",
            "ca_file": self.directory / "ca.pem",
        }
        return ObjectsSettings.model_validate(given | changed)

    def bucket(self, *, versioned: bool = False) -> tuple[ObjectsSettings, BucketStore]:
        """Make a bucket; return the settings that name it, and what keeps things there."""
        settings = self.settings()
        store = open_bucket(settings, self.directory / "no-home", {})
        assert store.requests.ask("PUT").status == 200
        if versioned:
            assert store.requests.ask("PUT", "", {"versioning": ""}, _VERSIONED).status == 200
        return settings, store

    def environment(self, settings: ObjectsSettings) -> dict[str, str]:
        """Return the variables that put a home's documents into a bucket."""
        return {
            f"XINYIN_OBJECTS_{name.upper()}": str(value)
            for name, value in settings.model_dump(exclude_none=True, exclude_defaults=True).items()
        }


@contextmanager
def running_store(host: str = "127.0.0.1") -> Iterator[StoreService]:
    """Start a store with empty disks."""
    with tempfile.TemporaryDirectory(prefix="xy-s3-") as name:
        directory = Path(name)
        _make_certificate(directory, host)
        secret = directory / "secret"
        secret.touch(0o600)
        secret.write_text(f"{KEY_ID}\n{SECRET}\n")
        with subprocess.Popen(
            [PYTHON, "-I", HERE / "swift_server.py", directory, host],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert process.stdin
            try:
                endpoint = process.stdout.readline().strip()
                assert endpoint, "the store does not start"
                yield StoreService(endpoint, directory, process)
            finally:
                process.kill()


def have_store() -> bool:
    """Tell whether the store is installed: `sh deploy/swift-parts.sh`."""
    return PYTHON.exists()


def _make_certificate(directory: Path, host: str) -> None:
    key, certificate = directory / "key.pem", directory / "ca.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", "/CN=store", "-addext", f"subjectAltName=IP:{host}",
            "-addext", "basicConstraints=critical,CA:FALSE",
            "-keyout", key, "-out", certificate,
        ],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    (directory / "server.pem").write_bytes(certificate.read_bytes() + key.read_bytes())
