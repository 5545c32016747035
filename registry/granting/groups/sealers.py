"""Sealing of a group's pending licences, here or in other processes: page, seal, judgement.

What is made has not left: its digests are journalled, it is stored and registered by who asked.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ca.recorder import SigningEvent
from core.clock import Clock
from core.errors import XinyinError
from core.web.problems import is_of_surroundings
from registry.granting.drawing import Drawing
from registry.granting.granting import GrantStep
from registry.granting.groups import messages
from registry.granting.reservation import PendingGrant
from registry.revisions.record import NewRevision
from registry.revisions.registering import read_fresh
from registry.types.catalogue import parse_once
from signing.seal_check.protection import Protection

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SealingTask:
    """A pending licence that is to be rendered and sealed."""

    pending: PendingGrant
    definition: str
    """Source of its type's definition at the time of its reservation."""


@dataclass(frozen=True, slots=True)
class SealedLicence:
    """A sealed document with what was found of it."""

    pdf: bytes
    new: tuple[NewRevision, ...]
    protection: Protection


@dataclass(frozen=True, slots=True)
class Sealed:
    """Result of an order: a document, or an error."""

    made: SealedLicence | None
    error: XinyinError | None = None
    signed: tuple[SigningEvent, ...] = ()
    """Timestamp tokens made for it, also where it came to nothing."""


Wait = Callable[[], list[Sealed]]
"""Returns what came of orders, in their order, once all are done."""


class Sealers(Protocol):
    """Place where orders are carried out."""

    def begin(self, orders: Sequence[SealingTask]) -> Wait:
        """Begin to carry out orders."""
        ...


class UnexpectedFaultError(XinyinError):
    """A fault of ours at one order; the others go on."""


@dataclass(frozen=True, slots=True)
class LicenceSealer:
    """Carries out orders, one after the other."""

    drawing: Drawing
    clock: Clock
    roots: Callable[[], tuple[bytes, ...]]
    turn: AbstractContextManager[object]
    """Held while a document is made: keys, and what they sign for, are one thread's."""
    on_step: Callable[[GrantStep], None] = lambda _: None

    def begin(self, orders: Sequence[SealingTask]) -> Wait:
        """Return the carrying out, which begins when it is waited for.

        A fault of what all need is what comes of the orders after it too, untried.
        """

        def wait() -> list[Sealed]:
            found: list[Sealed] = []
            fault: Sealed | None = None
            for one in orders:
                found.append(fault or self.carry_out(one))
                error = found[-1].error
                if error is not None and is_of_surroundings(error):
                    fault = Sealed(None, error)
            return found

        return wait

    def carry_out(self, order: SealingTask) -> Sealed:
        """Carry out one order; an error is part of what came of it."""
        with self.turn:
            return self._carry_out(order)

    def _carry_out(self, order: SealingTask) -> Sealed:
        signed = self.drawing.room.signed
        try:
            made = self._sealed(order)
            error = None
        except XinyinError as fault:
            made, error = None, fault
        except Exception:  # noqa: BLE001  # one row's, whatever it is: the others of its group are reserved
            _log.exception("a page was not sealed", extra={"code": UnexpectedFaultError.code})
            made, error = None, UnexpectedFaultError(messages.SEALING_FAULT)
        with signed.handing_over() as events:
            return Sealed(made, error, tuple(events))

    def _sealed(self, order: SealingTask) -> SealedLicence:
        drawn = self.drawing.draw(order.pending, parse_once(order.definition))
        self.on_step(GrantStep.RENDERED)
        sealed = self.drawing.room.seal(drawn, in_group=True)
        self.on_step(GrantStep.SEALED)
        found = read_fresh(sealed.pdf, sealed.revisions, self.roots(), self.clock.now())
        return SealedLicence(sealed.pdf, found.revisions, found.protection)
