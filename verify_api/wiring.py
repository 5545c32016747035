"""Puts the public verifier of a home together: read-only database, sandbox, rules; no key."""

from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from core.clock import Clock
from core.http_server import Worker
from core.settings import Settings
from registry.audit import Actor
from registry.catalogue import Catalogue
from registry.database import Database
from registry.ledger import SqlLedger
from registry.trust import TrustReader
from registry.verification import Verifier
from signing.sandbox import Sandbox
from verify_api.app import create_app
from verify_api.metrics import Metrics
from verify_api.readers import ReaderTrust
from verify_api.settings import VerifySettings


class VerifyRole:
    """The parts of the role, to be closed by whoever opened them."""

    def __init__(self, settings: Settings, home: Path, *, sandbox: Sandbox, clock: Clock) -> None:
        self._settings = settings
        self.metrics = Metrics()
        self.zone = ZoneInfo(settings.service.zone)
        self.database = Database(settings.database_url(home), read_only=True)
        self.trust = TrustReader(
            SqlLedger(self.database, Actor("verify")), clock, home, tests=settings.service.demo
        )
        self.verifier = Verifier(
            database=self.database,
            catalogue=Catalogue(),
            validator=sandbox,
            trust=self.trust,
            clock=clock,
            zone=self.zone,
            public_url=settings.service.public_url,
            on_alarm=self.metrics.alarm,
        )

    def app(self, worker: Worker) -> FastAPI:
        """Return the ASGI application of the role."""
        verify = self._settings.verify
        return create_app(
            self.verifier,
            VerifySettings(
                public_url=self._settings.service.public_url,
                zone=self.zone,
                concurrent_file_checks=verify.workers,
            ),
            exposition=worker.share(self.metrics.exposition),
            ready=self.is_ready,
            metrics=self.metrics,
            trust=ReaderTrust(self.trust.own_roots, self.trust.trust_list),
        )

    def is_ready(self) -> bool:
        """Tell whether the database answers, and nothing in it may be lost."""
        return self.verifier.is_ready()

    def close(self) -> None:
        """Close the database; the sandbox is its opener's to close."""
        self.database.close()
