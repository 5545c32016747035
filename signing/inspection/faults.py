"""Unforeseen exceptions while judging: our failures, told to whoever runs the judging.

Anticipated are those of `objects.READ_ERRORS` on a malformed object. Anything else is collected
here by its type's name alone: messages may hold pieces of the document.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_found: ContextVar[list[str] | None] = ContextVar("faults", default=None)


@contextmanager
def collected() -> Iterator[list[str]]:
    """Collect the names of what is recorded within."""
    found: list[str] = []
    token = _found.set(found)
    try:
        yield found
    finally:
        _found.reset(token)


def record(error: BaseException) -> None:
    """Record an unforeseen exception."""
    found = _found.get()
    if found is not None:
        found.append(type(error).__name__)
