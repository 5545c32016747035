"""Judging as of a moment, also where pyHanko's engine would ask the machine's clock.

Its past certificate validation (ETSI EN 319 102-1 5.6.2.1) starts from "now" whatever time it was
given, so that the same file would be judged otherwise at another hour. As in `names`, the library
is changed in this one place.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

from pyhanko.sign.validation import ades
from pyhanko_certvalidator.ltv import ades_past

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


class _Datetime(datetime):
    """`datetime`, but `now` is the moment that is judged."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        moment = _moment.get()
        return datetime.now(tz) if moment is None else moment.astimezone(tz)


@contextmanager
def judged_at(moment: datetime) -> Iterator[None]:
    """Let the engine take `moment` for the present, in this context only."""
    _install()
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


@cache
def _install() -> None:
    for module in (ades, ades_past):
        changed: Any = module
        changed.datetime = _Datetime
