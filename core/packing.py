"""Pickles of our own records, for our own processes: dataclasses by their constructors.

What `dataclasses` does for frozen ones takes thrice as long, and checks nothing again.
"""

import pickle
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from io import BytesIO
from operator import attrgetter
from typing import Any, Final


def packed(value: object, before: int = 0) -> memoryview:
    """Return a pickle, behind so many bytes of zero."""
    written = BytesIO()
    written.write(bytes(before))
    pickler = pickle.Pickler(written, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _WAYS
    pickler.dump(value)
    return written.getbuffer()


class _Ways(dict[type, Callable[[Any], Any]]):
    """Ways of packing types, found as they are met."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if not is_dataclass(kind) or any(one.kw_only or not one.init for one in fields(kind)):
            raise KeyError(kind)  # pickle's own way
        names = [one.name for one in fields(kind)]
        if len(names) > 1:
            values = attrgetter(*names)
            way: Callable[[Any], Any] = lambda one: (kind, values(one))  # noqa: E731
        else:
            way = lambda one: (kind, tuple(getattr(one, name) for name in names))  # noqa: E731
        self[kind] = way
        return way


_WAYS: Final = _Ways()
