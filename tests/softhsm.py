"""Real tokens: SoftHSM2 in a temporary folder, one folder a worker, as many tokens as wanted.

A PKCS#11 library belongs to the process: SoftHSM2 reads its configuration when it is loaded, so
that the folder stays the same for as long as the worker runs.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.clock import SystemClock
from keys.pkcs11_module import load_module
from keys.pkcs11_store import Pkcs11KeyStore
from keys.pkcs11_uri import parse_token_uri

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "pin of the tests"


def faulty_library(folder: Path) -> Path:
    """Build the library of `faulty_token.c`."""
    built, source = folder / "faulty_token.so", Path(__file__).with_name("faulty_token.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", built, source, "-ldl"], check=True)
    built.chmod(0o755)
    return built


def have_softhsm() -> bool:
    """Tell whether Debian's softhsm2 is there."""
    return MODULE.exists() and shutil.which("softhsm2-util") is not None


@dataclass(frozen=True, slots=True)
class SoftToken:
    """A token with its user PIN set."""

    label: str
    directory: Path
    """Where SoftHSM2 keeps this token."""
    pin_file: Path

    def uri(self, *, pin_source: bool = True) -> str:
        """Return its address."""
        source = f"&pin-source=file:{self.pin_file}" if pin_source else ""
        return f"pkcs11:token={self.label}?module-path={MODULE}{source}"

    def store(self, pin: bytes = PIN.encode()) -> Pkcs11KeyStore:
        """Open a store of keys on it."""
        address = parse_token_uri(self.uri(pin_source=False))
        return Pkcs11KeyStore(address, lambda: pin, SystemClock(), secrets.token_bytes)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take the token away for a while."""
        elsewhere = self.directory.parent.parent / f"away-{self.label}"
        self.directory.rename(elsewhere)
        try:
            yield
        finally:
            elsewhere.rename(self.directory)

    @staticmethod
    def noticed() -> None:
        """Let it be looked for at once, not a second later."""
        module = load_module(MODULE)
        module._restarted_at = module._failed_at = float("-inf")

    def remove(self) -> None:
        """Take it away for good."""
        shutil.rmtree(self.directory)

    def tool(self, *arguments: str | Path, pin: str | None = PIN) -> str:
        """Run OpenSC's pkcs11-tool on it, logged in, and return what it said."""
        login = () if pin is None else ("--login", "--pin", pin)
        command = ("pkcs11-tool", "--module", MODULE, "--token-label", self.label)
        run = subprocess.run(
            [*command, *login, *arguments], capture_output=True, text=True, timeout=30, check=False
        )
        return run.stdout + run.stderr


class SoftHsm:
    """The worker's SoftHSM2."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._tokens = directory / "tokens"
        self._tokens.mkdir()
        configuration = directory / "softhsm2.conf"
        configuration.write_text(
            f"directories.tokendir = {self._tokens}\nobjectstore.backend = file\n"
            "log.level = ERROR\nslots.removable = false\n"
        )
        os.environ["SOFTHSM2_CONF"] = str(configuration)
        self._made = 0

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take all tokens away for a while."""
        elsewhere = self._directory / "away"
        self._tokens.rename(elsewhere)
        try:
            yield
        finally:
            elsewhere.rename(self._tokens)

    def token(self, label: str | None = None) -> SoftToken:
        """Initialise a further token, and let this process know."""
        made = self.initialised(label)
        SoftToken.noticed()
        return made

    def initialised(self, label: str | None = None) -> SoftToken:
        """Initialise a further token."""
        self._made += 1
        label = label or f"token-{self._made}"
        before = set(self._tokens.iterdir())
        pins = ("--pin", PIN, "--so-pin", "so pin of the tests")
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, *pins]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
        (directory,) = set(self._tokens.iterdir()) - before
        pin_file = self._directory / f"{label}.pin"
        pin_file.write_text(PIN + "\n")
        pin_file.chmod(0o600)
        return SoftToken(label, directory, pin_file)
