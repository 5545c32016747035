"""Metrics of the trust service. One instance per process."""

import time
from collections.abc import Iterable

from ca.ocsp.published import Published
from core.clock import Monotonic
from core.metrics import Counter, CounterCell, Gauge, Metric
from core.web.access_log import METHODS


class TrustMetrics:
    """Answers, tokens and refusals."""

    def __init__(
        self,
        requests: Counter | None = None,
        gauges: tuple[Gauge, ...] = (),
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        """`requests` is the process's counter of HTTP requests, where it serves more than this."""
        self.requests = requests or Counter(
            "xinyin_http_requests_total", "Requests answered, by route, method and status."
        )
        self.ocsp = Counter(
            "xinyin_ocsp_answers_total",
            "OCSP answers, by what they say and whether they were signed ahead.",
        )
        self.tokens = Counter(
            "xinyin_timestamps_total", "Timestamp requests, by what came of them."
        )
        self.duties = Counter(
            "xinyin_duties_total", "What the service does by itself, by duty and result."
        )
        self._done: dict[str, float] = {}
        self.duty_ages = Gauge(
            "xinyin_duty_age_seconds",
            "Seconds since a duty last succeeded, or since the start.",
            lambda: [((("duty", name),), monotonic() - at) for name, at in self._done.items()],
        )
        self._monotonic = monotonic
        self.own: list[Metric] = [self.ocsp, self.tokens, self.duties, self.duty_ages, *gauges]
        """What is to be exposed beside the counter of requests."""
        self._cells: dict[tuple[str, str, bool], tuple[CounterCell, CounterCell]] = {}
        """Touched by the event loop's thread alone."""

    def ocsp_answered(self, method: str, published: Published, from_memory: bool) -> None:  # noqa: FBT001
        """Count an OCSP answer; belongs to the event loop."""
        key = (method, published.kind, from_memory)
        cells = self._cells.get(key)
        if cells is None:
            source = "memory" if from_memory else "made"
            cells = self._cells[key] = (
                self.requests.cell(route="/pki/ocsp", method=method, status="200"),
                self.ocsp.cell(answer=published.kind, source=source),
            )
        cells[0].value += 1
        cells[1].value += 1

    def answered(self, route: str, method: str, status: int) -> None:
        """Count any other answer under its route's template."""
        known = method if method in METHODS else "other"
        self.requests.add(route=route, method=known, status=str(status))

    def duties_begin(self, names: Iterable[str]) -> None:
        """Measure from now on how long each duty has not succeeded."""
        self._done.update(dict.fromkeys(names, self._monotonic()))

    def duty_ended(self, name: str, succeeded: bool) -> None:  # noqa: FBT001 (a schedule's word)
        """Count a duty that was done, or failed."""
        if succeeded:
            self._done[name] = self._monotonic()
        self.duties.add(duty=name, result="done" if succeeded else "failed")
