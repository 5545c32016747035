"""Asking the verifier from the event loop: who may, in which order, and what is counted.

Admission comes before a body is read, so that who is refused costs nothing. A file is looked up
first: one that is registered is answered without the sandbox, whatever waits for that.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import anyio
from starlette.requests import ClientDisconnect, Request

from core.clock import Monotonic
from core.ids import Sha256
from core.web.access_log import note
from core.web.limits.bodies import read_file
from core.web.limits.fair_queue import FairQueue
from core.web.limits.levels import Levels
from core.web.limits.memory_budget import MemoryBudget
from core.web.limits.setbacks import Setbacks
from core.web.limits.throttling import Rate, TokenBuckets, TooManyRequestsError
from registry.answers.answers import VerificationAnswer
from verify_api.metrics import Metrics
from verify_api.ports import ClaimsAnswer, Verifier
from verify_api.settings import VerifyApiSettings
from verify_api.wire import ClaimsRequest

T = TypeVar("T")
NO_SUCH_RECORD = 5
"""The result of claims that no record agrees with (GB/T 36906): the only one a guesser collects."""


class Checks:
    """One per application; belongs to its event loop."""

    def __init__(
        self,
        verifier: Verifier,
        settings: VerifyApiSettings,
        metrics: Metrics,
        monotonic: Monotonic,
        levels: Levels | None = None,
    ) -> None:
        """`levels` is the memory of what clients used up, where several processes share it."""
        self._verifier = verifier
        self._settings = settings
        self._metrics = metrics
        self._monotonic = monotonic

        def buckets(name: str, rate: Rate, reason: str = "rate") -> TokenBuckets:
            return TokenBuckets(rate, monotonic, levels=levels, name=f"{name} ", reason=reason)

        self._request_rate = buckets("request", settings.request_rate)
        self._file_rate = buckets("file", settings.file_rate)
        self._lookup_rate = buckets("lookup", settings.lookup_rate)
        self._judging = buckets("judging", settings.judging, "judging")
        self._wrong = Setbacks(settings.wrong_claims, monotonic, levels=levels, name="claims ")
        self._memory = MemoryBudget(settings.memory)
        self._files = FairQueue(settings.files)
        self._lookups = FairQueue(settings.lookups)
        self._claims = FairQueue(settings.claims)

    def waiting_files(self) -> int:
        """Return how many files wait to be judged."""
        return self._files.waiting

    async def file(self, request: Request) -> VerificationAnswer:
        """Read the uploaded file and judge it.

        Raises what `core.web.limits.bodies.read_file` and the verifier raise,
        `TooManyRequestsError`, and `ClientDisconnect` where nobody waits for the answer any more.
        """
        return self._count(request, "file", await self._upload(request, self._judge))

    async def registered_part(self, request: Request) -> bytes | None:
        """Read the uploaded file and return the registered licence that it begins with, if any.

        Raises as `file` does.
        """
        return await self._upload(request, self._registered_part)

    async def _upload(self, request: Request, work: Callable[[str, bytes], Awaitable[T]]) -> T:
        """Read the uploaded file and work on it, while its client waits for that."""
        client, settings = self.client(request), self._settings
        with self._counting_refusals():
            self._file_rate.take(client)
            with self._memory.share(client) as share:
                try:
                    data = await read_file(
                        request, settings.max_file_bytes, settings.file_pace, share
                    )
                finally:
                    self._file_rate.charge(client, share.taken // settings.memory.small)
                return await while_connected(request, work(client, data))

    async def _registered_part(self, client: str, data: bytes) -> bytes | None:
        length = await self._in_turn(client, data, lambda: self._verifier.registered_length(data))
        return None if length is None else data[:length]

    async def _judge(self, client: str, data: bytes) -> VerificationAnswer:
        known = await self._lookups.run(client, lambda: self._verifier.by_known_file(data))
        if known is not None:
            return known
        return await self._in_turn(client, data, lambda: self._verifier.by_file(data))

    async def _in_turn(self, client: str, data: bytes, work: Callable[[], T]) -> T:
        """Do what may take a worker, in turn; its seconds are charged to the client."""
        seconds = 0.0

        def judge() -> T:
            nonlocal seconds
            begun = self._monotonic()
            try:
                return work()
            finally:
                seconds = self._monotonic() - begun

        try:
            return await self._files.run(
                client,
                judge,
                large=len(data) > self._settings.memory.small,
                admit=self._judging.require,
            )
        finally:
            if seconds:
                self._judging.charge(client, seconds)

    def admit_request(self, request: Request) -> None:
        """Count a request of any kind; raises `TooManyRequestsError`."""
        with self._counting_refusals():
            self._request_rate.take(self.client(request))

    def admit_lookup(self, request: Request) -> None:
        """Count a look-up against its client; raises `TooManyRequestsError`."""
        with self._counting_refusals():
            self._lookup_rate.take(self.client(request))

    async def digest(self, request: Request, sha256: str) -> VerificationAnswer:
        """Look up a file by its SHA-256, in either case."""
        digest = Sha256(sha256.lower())
        return await self._look_up(request, "digest", lambda: self._verifier.by_digest(digest))

    async def code(self, request: Request, code: str) -> VerificationAnswer:
        """Look up what was scanned or typed."""
        return await self._look_up(request, "code", lambda: self._verifier.by_code(code))

    async def token(self, request: Request, token: str) -> VerificationAnswer:
        """Look up a licence's own link."""
        return await self._look_up(request, "link", lambda: self._verifier.by_token(token))

    async def claims(self, request: Request, asked: ClaimsRequest) -> ClaimsAnswer:
        """Say whether what the asker believes is so; a wrong belief slows its client down."""
        client = self.client(request)

        def judge() -> ClaimsAnswer:
            return self._verifier.by_claims(asked.type, asked.claims, asked.use_cause)

        with self._counting_refusals():
            answer = await self._claims.run(client, judge, admit=self._wrong.require)
        if answer.result == NO_SUCH_RECORD:
            self._wrong.add(client)
        self._metrics.answers.add(way="claims", outcome=str(answer.result))
        note(request.scope, str(answer.result))
        return answer

    def client(self, request: Request) -> str:
        """Return whom a request counts against."""
        return self._settings.networks.of(request.client.host if request.client else None)

    async def _look_up(
        self, request: Request, way: str, work: Callable[[], VerificationAnswer]
    ) -> VerificationAnswer:
        with self._counting_refusals():
            answer = await self._lookups.run(self.client(request), work)
        return self._count(request, way, answer)

    def _count(self, request: Request, way: str, answer: VerificationAnswer) -> VerificationAnswer:
        self._metrics.answers.add(way=way, outcome=answer.outcome.value)
        note(request.scope, answer.outcome.value)
        return answer

    @contextmanager
    def _counting_refusals(self) -> Iterator[None]:
        try:
            yield
        except TooManyRequestsError as error:
            self._metrics.refusals.add(reason=error.reason)
            raise


async def while_connected(request: Request, work: Awaitable[T]) -> T:
    """Return the result of `work`, or give it up once the client has left.

    The body must have been read. Raises `ClientDisconnect`, and what `work` raises.
    """
    done: list[T] = []
    failed: list[Exception] = []
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            done.append(await work)
        except Exception as error:  # noqa: BLE001 - raised below, outside the group
            failed.append(error)
        group.cancel_scope.cancel()
    if failed:
        raise failed[0]
    if not done:
        raise ClientDisconnect
    return done[0]
