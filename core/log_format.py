"""Lines of the log, as text or JSON: nothing in them can forge a line or name a person.

What is logged by other people's code is shown by its place alone, and an exception by its types
and frames: their words may quote what they were given (names, numbers, SQL parameters).
"""

import errno
import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import PurePath
from traceback import walk_tb
from types import TracebackType
from typing import Final

from core.errors import XinyinError
from core.resident_ids import without_resident_ids
from core.sanitize import visible

MAX_LINE_BYTES: Final = 4096
"""PIPE_BUF on Linux: a write of no more is never mixed with another process's."""
MAX_MESSAGE: Final = 800
"""Characters; with all fields and four bytes each the line is still within its limit."""
MAX_VALUE: Final = 200
MAX_FRAMES: Final = 12
"""Innermost frames of an exception that are shown."""
MAX_CAUSES: Final = 8
"""Exceptions of a chain that are named; a chain may be a circle."""
FIELDS: Final = (
    "method",
    "route",
    "status",
    "duration_ms",
    "bytes",
    "network",
    "code",
    "command",
    "duty",
    "worker",
    "sha256",
    "request_id",
)
"""What a line may say beside its message (`extra` of a logging call), in this order."""
_IN_MESSAGE: Final = frozenset({"method", "route", "status"})
"""Fields that the message of the text format says already."""
_NUMBERS: Final = (int, float)
_LICENCE_IDENTIFIER: Final = re.compile(r"\b1\.2\.156\.3005\.2\.[0-9A-Za-z.]+")
_QUOTED: Final = re.compile("“([^”]*)”")
_HARMLESS: Final = re.compile(r"(?!.*[0-9]{6})[!-~]*")
"""What our messages quote is a setting, a code or a path, or else what somebody typed."""
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_BARE: Final = re.compile(r"[^\s\"=]+")
_TRUSTED: Final = frozenset({"uvicorn"})
"""Other people's loggers whose words quote nothing that a client sent."""

Context = Mapping[str, str]


class LineFormatter(logging.Formatter):
    """Base of both forms. `format` returns one line without its end."""

    def __init__(self, role: str, own: frozenset[str]) -> None:
        """`own` are the top-level names of loggers whose messages are shown."""
        super().__init__()
        self._role = role
        self._shown = own | _TRUSTED
        self._second = (0, "")

    def _time(self, record: logging.LogRecord) -> str:
        """Return the time of a record (RFC 3339, UTC, milliseconds)."""
        second = int(record.created)
        if self._second[0] != second:
            self._second = (second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)))
        return f"{self._second[1]}.{int(record.created * 1000) % 1000:03d}Z"

    def _message(self, record: logging.LogRecord) -> str:
        if record.name.partition(".")[0] in self._shown:
            return clean(record.getMessage(), MAX_MESSAGE)
        place = _place(record.pathname)
        return f"{place}:{record.lineno} {record.funcName} (its words are not shown)"

    def _fields(self, record: logging.LogRecord) -> Iterator[tuple[str, str | int | float]]:
        given = record.__dict__
        for name in FIELDS:
            if name in given and (value := given[name]) is not None:
                yield name, value if isinstance(value, _NUMBERS) else clean(str(value), MAX_VALUE)


class JsonFormatter(LineFormatter):
    """One JSON object a line (RFC 8259), UTF-8."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record; its trace is dropped from the outside where the line is too long."""
        line: dict[str, object] = {
            "time": self._time(record),
            "level": record.levelname.lower(),
            "role": self._role,
            "pid": record.process,
            "logger": _name(record),
            "message": self._message(record),
            **dict(self._fields(record)),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = kind_of(record.exc_info[1])
            line["trace"] = trace = frames_of(record.exc_info[1])
            while trace and _length(_dumps(line)) > MAX_LINE_BYTES:
                del trace[0]
        text = _dumps(line)
        while _length(text) > MAX_LINE_BYTES:  # cut bytes would be no JSON any more
            line["message"] = str(line["message"])[: len(str(line["message"])) // 2]
            text = _dumps(line)
        return text


class TextFormatter(LineFormatter):
    """Time, level, role, process, logger, message, then `field=value`: for people's eyes."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record; an exception is one field, so that a line stays a line."""
        head = f"{self._time(record)} {record.levelname:<8} {self._role}[{record.process}]"
        parts = [f"{head} {_name(record)}: {self._message(record)}"]
        parts += [
            f"{name}={_quoted(str(value))}"
            for name, value in self._fields(record)
            if name not in _IN_MESSAGE
        ]
        if record.exc_info and record.exc_info[1] is not None:
            parts.append(f"error={kind_of(record.exc_info[1])}")
            trace = frames_of(record.exc_info[1])
            while trace and _length(" ".join([*parts, *trace])) >= MAX_LINE_BYTES - 64:
                del trace[0]
            parts.append(f"trace={' > '.join(trace).join('[]')}")
        return " ".join(parts)


@lru_cache(maxsize=1024)  # routes, codes and networks, over and over
def clean(text: str, most: int) -> str:
    """Return `text` on one line, without controls, and without what may name a person.

    That nobody logs such a thing is the callers' rule; this is for the day when one forgets.
    """
    text = without_resident_ids(visible(text, most))
    if "“" in text:
        text = _QUOTED.sub(lambda found: found[0] if _HARMLESS.fullmatch(found[1]) else "“…”", text)
    return _LICENCE_IDENTIFIER.sub("<identifier>", text)


def kind_of(error: BaseException) -> str:
    """Return an exception's type and what of it is a code, with those of its causes; no words."""
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < MAX_CAUSES:
        told.append(_kind(seen))
        seen = _cause(seen)
    return "<-".join(told)


def frames_of(error: BaseException) -> list[str]:
    """Return the innermost frames, outermost first, as `file:line function`.

    They are the frames of the first cause, where the trouble began.
    """
    for _ in range(MAX_CAUSES):
        cause = _cause(error)
        if cause is None:
            break
        error = cause
    return list(_frames(error.__traceback__))[-MAX_FRAMES:]


def _cause(error: BaseException) -> BaseException | None:
    """Return the cause of an exception; of a group the first that it holds."""
    if isinstance(error, BaseExceptionGroup):
        return error.exceptions[0]
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _frames(traceback: TracebackType | None) -> Iterator[str]:
    for frame, line in walk_tb(traceback):
        yield f"{_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"


def _kind(error: BaseException) -> str:
    name = type(error).__name__
    if isinstance(error, XinyinError):
        return f"{name}[{error.code}]"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name}[{errno.errorcode.get(error.errno, error.errno)}]"
    state = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    return f"{name}[{state}]" if isinstance(state, str) and state.isidentifier() else name


def _name(record: logging.LogRecord) -> str:
    """Return the logger's name; uvicorn calls the one for all that it says `uvicorn.error`."""
    return "uvicorn" if record.name == "uvicorn.error" else record.name


def _place(path: str) -> str:
    """Return the end of a source file's path: where this is installed is nobody's business."""
    parts = PurePath(path).parts
    for root in ("site-packages", "dist-packages", "lib"):
        if root in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(root) :])
    return "/".join(parts[-2:])


def _quoted(value: str) -> str:
    return value if _BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def _dumps(line: Mapping[str, object]) -> str:
    return _ENCODER.encode(line)


def _length(line: str) -> int:
    """Return a line's bytes with its end."""
    return (len(line) if line.isascii() else len(line.encode("utf-8", "replace"))) + 1
