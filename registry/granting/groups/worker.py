"""Processes that seal, forks of a nursery (`core.nursery`).

A worker opens keys, tokens and its own connection to the database, which no two processes may
share, and keeps them open. Over its one descriptor to its parent orders come and documents go.
"""

import os
import pickle
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import Any, Final

from core.errors import XinyinError
from core.nursery import HEAD, error_of, framed, told_of
from keys.model import is_stuck
from registry.granting.groups.sealers import LicenceSealer, Sealed, SealingTask

_LOOK_SECONDS: Final = 1.0
"""Age at most of the last look that found a seal usable."""

OpenSealer = Callable[[], AbstractContextManager[LicenceSealer]]


def pack_sealed(sealed: Sealed) -> memoryview:
    """Return the frame of what came of an order."""
    told = None if sealed.error is None else told_of(sealed.error)
    return framed((sealed.made, told, sealed.signed))


def unpack_sealed(body: bytes | memoryview) -> Sealed | None:
    """Return the result that a frame holds; None where the worker leaves."""
    found = pickle.loads(body)  # noqa: S301  # from our own fork
    if found is None:
        return None
    made, told, signed = found
    error = None if told is None else error_of(told)
    return Sealed(made, error, signed)


def seal_orders(open_sealer: OpenSealer, parent: socket.socket) -> None:
    """Carry out orders until there are no more, or until another process may do better: where keys
    or database could not be opened, or a token gives no answer.
    """
    parent.sendall(framed(os.getpid()))
    with ExitStack() as opened:
        looked: dict[tuple[Any, Any], float] = {}
        is_open = False
        try:
            sealer = opened.enter_context(open_sealer())
        except XinyinError as error:  # database or token are away
            carry_out: Callable[[SealingTask], Sealed] = partial(_refused, error)
        else:
            carry_out = partial(_carried_out, sealer, looked)
            is_open = True
        while (order := _receive(parent)) is not None:
            result = carry_out(order)
            parent.sendall(pack_sealed(result))
            if not is_open or (result.error is not None and is_stuck(result.error)):
                parent.sendall(framed(None))
                return


def _refused(error: XinyinError, _order: SealingTask) -> Sealed:
    return Sealed(None, error)


def _carried_out(
    sealer: LicenceSealer, looked: dict[tuple[Any, Any], float], order: SealingTask
) -> Sealed:
    """Carry out an order under a seal that was usable a moment ago."""
    wanted, now = (order.pending.seal_id, order.pending.level), time.monotonic()
    if now - looked.get(wanted, float("-inf")) > _LOOK_SECONDS:
        try:
            sealer.drawing.room.prepare(*wanted)
        except XinyinError as error:
            return Sealed(None, error)
        looked[wanted] = now
    return sealer.carry_out(order)


def _receive(parent: socket.socket) -> SealingTask | None:
    """Return the next order; None where there are no more. Raises `EOFError`."""
    (length,) = HEAD.unpack(_read(parent, HEAD.size))
    found: SealingTask | None = pickle.loads(_read(parent, length))  # noqa: S301  # our parent's
    return found


def _read(parent: socket.socket, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        part = parent.recv(length - len(found))
        if not part:
            raise EOFError
        found += part
    return bytes(found)


def pid_of(body: bytes | memoryview) -> int:
    """Return the process id that a worker told first."""
    found: int = pickle.loads(body)  # noqa: S301  # as above
    return found
