"""Intake of files to be sealed: the side that never parses one."""

import json
import logging
import struct
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from core.errors import UnreachableError
from signing.intake import messages
from signing.intake.drawing.page_pictures import PagePicture, read_picture
from signing.intake.report import Hazard, IntakeFinding, TakenFile, decode
from signing.limits import DEFAULT_LIMITS, Limits
from signing.workers.confinement import Confinement
from signing.workers.process import WorkerFailedError, WorkerProcess

_log = logging.getLogger(__name__)
_ROOM = 16 * 1024 * 1024
"""Beside the file itself: what a cross-reference table and flat pages may add."""
_SEAL_ROOM = 2 * 1024 * 1024
"""For the seal and what archives add over the years."""
_BOX = 5
_MOST_WORD = 200
_TOGETHER = 32
"""Pages that one fork draws where none of them is slow."""
_DRAWN_SECONDS = 60.0
"""For all pages of a file together; a page of text takes some 20 ms."""


@dataclass(frozen=True, slots=True)
class WordPlace:
    """A place of a word on a page (from 1), in the page's own coordinates."""

    page: int
    left: float
    bottom: float
    right: float
    top: float


class UnconfinedIntakeError(UnreachableError):
    """The kernel does not confine what would read the file, so that no file is read."""


class Intake:
    """Takes files in, one after the other; to be closed, or used as a context manager."""

    def __init__(
        self,
        limits: Limits = DEFAULT_LIMITS,
        confinement: Confinement = Confinement.REQUIRE,
    ) -> None:
        self._limits = limits
        most = 2 * limits.file_bytes + _ROOM
        self._worker = WorkerProcess("signing.intake.worker", limits, most, confinement)
        self._started = False

    def take(self, data: bytes, *, clean: bool) -> TakenFile:
        """Return the file as it can be sealed, or why not; never raises for what it is.

        What one fork wrote another judges, which never saw the file: one that the file took over
        can hand back nothing but what a file that is given in may be.

        Raises `UnconfinedIntakeError` where no file can be judged.
        """
        if len(data) > self._limits.file_bytes:
            return _refused(Hazard.LIMIT, "size")
        if b"%PDF-" not in data[:1024]:
            return _refused(Hazard.DAMAGED, "%PDF")
        try:
            taken = decode(self._ask(b"T" + (b"\1" if clean else b"\0") + data))
            if taken.pdf:
                taken = _confirmed(taken, decode(self._ask(b"T\0" + taken.pdf)))
        except ValueError:
            return _refused(Hazard.LIMIT, "answer")
        except WorkerFailedError as error:
            _log.warning("an intake worker failed", extra={"code": error.code})
            return _refused(Hazard.LIMIT, error.code)  # a fork that died is no proof of damage
        if len(taken.pdf) > self._limits.file_bytes - _SEAL_ROOM:
            return _refused(Hazard.LIMIT, "size")  # nobody could verify it
        return taken

    def find(self, data: bytes, word: str) -> tuple[WordPlace, ...]:
        """Return the places of a word in a file that was taken in.

        Raises `UnreachableError` where it could not be looked for, `UnconfinedIntakeError`.
        """
        encoded = word[:_MOST_WORD].encode()
        try:
            found = json.loads(self._ask(b"W" + struct.pack(">H", len(encoded)) + encoded + data))
            return tuple(_place(one) for one in found)
        except (WorkerFailedError, ValueError, TypeError) as error:
            raise UnreachableError(messages.NOT_LOOKED_FOR) from error

    def picture(self, data: bytes, page: int, wide: int) -> PagePicture:
        """Return a page (from 1) of a file of ours or one that was taken in, so many dots wide.

        Raises `UnreachableError` where it could not be drawn, `UnconfinedIntakeError`.
        """
        try:
            return read_picture(self._ask(b"P" + struct.pack(">II", page, wide) + data))
        except (WorkerFailedError, ValueError) as error:
            raise UnreachableError(messages.NOT_DRAWN) from error

    def undrawn(self, data: bytes, pages: int, wide: int) -> int | None:
        """Return the first page of a file that was taken in of which no picture can be drawn in
        time, so many dots wide; None where all can be.

        Raises `UnconfinedIntakeError`.
        """
        until = time.monotonic() + _DRAWN_SECONDS
        page, together = 1, _TOGETHER
        while page <= pages:
            if time.monotonic() > until:
                return page
            last = min(pages, page + together - 1)
            try:
                drawn = self._drawn(data, page, last, wide)
            except (WorkerFailedError, struct.error, ValueError) as error:
                if together == 1:
                    _log.warning("a page was not drawn", extra={"code": _code_of(error)})
                    return page
                together = 1  # it is one of these: which one, each by itself tells
                continue
            if drawn == 0:
                return page
            page += drawn
        return None

    def _drawn(self, data: bytes, first: int, last: int, wide: int) -> int:
        """Return the number of pages drawn. Raises `ValueError` for anything but a number."""
        answer = self._ask(b"D" + struct.pack(">III", first, last, wide) + data)
        (drawn,) = struct.unpack(">I", answer)
        if drawn > last - first + 1:
            raise ValueError("not a number of pages")
        return int(drawn)

    def attachment(self, data: bytes, name: str) -> bytes | None:
        """Return a file within a PDF; None unless there is exactly one of that name.

        Raises `UnreachableError` where it could not be looked for, `UnconfinedIntakeError`.
        """
        encoded = name[:_MOST_WORD].encode()
        try:
            found = self._ask(b"M" + struct.pack(">H", len(encoded)) + encoded + data)
        except WorkerFailedError as error:
            raise UnreachableError(messages.NOT_LOOKED_INTO) from error
        return found[1:] if found[:1] == b"\1" else None

    def _ask(self, frame: bytes) -> bytes:
        if not self._started:
            self._worker.start()
            self._started = True
        try:
            answer, *more = self._worker.ask(frame)
        except WorkerFailedError as error:
            if error.code == "unconfined":  # no fault of the file's
                raise UnconfinedIntakeError(messages.UNCONFINED) from error
            raise
        if more or answer[:1] != b"A":
            raise WorkerFailedError("worker_died")
        return answer[1:]

    @property
    def pid(self) -> int | None:
        """Number of the process; None where it does not run."""
        return self._worker.pid

    def close(self) -> None:
        """End the process."""
        self._worker.stop()
        self._started = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _refused(hazard: Hazard, detail: str) -> TakenFile:
    return TakenFile((IntakeFinding(hazard, 0, detail),))


def _confirmed(taken: TakenFile, again: TakenFile) -> TakenFile:
    """Return the file, if it comes out the same again and nothing is found in it."""
    if again.findings or again.pdf != taken.pdf or again.pages != taken.pages:
        finding = IntakeFinding(Hazard.DAMAGED, 0, "rewritten")
        return TakenFile((finding, *taken.findings))
    return taken


def _code_of(error: Exception) -> str:
    return error.code if isinstance(error, WorkerFailedError) else "worker_died"


def _place(one: object) -> WordPlace:
    if not isinstance(one, list) or len(one) != _BOX:
        raise ValueError("not a place")
    if not all(type(value) is float and abs(value) < 1e7 for value in one):  # noqa: PLR2004
        raise ValueError("not a place")
    return WordPlace(int(one[0]), *one[1:])
