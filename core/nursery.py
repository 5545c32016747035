"""Nursery: a fork that opens nothing, made before any key or connection is open, of which others
are forked later.

Each fork has one descriptor to whoever asked for it, and ends with that. Frames are a length
(4 bytes, big-endian) and a pickle: both ends are one program, and nobody else has the other end.
"""

import gc
import os
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NoReturn

from core.errors import XinyinError
from core.packing import packed

HEAD: Final = struct.Struct(">I")

Work = Callable[[socket.socket], None]
"""Work of a fork, with the socket to whoever asked for it."""

_askers: Final[list[socket.socket]] = []
"""In a fork: the socket to whoever asked for it."""


def start_nursery(work: Work) -> socket.socket:
    """Fork the nursery; return where it is handed the sockets of forks to be.

    To be called while this process has one thread, and no key, token or connection open. Neither
    the nursery nor its forks heed SIGTERM, which a service manager sends to all at once: they end
    with whoever asked for them.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # what is loaded stays shared
    if os.fork() == 0:
        ours.close()
        for asker in _askers:  # else who asked for this fork would not see its death
            asker.close()
        _askers.clear()
        _end_after(lambda: _nurse(theirs, work))
    gc.unfreeze()
    theirs.close()
    return ours


def ask_for_fork(nursery: socket.socket) -> socket.socket:
    """Return the socket of a new fork. Raises `OSError` where the nursery is gone."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            socket.send_fds(nursery, [b"W"], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
    return ours


def framed(value: object) -> memoryview:
    """Return a frame."""
    frame = packed(value, HEAD.size)
    HEAD.pack_into(frame, 0, len(frame) - HEAD.size)
    return frame


def told_of(error: XinyinError) -> tuple[type[XinyinError], Any, dict[str, Any]]:
    """Return an error as a frame holds it."""
    return type(error), error.text, dict(error.details)


def error_of(told: tuple[type[XinyinError], Any, dict[str, Any]]) -> XinyinError:
    """Return the error that a frame holds."""
    kind, text, details = told
    error = kind.__new__(kind)
    XinyinError.__init__(error, text, **details)
    return error


def _nurse(asked: socket.socket, work: Work) -> None:
    """Fork for each socket that comes, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's is for the parent to deal with
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _, _ = socket.recv_fds(asked, 1, 1)
        if not request:
            return
        if os.fork() == 0:
            asked.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            asker = socket.socket(fileno=descriptors[0])
            _askers.append(asker)
            _end_after(partial(work, asker))
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
