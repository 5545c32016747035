"""Asking the verifier from the event loop: who may, how many at once, and what is counted.

Admission comes before a body is read, so that who is refused costs nothing.
"""

from starlette.requests import Request

from core.clock import Monotonic
from core.ids import Sha256
from core.limits import MemoryBudget, Slots, TokenBuckets, client_network
from registry.answers import VerificationAnswer
from verify_api.bodies import read_file
from verify_api.metrics import Metrics
from verify_api.ports import ClaimsAnswer, Verifier
from verify_api.settings import VerifySettings
from verify_api.wire import ClaimsRequest


class Checks:
    """One per application; belongs to its event loop."""

    def __init__(
        self,
        verifier: Verifier,
        settings: VerifySettings,
        metrics: Metrics,
        monotonic: Monotonic,
    ) -> None:
        self._verifier = verifier
        self._settings = settings
        self._metrics = metrics
        self._file_rate = TokenBuckets(settings.file_rate, monotonic)
        self._lookup_rate = TokenBuckets(settings.lookup_rate, monotonic)
        self._memory = MemoryBudget(settings.max_bytes_in_flight)
        self._files = Slots(settings.concurrent_file_checks, settings.waiting_file_checks)
        self._lookups = Slots(settings.concurrent_lookups, settings.waiting_lookups)

    async def file(self, request: Request) -> VerificationAnswer:
        """Read the uploaded file and judge it.

        Raises what `verify_api.bodies.read_file` and the verifier raise, and
        `TooManyRequestsError`.
        """
        self._file_rate.take(_client(request))
        with self._memory.share() as share:
            data = await read_file(
                request, self._settings.max_file_bytes, self._settings.upload_seconds, share
            )
            answer = await self._files.run(lambda: self._verifier.by_file(data))
        return self._count("file", answer)

    async def registered_part(self, request: Request) -> bytes | None:
        """Read the uploaded file and return the registered licence that it begins with, if any.

        Raises as `file` does.
        """
        self._file_rate.take(_client(request))
        with self._memory.share() as share:
            data = await read_file(
                request, self._settings.max_file_bytes, self._settings.upload_seconds, share
            )
            length = await self._lookups.run(lambda: self._verifier.registered_length(data))
            return None if length is None else data[:length]

    def admit_lookup(self, request: Request) -> None:
        """Count a look-up against its client; raises `TooManyRequestsError`."""
        self._lookup_rate.take(_client(request))

    async def digest(self, sha256: str) -> VerificationAnswer:
        """Look up a file by its SHA-256, in either case."""
        digest = Sha256(sha256.lower())
        return self._count(
            "digest", await self._lookups.run(lambda: self._verifier.by_digest(digest))
        )

    async def code(self, code: str) -> VerificationAnswer:
        """Look up what was scanned or typed."""
        return self._count("code", await self._lookups.run(lambda: self._verifier.by_code(code)))

    async def token(self, token: str) -> VerificationAnswer:
        """Look up a licence's own link."""
        return self._count("link", await self._lookups.run(lambda: self._verifier.by_token(token)))

    async def claims(self, asked: ClaimsRequest) -> ClaimsAnswer:
        """Say whether what the asker believes is so."""
        answer = await self._lookups.run(
            lambda: self._verifier.by_claims(asked.type, asked.claims, asked.use_cause)
        )
        self._metrics.answers.add(way="claims", outcome=str(answer.result))
        return answer

    def _count(self, way: str, answer: VerificationAnswer) -> VerificationAnswer:
        self._metrics.answers.add(way=way, outcome=answer.outcome.value)
        return answer


def _client(request: Request) -> str:
    return client_network(request.client.host if request.client else None)
