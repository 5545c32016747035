"""Rings of real stores with a real register, in a folder of their own."""

from collections.abc import Collection, Mapping
from pathlib import Path

from core.clock import SystemClock
from core.settings import KeySettings
from home.keys import HomeKeys, PassphraseOptions
from keys.life import KeyDomain
from keys.ring import KeyRing
from registry.db.database import Database
from registry.ledger.key_register import SqlKeyRegister
from tests.databases import empty_sqlite
from tests.softhsm import SoftToken

PASSPHRASE = "a passphrase for tests"


class RingHome:
    """A folder with keys and their register, and nothing else of a home."""

    def __init__(self, directory: Path, settings: Mapping[str, object] | None = None) -> None:
        self.directory = directory / "home"
        self.directory.mkdir()
        self.secret = directory / "passphrase"
        self.secret.write_text(PASSPHRASE)
        self.secret.chmod(0o600)
        self.settings = KeySettings.model_validate(
            {"passphrase_file": self.secret, "root_passphrase_file": self.secret}
            | dict(settings or {})
        )
        self.clock = SystemClock()
        self.database = database = Database(empty_sqlite(self.directory / "registry.db"))
        self.register = SqlKeyRegister(database, self.clock)

    def ring(
        self,
        domains: Collection[KeyDomain] = tuple(KeyDomain),
        *,
        recorded: bool = True,
        options: PassphraseOptions | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> KeyRing:
        """Open a ring as a new process would."""
        keys = HomeKeys(
            self.directory,
            self.settings,
            options or PassphraseOptions(),
            environment or {},
            self.clock,
        )
        return keys.ring(domains, self.register if recorded else None)


def on_token(token: SoftToken, namespace: str = "test") -> dict[str, object]:
    """Return settings that put all keys on a token."""
    return {"uri": token.uri(), "namespace": namespace}
