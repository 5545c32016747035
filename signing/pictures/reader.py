"""Reader of strangers' pictures: the side that never parses one.

A process of its own has them decoded by forks, held by the kernel to computing
(`signing.workers`). What comes back are colours: a decoder that the file took over can choose
these for its own file, and has no format in which to hand anything further.
"""

import logging
import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from core.errors import UnreachableError
from signing.limits import DEFAULT_LIMITS, Limits
from signing.pictures import messages
from signing.pictures.wire import (
    BROKEN,
    OPENS,
    OUT_OF_BOUNDS,
    PIXELS,
    Bounds,
    Pixels,
    decode_pixels,
    encode_request,
)
from signing.workers.confinement import Confinement
from signing.workers.process import MOST_FRAMES, WorkerFailedError, WorkerProcess

_log = logging.getLogger(__name__)
LIMITS: Final = replace(DEFAULT_LIMITS, memory_bytes=768 * 1024 * 1024)
"""16 megapixels with transparency take 64 MiB a layer, of which there are four at once."""
PROCESSES: Final = 2
"""Pictures that are decoded at once: a hostile one may take a core for seconds."""
PATIENCE: Final = 30.0
"""Seconds for which a caller waits for the turn."""
_MOST_BYTES: Final = MOST_FRAMES * 1024 * 1024
"""Of the answers of one fork; a portrait that is kept takes 0.9 MiB."""
_TOGETHER_BYTES: Final = 1024 * 1024
"""Files that share a fork; larger ones take so long that a fork of their own costs little."""


class BadPictureError(Exception):
    """A picture that is refused."""


class OutOfBoundsError(BadPictureError):
    """Its sides are not what they may be."""


class BrokenPictureError(BadPictureError):
    """No sound picture of a kind that is taken."""


class UnreadPictureError(BadPictureError):
    """Nobody knows: its process ended, or took too long."""


class UnconfinedReaderError(UnreachableError):
    """The kernel does not confine what would read the picture, so that none is read."""


class PictureReader:
    """Reads pictures for whichever thread asks. Its processes start when they are first needed;
    to be closed, or used as a context manager.

    Methods raise `BadPictureError`; `UnconfinedReaderError`, and `UnreachableError` where all
    processes are busy for long.
    """

    def __init__(
        self,
        confinement: Confinement = Confinement.REQUIRE,
        limits: Limits = LIMITS,
        *,
        processes: int = PROCESSES,
        patience: float = PATIENCE,
    ) -> None:
        self._all = [
            _Worker("signing.pictures.worker", limits, _MOST_BYTES, confinement)
            for _ in range(processes)
        ]
        self._patience = patience
        # The last one that was given back is warm, so that one thread alone starts one process.
        self._free: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for one in reversed(self._all):
            self._free.put(one)

    def pixels(self, data: bytes, bounds: Bounds) -> Pixels:
        """Return a JPEG's or PNG's pixels, upright, on white, scaled down to what is kept."""
        (answer,) = self._ask(PIXELS, bounds, [data])
        return _pixels(answer, bounds)

    def pixels_of(self, files: Sequence[bytes], bounds: Bounds) -> list[Pixels | BadPictureError]:
        """Return the pixels of several files, or each one's error, at less cost than `pixels`.

        Small ones share a fork: one that takes it over could choose the colours of those after
        it, no more. Where a fork ends early each of its files is read by itself.
        """
        found: list[Pixels | BadPictureError] = []
        for group in _groups(files):
            try:
                answers = self._ask(PIXELS, bounds, group) if len(group) > 1 else []
            except UnreadPictureError:
                answers = []
            for at, data in enumerate(group):
                try:
                    known = _pixels(answers[at], bounds) if answers else self.pixels(data, bounds)
                except BadPictureError as error:
                    found.append(error)
                else:
                    found.append(known)
        return found

    def check(self, data: bytes, bounds: Bounds) -> None:
        """See that a JPEG, PNG or TIFF can be opened."""
        (answer,) = self._ask(OPENS, bounds, [data])
        _refuse_bad(answer)
        if answer != OPENS:
            raise UnreadPictureError

    def _ask(self, kind: bytes, bounds: Bounds, files: Sequence[bytes]) -> list[memoryview]:
        """Return an answer about each file."""
        with self._one() as worker:
            try:
                answers = worker.ask_started(encode_request(kind, bounds, *files))
            except WorkerFailedError as error:
                if error.code == "unconfined":  # no fault of the picture's
                    raise UnconfinedReaderError(messages.UNCONFINED) from error
                _log.warning("a picture's worker failed", extra={"code": error.code})
                raise UnreadPictureError from error
        if len(answers) != len(files) or any(one[:1] != b"A" for one in answers):
            raise UnreadPictureError
        return [memoryview(one)[1:] for one in answers]

    @property
    def pids(self) -> list[int]:
        """Numbers of the processes that run."""
        return [one.pid for one in self._all if one.pid is not None]

    def close(self) -> None:
        """End the processes."""
        for one in self._all:
            one.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _one(self) -> Iterator["_Worker"]:
        try:
            worker = self._free.get(timeout=self._patience)
        except queue.Empty as error:
            raise UnreachableError(messages.ALL_BUSY) from error
        try:
            yield worker
        finally:
            self._free.put(worker)


def _pixels(answer: memoryview, bounds: Bounds) -> Pixels:
    """Return the pixels of an answer. Raises `BadPictureError`."""
    _refuse_bad(answer)
    try:
        return decode_pixels(answer, bounds)
    except ValueError as error:
        raise UnreadPictureError from error


def _refuse_bad(answer: memoryview) -> None:
    if answer == OUT_OF_BOUNDS:
        raise OutOfBoundsError
    if answer == BROKEN:
        raise BrokenPictureError


def _groups(files: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Group files, in their order, so that a fork has little to do."""
    group: list[bytes] = []
    for data in files:
        if group and (
            len(group) == MOST_FRAMES or sum(map(len, group)) + len(data) > _TOGETHER_BYTES
        ):
            yield group
            group = []
        group.append(data)
    if group:
        yield group


class _Worker(WorkerProcess):
    """One process, started when it is first asked."""

    def ask_started(self, request: bytes) -> list[bytes]:
        """Return the answer for one picture. Raises `WorkerFailedError`."""
        if self.pid is None:
            self.start()
        return self.ask(request)
