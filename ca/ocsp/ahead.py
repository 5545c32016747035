"""OCSP answers signed ahead, kept per process, and dropped the moment that anything is revoked.

What is asked for the first time is signed then and kept; asked again, it costs a look into a
dictionary. Only what was issued is kept, so that made-up serials can neither fill the memory nor
push out what is asked for. Belongs to one event loop: no locks.

A nonce is answered live, on what is known of the certificate. Where more ask than can be signed
for, they get the answer signed ahead, without the nonce: extensions are optional to a responder
(RFC 6960 4.4), RFC 9919 4 has clients go by thisUpdate then, and one that insists on its nonce is
not deceived. Whoever asks about several certificates waits in the same line.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace

from ca.encoding import der
from ca.ocsp.epoch import EpochWatch
from ca.ocsp.published import Published, publish
from ca.ocsp.responder import (
    OcspAnswer,
    OcspService,
    OcspStatus,
    RoutedRequest,
    answer_or_try_later,
    refusal,
)
from core.clock import Monotonic
from core.web.limits.throttling import Slots, TooManyRequestsError

KEPT = 20_000
"""Answers, some 60 MB; the one not asked for longest is forgotten first."""
REFRESH_SECONDS = 300.0
"""Then an answer is signed anew, long before its nextUpdate: validators that want one from after a
timestamp (EN 319 102-1 5.2.5) need not wait long."""
_SIGNING, _WAITING_FOR_FIRST, _WAITING_FOR_NONCE = 4, 512, 64
"""Threads of each kind, and how many requests may wait for them: well under a second's worth."""
_TRY_LATER = publish(refusal(OcspStatus.TRY_LATER))


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer signed ahead."""

    published: Published
    state: Hashable
    """Of the ledger, before it was asked."""
    until: float
    """Monotonic seconds."""


class SignedAhead:
    """Answers requests out of memory where it can."""

    def __init__(
        self,
        service: OcspService,
        epoch: EpochWatch,
        monotonic: Monotonic,
        *,
        kept: int = KEPT,
    ) -> None:
        self._service = service
        self._epoch = epoch
        self._monotonic = monotonic
        self._capacity = kept
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        """By canonical request, the one asked for last at the end."""
        self._making: dict[tuple[bytes, Hashable], asyncio.Task[Published]] = {}
        """By request and state: what was asked of the ledger before a revocation serves nobody who
        asks after it."""
        self._first = Slots(_SIGNING, _WAITING_FOR_FIRST)
        self._nonces = Slots(_SIGNING, _WAITING_FOR_NONCE)

    def ready(self, request: bytes) -> Published | None:
        """Return the answer to a request in canonical form, if there is one that holds now."""
        kept = self._kept.get(request)
        if kept is None or kept.state != self._epoch.known() or kept.until <= self._monotonic():
            return None
        self._kept.move_to_end(request)
        return kept.published

    async def answer(self, request: bytes) -> Published:
        """Answer an OCSPRequest (DER), whatever it is."""
        ready = self.ready(request)
        if ready is not None:
            return ready
        asked = self._service.read(request)
        if isinstance(asked, OcspAnswer):
            return publish(asked)
        state = await self._epoch.fresh()
        if state is None:  # whether anything was revoked since cannot be told
            return _TRY_LATER
        canonical = canonical_request(asked)
        if asked.request.nonce is None and canonical is not None:
            return self.ready(canonical) or await self._made(canonical, asked, state)
        known = None
        if canonical is not None:
            plain = replace(asked, request=replace(asked.request, nonce=None))
            known = self.ready(canonical) or await self._made(canonical, plain, state)
            if known.answer.status is not OcspStatus.SUCCESSFUL:
                return known
        return await self._live(asked, known)

    async def _made(self, key: bytes, asked: RoutedRequest, state: Hashable) -> Published:
        """Sign an answer and keep it; who asks for the same meanwhile waits for the same one."""
        making = self._making.get((key, state))
        if making is None:
            making = asyncio.get_running_loop().create_task(self._make(key, asked, state))
            self._making[key, state] = making
        return await asyncio.shield(making)

    async def _make(self, key: bytes, asked: RoutedRequest, state: Hashable) -> Published:
        try:
            published = await self._first.run(lambda: publish(answer_or_try_later(asked)))
        except TooManyRequestsError:
            return _TRY_LATER
        finally:
            del self._making[key, state]
        if published.answer.cacheable:
            self._kept[key] = Kept(published, state, self._monotonic() + REFRESH_SECONDS)
            self._kept.move_to_end(key)
            if len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return published

    async def _live(self, asked: RoutedRequest, known: Published | None) -> Published:
        """Sign an answer for this request alone."""
        statuses = None if known is None else known.answer.statuses
        try:
            return await self._nonces.run(lambda: publish(answer_or_try_later(asked, statuses)))
        except TooManyRequestsError:
            return known or _TRY_LATER


def canonical_request(asked: RoutedRequest) -> bytes | None:
    """Return the shortest request for the same certificate; None where several are asked about.

    It is what RFC 9919 2.1.1 has clients send: one CertID and no extension. Answers are kept
    under it, so that one certificate has as many places as its CertID has encodings.
    """
    if len(asked.request.cert_ids) != 1:
        return None
    (cert_id,) = asked.request.cert_ids
    return der.sequence(der.sequence(der.sequence(der.sequence(cert_id.encoded))))
