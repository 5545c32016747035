"""Metrics of the role `verify`. One instance per process."""

from core.metrics import Counter, Histogram, Metric, exposition


class Metrics:
    """All that the verification role counts."""

    def __init__(self) -> None:
        self.requests = Counter(
            "xinyin_http_requests_total", "Requests answered, by route, method and status."
        )
        self.seconds = Histogram(
            "xinyin_http_request_seconds", "Time from request to end of answer, by route."
        )
        self.answers = Counter(
            "xinyin_verifications_total", "Verifications, by what was asked with and outcome."
        )
        self.alarms = Counter(
            "xinyin_alarms_total", "Findings that an operator must look into, by code."
        )
        self.refusals = Counter(
            "xinyin_refusals_total", "Requests answered 429, by the limit that was reached."
        )
        self.failures = Counter(
            "xinyin_verification_failures_total", "Files that we failed to judge, by cause."
        )
        self.outages = Counter(
            "xinyin_register_failures_total",
            "Times that the register could not be asked, by cause.",
        )
        self.parts: list[Metric] = [
            self.requests,
            self.seconds,
            self.answers,
            self.alarms,
            self.refusals,
            self.failures,
            self.outages,
        ]
        """All that is exposed; a process that serves more adds to it."""

    def alarm(self, code: str) -> None:
        """Count an alarm; hand this to the verifier as its `on_alarm`."""
        self.alarms.add(code=code)

    def failure(self, code: str) -> None:
        """Count a file that we failed to judge; hand this to the verifier as its `on_failure`."""
        self.failures.add(code=code)

    def outage(self, code: str) -> None:
        """Count that the register was away; hand this to the verifier as its `on_outage`."""
        self.outages.add(code=code)

    def exposition(self) -> str:
        """Return everything, one sample a line; may block."""
        return exposition(self.parts)
