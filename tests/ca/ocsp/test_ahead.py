"""Answers signed ahead: signed once, dropped by a revocation, bounded, and never served blindly."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from ca.encoding import der
from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING
from ca.ledger import LedgerEntry, RevocationReason
from ca.ocsp.ahead import REFRESH_SECONDS, SignedAhead
from ca.ocsp.epoch import CHECK_SECONDS, MAX_AGE_SECONDS, EpochWatch
from ca.ocsp.published import Published
from ca.ocsp.responder import OcspResponder, OcspService, OcspStatus
from core.errors import UnreachableError
from core.ids import IssuerId
from core.text import Text
from keys.model import Signer
from tests.ca.memory_ledger import MemoryLedger
from tests.ca.ocsp.test_responder import _cert_id, _request, request_for
from tests.ca.world import World
from tests.permits import CHANGE_CERTIFICATE


class CountingSigner:
    """Counts signatures, and can hold them up."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.info = signer.info
        self.public_key = signer.public_key
        self.builder_key = signer.builder_key
        self.signatures = 0
        self.gate: threading.Event | None = None

    def sign(self, data: bytes) -> bytes:
        self.signatures += 1
        if self.gate is not None:
            assert self.gate.wait(20)
        return self._signer.sign(data)


class WatchedLedger(MemoryLedger):
    """Can go away, and counts look-ups."""

    away = False
    looks = 0

    def find(self, issuer: IssuerId, serial: int) -> LedgerEntry | None:
        self.looks += 1
        if self.away:
            raise UnreachableError(Text("数据库不可达。", "The database is away."))
        return super().find(issuer, serial)

    def revocation_epoch(self) -> int:
        if self.away:
            raise UnreachableError(Text("数据库不可达。", "The database is away."))
        return super().revocation_epoch()


@dataclass
class Bench:
    """One responder on a ledger and a clock of the test's."""

    kept: int = 100
    seconds: float = 1000.0
    world: World = field(default_factory=World)
    ledger: WatchedLedger = field(default_factory=WatchedLedger)

    def __post_init__(self) -> None:
        self.hierarchy: Hierarchy = self.world.found()
        self.seals = [self.world.seal(self.hierarchy) for _ in range(3)]
        self.ledger.entries = self.world.ledger.entries
        responder = self.hierarchy.responder
        self.signer = CountingSigner(responder._signer)
        mine = OcspResponder(
            FIRST_ISSUING,
            self.hierarchy.issuing,
            self.hierarchy.ocsp,
            self.signer,
            ledger=self.ledger,
            clock=self.world.clock,
            answers=self.world.answers,
        )
        self.service = OcspService(lambda: [mine])

    def run(self, scenario: Callable[[SignedAhead], Awaitable[None]]) -> None:
        async def main() -> None:
            watch = EpochWatch(self.ledger.revocation_epoch, lambda: self.seconds)
            ahead = SignedAhead(self.service, watch, lambda: self.seconds, kept=self.kept)
            await scenario(ahead)

        asyncio.run(main())

    def about(self, index: int = 0, nonce: bytes | None = None) -> bytes:
        return request_for(self.hierarchy, self.seals[index].serial_number, hashes.SHA256(), nonce)

    def revoke(self, index: int = 0) -> None:
        self.ledger.revoke(
            FIRST_ISSUING,
            self.seals[index].serial_number,
            RevocationReason.SUPERSEDED,
            self.world.clock.now(),
            permit=CHANGE_CERTIFICATE,
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def status_of(published: Published) -> ocsp.OCSPCertStatus:
    return ocsp.load_der_ocsp_response(published.answer.der).certificate_status


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 (what changes is in another thread)
            await asyncio.sleep(0.001)


GOOD, REVOKED, UNKNOWN = (
    ocsp.OCSPCertStatus.GOOD,
    ocsp.OCSPCertStatus.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN,
)


def test_an_answer_is_signed_once_until_it_is_time(bench: Bench) -> None:
    async def scenario(ahead: SignedAhead) -> None:
        request = bench.about()
        first = await ahead.answer(request)
        assert await ahead.answer(request) is first
        assert ahead.ready(request) is first
        assert (bench.signer.signatures, bench.ledger.looks) == (1, 1)
        bench.seconds += REFRESH_SECONDS
        second = await ahead.answer(request)
        assert second is not first
        assert status_of(second) is GOOD

    bench.run(scenario)


def test_who_asks_for_the_same_at_once_gets_the_same(bench: Bench) -> None:
    async def scenario(ahead: SignedAhead) -> None:
        answers = await asyncio.gather(*(ahead.answer(bench.about()) for _ in range(50)))
        assert len({id(one) for one in answers}) == 1
        assert bench.signer.signatures == 1

    bench.run(scenario)


def test_a_revocation_drops_what_was_signed_ahead_within_a_second(bench: Bench) -> None:
    async def scenario(ahead: SignedAhead) -> None:
        request = bench.about()
        assert status_of(await ahead.answer(request)) is GOOD
        bench.revoke()
        bench.seconds += 1.0
        assert status_of(await ahead.answer(request)) is REVOKED

    bench.run(scenario)


def test_under_load_too_and_nobody_waits_for_it(bench: Bench) -> None:
    """Who comes while a look is under way is served on the last one, no older than a second."""

    async def scenario(ahead: SignedAhead) -> None:
        request = bench.about()
        await ahead.answer(request)
        bench.revoke()
        bench.seconds += CHECK_SECONDS + 0.01
        assert ahead.ready(request) is not None
        await until(lambda: ahead.ready(request) is None)
        assert status_of(await ahead.answer(request)) is REVOKED
        assert CHECK_SECONDS < MAX_AGE_SECONDS < 1

    bench.run(scenario)


def test_what_was_asked_before_a_revocation_is_not_kept_after_it(bench: Bench) -> None:
    """The signature takes long, and meanwhile the certificate is revoked."""

    async def scenario(ahead: SignedAhead) -> None:
        bench.signer.gate = threading.Event()
        slow = asyncio.ensure_future(ahead.answer(bench.about()))
        await until(lambda: bench.signer.signatures == 1)
        bench.revoke()
        bench.seconds += 1.0
        later = asyncio.ensure_future(ahead.answer(bench.about()))
        await until(lambda: bench.signer.signatures == 2)
        bench.signer.gate.set()
        assert status_of(await slow) is GOOD
        assert status_of(await later) is REVOKED
        assert status_of(await ahead.answer(bench.about())) is REVOKED

    bench.run(scenario)


def test_a_state_that_cannot_be_told_means_try_later(bench: Bench) -> None:
    async def scenario(ahead: SignedAhead) -> None:
        request = bench.about()
        first = await ahead.answer(request)
        bench.ledger.away = True
        bench.seconds += CHECK_SECONDS + 0.01
        assert await ahead.answer(request) is first
        bench.seconds += 1.0
        for asked in (request, bench.about(nonce=b"n"), bench.about(1)):
            assert (await ahead.answer(asked)).answer.status is OcspStatus.TRY_LATER
        bench.ledger.away = False
        assert await ahead.answer(request) is first, "nothing was revoked meanwhile"

    bench.run(scenario)


def test_a_nonce_is_answered_live_on_what_is_known(bench: Bench) -> None:
    async def scenario(ahead: SignedAhead) -> None:
        nonces = [bytes([n]) * (n + 1) for n in range(5)]
        answers = [await ahead.answer(bench.about(nonce=nonce)) for nonce in nonces]
        for nonce, published in zip(nonces, answers, strict=True):
            response = ocsp.load_der_ocsp_response(published.answer.der)
            echoed = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
            assert echoed == nonce
            assert published.etag is None
        assert bench.ledger.looks == 1
        bench.revoke()
        bench.seconds += 1.0
        assert status_of(await ahead.answer(bench.about(nonce=b"n"))) is REVOKED

    bench.run(scenario)


def test_beyond_its_limit_a_nonce_gets_the_answer_signed_ahead(bench: Bench) -> None:
    async def scenario(ahead: SignedAhead) -> None:
        first = await ahead.answer(bench.about())
        bench.signer.gate = threading.Event()
        asked = [asyncio.ensure_future(ahead.answer(bench.about(nonce=b"n"))) for _ in range(100)]
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert all(one.result() is first for one in done)
        bench.signer.gate.set()
        answers = await asyncio.gather(*asked)
        assert sum(one is not first for one in answers) == 68

    bench.run(scenario)


def test_serials_that_were_never_issued_take_no_room(bench: Bench) -> None:
    bench.kept = 2

    async def scenario(ahead: SignedAhead) -> None:
        kept = await ahead.answer(bench.about())
        for serial in range(1, 200):
            published = await ahead.answer(request_for(bench.hierarchy, serial))
            assert status_of(published) is UNKNOWN
            assert published.etag is None, "it may be issued the next second"
        assert await ahead.answer(bench.about()) is kept
        assert len(ahead._kept) == 1

    bench.run(scenario)


def test_no_more_is_kept_than_there_is_room_for(bench: Bench) -> None:
    bench.kept = 2

    async def scenario(ahead: SignedAhead) -> None:
        first = await ahead.answer(bench.about(0))
        await ahead.answer(bench.about(1))
        assert ahead.ready(bench.about(0)) is first
        await ahead.answer(bench.about(2))
        assert ahead.ready(bench.about(1)) is None, "the one not asked for longest"
        assert ahead.ready(bench.about(0)) is first

    bench.run(scenario)


def test_however_it_is_asked_one_certificate_has_one_place(bench: Bench) -> None:
    async def scenario(ahead: SignedAhead) -> None:
        cert_id = _cert_id(bench.hierarchy, bench.seals[0].serial_number)
        kept = await ahead.answer(_request(cert_id))
        for number in range(20):
            extension = der.sequence(der.oid(f"1.2.3.{number}"), der.octets(b""))
            odd = _request(cert_id, extensions=der.context(2, der.sequence(extension)))
            assert await ahead.answer(odd) is kept
        several = await ahead.answer(_request(cert_id, cert_id))
        assert several.kind == "several"
        assert len(ahead._kept) == 1

    bench.run(scenario)


def test_a_new_responder_takes_over(bench: Bench) -> None:
    async def scenario(ahead: SignedAhead) -> None:
        await ahead.answer(bench.about())
        before = bench.service.generation
        bench.service._find_responders = lambda: [bench.hierarchy.responder]
        bench.service.refresh()
        bench.service.refresh()
        assert bench.service.generation == before + 1

    bench.run(scenario)
