"""The job process: carries out what jobs there are, sealed by a process a core, then waits a while
for more.

It tells its server how many rows came to what, and what it met; that closes its end to have it
finish what it has begun and end.
"""

import logging
import os
import select
import socket
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing, suppress
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

from core.errors import ConfigurationError, XinyinError
from core.log import about
from core.nursery import framed, told_of
from core.processes import die_with, usable_cores
from home.jobs import messages
from keys.pkcs11_module import is_any_stuck

if TYPE_CHECKING:
    from home.wiring import Home

IDLE_SECONDS: Final = 120.0
"""Time without a job after which it ends: an hour of idle processes for a job a day is too much."""
LOOK_SECONDS: Final = 2.0
"""Between two looks for a job."""
_GENTLE: Final = 5
"""By how much the work is nicer than the answers of the server, where the system allows."""
_SENT_WITHIN: Final = 5.0

_log = logging.getLogger(__name__)


class Message(Enum):
    """Kind of what the server is told."""

    BEGUN = auto()
    """With the process's id."""
    ROWS = auto()
    """With how many rows came to what since."""
    TAKEN_OVER = auto()
    """With how many chunks of dead workers were leased out again since."""
    FAULT = auto()
    """With an error of the surroundings."""
    ENDED = auto()
    """It ends as it should."""


class _Server:
    """The server, as this process reaches it: nothing waits for it."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        channel.setblocking(False)
        self._rows = Counter[str]()
        self._taken_over = 0
        self._unsent = bytearray(framed((Message.BEGUN, os.getpid())))
        self._over = False
        self._turn = threading.Lock()
        """Rows are counted by another thread than the one that sends."""

    def count(self, outcome: str) -> None:
        with self._turn:
            self._rows[outcome] += 1

    def count_takeover(self) -> None:
        with self._turn:
            self._taken_over += 1

    def tell(self, kind: Message, value: Any = None) -> None:
        self._unsent += framed((kind, value))
        self._send()

    def is_over(self) -> bool:
        """Tell whether the server wants an end, or is gone; send it what is counted."""
        with self._turn:
            rows, self._rows = self._rows, Counter()
            taken_over, self._taken_over = self._taken_over, 0
        if rows:
            self._unsent += framed((Message.ROWS, dict(rows)))
        if taken_over:
            self._unsent += framed((Message.TAKEN_OVER, taken_over))
        self._send()
        with suppress(BlockingIOError):
            self._over |= not self._channel.recv(1)
        return self._over

    def wait(self, seconds: float) -> None:
        """Wait, at most until the server wants an end."""
        if not self._over:
            select.select([self._channel], [], [], seconds)

    def farewell(self) -> None:
        self.is_over()
        self.tell(Message.ENDED)
        self._channel.settimeout(_SENT_WITHIN)
        self._channel.sendall(self._unsent)

    def _send(self) -> None:
        with suppress(BlockingIOError):
            while self._unsent:
                del self._unsent[: self._channel.send(self._unsent)]


def carry_out_jobs(home: "Home", channel: socket.socket) -> None:
    """Carry out jobs until there has been none for a while, or the server ends."""
    die_with(os.getppid())
    with suppress(OSError):  # a service manager may forbid it
        os.nice(_GENTLE)
    server = _Server(channel)
    with about(duty="jobs"):
        try:
            _work(home, server)
        except XinyinError as error:
            server.tell(Message.FAULT, told_of(error))
        server.farewell()


def _work(home: "Home", server: _Server) -> None:
    from home.identity.file import FILE_NAME, read_identity_file  # noqa: PLC0415  # loaded by few processes
    from home.identity.sign_in import open_desk, open_rights, open_workers  # noqa: PLC0415
    from home.sealers import open_pool  # noqa: PLC0415

    file = read_identity_file(home.directory)
    if file is None:
        raise ConfigurationError(messages.identity_file_gone(str(home.directory / FILE_NAME)))
    jobs = home.settings.issuing.sealing_processes or usable_cores()
    with closing(home), ExitStack() as opened:
        sealers = opened.enter_context(open_pool(home, jobs)) if jobs > 1 else None
        desk = open_desk(home, open_rights(home, file), server.count, sealers)
        workers = open_workers(home, desk, server.count_takeover)
        idle_since = time.monotonic()
        while not server.is_over():
            if workers.is_anything_there():
                try:
                    workers.work(lambda: server.is_over() or is_any_stuck())
                except XinyinError as error:
                    server.tell(Message.FAULT, told_of(error))
                if is_any_stuck():  # one that is begun anew may do better
                    return
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since >= IDLE_SECONDS:
                return
            server.wait(LOOK_SECONDS)
