"""Processes that seal: a nursery, forked before any key or connection is open, and its forks.

The nursery opens nothing. For each worker it forks itself; the worker opens keys, tokens and its
own connection to the database, which no two processes may share, and keeps them open. A worker has
one descriptor to its parent, over which orders come and documents go, and ends with it.

Frames are a length (4 bytes, big-endian) and a pickle: both ends are one program, and nobody else
has the other end.
"""

import gc
import os
import pickle
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import fields
from functools import partial
from io import BytesIO
from operator import attrgetter
from typing import Any, Final, NoReturn

from ca.recorder import SigningEvent
from core.errors import XinyinError
from core.text import Text
from registry.granting.groups.sealers import LicenceSealer, Sealed, SealedLicence, SealingTask
from registry.granting.reservation import PendingGrant
from registry.model import Holder, Licence
from registry.revisions.judgements import Judgement
from registry.revisions.record import NewRevision
from signing.algorithm_ends import AlgorithmSuite
from signing.report import SignatureReport
from signing.seal_check.protection import Protection

HEAD: Final = struct.Struct(">I")
_LOOK_SECONDS: Final = 1.0
"""Age at most of the last look that found a seal usable."""

OpenSealer = Callable[[], AbstractContextManager[LicenceSealer]]


def start_nursery(open_sealer: OpenSealer) -> socket.socket:
    """Fork the nursery; return where it is handed the sockets of workers to be.

    To be called while this process has one thread, and no key, token or connection open.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # what is loaded stays shared
    if os.fork() == 0:
        ours.close()
        _end_after(lambda: _nurse(theirs, open_sealer))
    gc.unfreeze()
    theirs.close()
    return ours


def ask_for_worker(nursery: socket.socket) -> socket.socket:
    """Return the socket of a new worker. Raises `OSError` where the nursery is gone."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            socket.send_fds(nursery, [b"W"], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
    return ours


_Reduce = Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]]


def _by_fields(kind: Any) -> _Reduce:
    values = attrgetter(*(one.name for one in fields(kind)))
    return lambda one: (kind, values(one))


_PLAIN: Final[dict[type, _Reduce]] = {
    kind: _by_fields(kind)
    for kind in (
        AlgorithmSuite,
        Holder,
        Judgement,
        Licence,
        NewRevision,
        PendingGrant,
        Protection,
        SealedLicence,
        SealingTask,
        SignatureReport,
        SigningEvent,
        Text,
    )
}
"""How records are packed: by their fields. What `dataclasses` does for frozen ones takes thrice as
long."""


def packed(value: object) -> memoryview:
    """Return a frame."""
    written = BytesIO()
    written.write(bytes(HEAD.size))
    pickler = pickle.Pickler(written, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _PLAIN
    pickler.dump(value)
    frame = written.getbuffer()
    HEAD.pack_into(frame, 0, len(frame) - HEAD.size)
    return frame


def pack_sealed(sealed: Sealed) -> memoryview:
    """Return the frame of what came of an order."""
    error = sealed.error
    told = None if error is None else (type(error), error.text, error.details)
    return packed((sealed.made, told, sealed.signed))


def unpack_sealed(body: bytes | memoryview) -> Sealed:
    """Return the result that a frame holds."""
    made, told, signed = pickle.loads(body)  # noqa: S301  # from our own fork
    error: XinyinError | None = None
    if told is not None:
        kind, text, details = told
        error = kind.__new__(kind)
        XinyinError.__init__(error, text, **details)
    return Sealed(made, error, signed)


def _nurse(asked: socket.socket, open_sealer: OpenSealer) -> None:
    """Fork a worker for each socket that comes, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's is for the parent to deal with
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _, _ = socket.recv_fds(asked, 1, 1)
        if not request:
            return
        if os.fork() == 0:
            asked.close()
            channel = socket.socket(fileno=descriptors[0])
            _end_after(partial(_work, channel, open_sealer))
        os.close(descriptors[0])


def _end_after(work: Callable[[], None]) -> NoReturn:
    """End a fork without touching what it has from its parent: connections are the parent's."""
    try:
        work()
        os._exit(0)
    except (EOFError, OSError):  # the parent is gone
        os._exit(0)
    except BaseException:  # noqa: BLE001  # an interpreter would tell of it so
        traceback.print_exc()
    finally:
        os._exit(1)


def _work(parent: socket.socket, open_sealer: OpenSealer) -> None:
    """Carry out orders until there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    parent.sendall(packed(os.getpid()))
    with ExitStack() as opened:
        looked: dict[tuple[Any, Any], float] = {}
        try:
            sealer = opened.enter_context(open_sealer())
        except XinyinError as error:  # database or token are away
            carry_out: Callable[[SealingTask], Sealed] = partial(_refused, error)
        else:
            carry_out = partial(_carried_out, sealer, looked)
        while (order := _receive(parent)) is not None:
            parent.sendall(pack_sealed(carry_out(order)))


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
