"""Puts the public verifier of a home together: read-only database, sandbox, rules; no key."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from core.clock import Clock
from core.log import log_metrics
from core.metrics import Gauge, Labels, Merge, build_info
from core.settings import Settings
from core.web.server import Worker
from registry.answers.known import open_known_files
from registry.answers.stored import StoredDocuments
from registry.answers.verification import RegisterVerifier
from registry.db.database import Database
from registry.facts.register_id import register_check
from registry.health.watching import machine_gauges
from registry.ledger.ledger import SqlLedger
from registry.ledger.trust import TrustReader
from registry.objects.opening import open_reader
from registry.privacy.codes import Privacy
from registry.privacy.key_files import read_index
from registry.types.catalogue import Catalogue
from signing.sandbox import Sandbox
from verify_api.app import create_app
from verify_api.metrics import Metrics
from verify_api.readers import ReaderTrust
from verify_api.readiness import Readiness
from verify_api.settings import VerifyApiSettings


class VerifyRole:
    """The parts of the role, to be closed by whoever opened them."""

    def __init__(
        self,
        settings: Settings,
        home: Path,
        *,
        sandbox: Sandbox,
        clock: Clock,
        environment: Mapping[str, str],
    ) -> None:
        self._settings = settings
        self._home = home
        self._privacy = Privacy(read_index(home))
        self._sandbox = sandbox
        self.metrics = Metrics()
        self.metrics.parts.append(self._confined())
        self.zone = ZoneInfo(settings.service.zone)
        self.database = Database(
            settings.database_url(home), read_only=True, privacy=lambda: self._privacy
        )
        self.trust = TrustReader(SqlLedger(self.database), clock, home, tests=settings.service.demo)
        self.verifier = RegisterVerifier(
            database=self.database,
            catalogue=Catalogue(),
            validator=sandbox,
            known=open_known_files(
                home,
                settings.journal_directory(home),
                stored=StoredDocuments(open_reader(settings.objects, home, environment)),
                clock=clock,
                validate=sandbox.validate,
                trust=self.trust,
            ),
            trust=self.trust,
            anchors=self.trust.anchor,
            clock=clock,
            zone=self.zone,
            public_url=settings.service.public_url,
            on_alarm=self.metrics.alarm,
            on_failure=self.metrics.failure,
            on_outage=self.metrics.outage,
            check_register=register_check(settings.journal_directory(home), clock),
        )

    def app(self, worker: Worker, also_ready: Callable[[], bool] = lambda: True) -> FastAPI:
        """Return the ASGI application of the role; `also_ready` speaks for more than the role.

        The sandbox warms up meanwhile.
        """
        self._sandbox.start()
        service = self._settings.service
        parts = (self._database_answers, self._sandbox.answers, also_ready)
        return create_app(
            self.verifier,
            replace(
                VerifyApiSettings.of(self._settings.verify, service.public_url, self.zone),
                operator=tuple(filter(None, (service.run_by, service.contact, service.filing))),
            ),
            exposition=worker.share(self.metrics.exposition),
            ready=Readiness(parts, time.monotonic),
            metrics=self.metrics,
            levels=worker.levels,
            trust=ReaderTrust(self.trust.own_roots, self.trust.trust_list),
        )

    def watch(self, role: str) -> None:
        """Expose what belongs to a process that serves this role alone."""
        gauges = machine_gauges(self.database, home=self._home)
        self.metrics.parts += [build_info(role), *log_metrics(), *gauges]

    def _confined(self) -> Gauge:
        """Return the gauge that says how hostile files are held; empty until a worker told."""

        def read() -> Iterator[tuple[Labels, float]]:
            if (why := self._sandbox.unfiltered) is not None:
                yield (), float(not why)

        return Gauge(
            "xinyin_sandbox_confined",
            "1 where the kernel filters the system calls of what judges files, else 0.",
            read,
            Merge.LEAST,
        )

    def _database_answers(self) -> bool:
        """Tell whether the database is there and answers, and nothing in it may be lost.

        An open handle would go on answering from an SQLite file that was moved away.
        """
        return not self.database.is_missing and self.verifier.is_ready()

    def close(self) -> None:
        """Close the database; the sandbox is its opener's to close."""
        self.database.close()
