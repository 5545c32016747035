"""The log of every process: one handler, one line a record, one write a line, to stderr.

A line tells its time, level, role and logger, the request or duty that it belongs to, and a code
where there is one. It never tells whom a request is about.
"""

import logging
import os
import select
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Final

from core.log_format import MAX_LINE_BYTES, JsonFormatter, LineFormatter, TextFormatter
from core.metrics import Counter, Metric
from core.settings import OWN_LOGGERS, LogSettings

PATIENCE_SECONDS: Final = 1.0
"""How long a line waits for whoever reads them; then lines are dropped until there is room."""
COMMAND: Final = "command"
"""Role of commands, as lines tell it."""
_SAID_BY_ACCESS: Final = frozenset({"Invalid HTTP request received."})
"""Of uvicorn: the access log has a line for it."""

_context: ContextVar[Mapping[str, str] | None] = ContextVar("xinyin_log_context", default=None)
_log = logging.getLogger(__name__)


class LineHandler(logging.Handler):
    """Writes lines to a descriptor, and counts them by level."""

    def __init__(self, descriptor: int, formatter: LineFormatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.lines = Counter("xinyin_log_lines_total", "Lines logged, by level.")
        self.dropped = Counter(
            "xinyin_log_lines_dropped_total", "Lines that nobody took in time, by level."
        )
        self._descriptor = descriptor
        self._is_stuck = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; never raises, and never waits for long."""
        for name, value in (_context.get() or {}).items():
            record.__dict__.setdefault(name, value)
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001  # the log must not end what it tells of
            record.msg, record.args, record.exc_info = "a malformed call of the log", (), None
            line = self.format(record)
        level = record.levelname.lower()
        written = self._write(line.encode("utf-8", "backslashreplace"))
        (self.lines if written else self.dropped).add(level=level)

    def _write(self, line: bytes) -> bool:
        """Write a line whole or not at all; tell which."""
        whole = line[: MAX_LINE_BYTES - 1].decode("utf-8", "ignore").encode() + b"\n"
        waiting = select.poll()
        waiting.register(self._descriptor, select.POLLOUT)
        try:
            if not waiting.poll(0 if self._is_stuck else PATIENCE_SECONDS * 1000):
                self._is_stuck = True
                return False
            self._is_stuck = False
            return os.write(self._descriptor, whole) == len(whole)
        except OSError:  # nobody reads any more
            return False


def configure(
    settings: LogSettings, *, role: str, service: bool = True, descriptor: int = 2
) -> None:
    """Set up the log of this process; called again, it replaces what was set up before.

    Our loggers have the levels of the settings, all others log warnings and worse; commands log
    warnings and worse: as text, where they speak in sentences to whoever called them, only at the
    level debug, but for their own faults. In a service, what ends a thread or
    the process is logged too.
    """
    as_json = is_json(settings, service=service, descriptor=descriptor)
    formatter = (JsonFormatter if as_json else TextFormatter)(role, frozenset(OWN_LOGGERS))
    root = logging.getLogger()
    for handler in _installed():
        root.removeHandler(handler)
    handler = LineHandler(descriptor, formatter)
    if not (service or as_json or settings.level == "debug"):
        handler.addFilter(_is_of_the_command)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    levels = dict.fromkeys((*OWN_LOGGERS, "uvicorn"), settings.level) | settings.level_of_each()
    for name, level in levels.items():
        number = logging.getLevelNamesMapping()[level.upper()]
        logging.getLogger(name).setLevel(number if service else max(number, logging.WARNING))
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    if service:
        logging.captureWarnings(capture=True)
        sys.excepthook = _end_of_process
        threading.excepthook = _end_of_thread


def is_json(settings: LogSettings, *, service: bool, descriptor: int = 2) -> bool:
    """Tell which form the settings mean.

    By default text on a terminal, JSON of a service elsewhere; commands write JSON where systemd
    runs them (`JOURNAL_STREAM`), and text for whoever called them elsewhere.
    """
    if settings.format != "auto":
        return settings.format == "json"
    if os.isatty(descriptor):
        return False
    return service or _is_journal(descriptor)


def form() -> str | None:
    """Return the form of this process's lines, text or json; None where none was set up."""
    for one in _installed():
        return "json" if isinstance(one.formatter, JsonFormatter) else "text"
    return None


def log_metrics() -> list[Metric]:
    """Return the counters of this process's log; none where none was set up."""
    return [metric for one in _installed() for metric in (one.lines, one.dropped)]


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Put fields of `log_format.FIELDS` into all lines that are logged within the block."""
    token = _context.set({**(_context.get() or {}), **fields})
    try:
        yield
    finally:
        _context.reset(token)


def name_request(request_id: str) -> None:
    """Put a request's id into all lines of this task, and of threads that work for it."""
    _context.set({"request_id": request_id})


def current_request_id() -> str | None:
    """Return the id of the request that is being answered, None outside of any."""
    return (_context.get() or {}).get("request_id")


def _installed() -> list[LineHandler]:
    return [one for one in logging.getLogger().handlers if isinstance(one, LineHandler)]


def _is_journal(descriptor: int) -> bool:
    """Tell whether systemd reads what is written there (systemd.exec(5), JOURNAL_STREAM)."""
    found = os.fstat(descriptor)
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _is_of_the_command(record: logging.LogRecord) -> bool:
    return record.name.startswith("cli.")


def _is_news(record: logging.LogRecord) -> bool:
    return record.msg not in _SAID_BY_ACCESS


def _end_of_process(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    _log.critical("the process ends on an error", exc_info=(kind, error, trace))


def _end_of_thread(end: threading.ExceptHookArgs) -> None:
    if end.exc_value is not None:
        error = (end.exc_type, end.exc_value, end.exc_traceback)
        _log.critical("a thread ended on an error", exc_info=error)
