"""Following of work at a server until it is over, whatever it is."""

import time
from collections.abc import Callable, Collection
from typing import Final

from cli.remote.desk import JsonObject
from core.errors import UnreachableError

_PATIENCE: Final = 10
"""Tries in a row at a server that is away."""
_PAUSE: Final = 2.0
"""Seconds between them."""
_LONGEST_PAUSE: Final = 60.0


def follow(
    look: Callable[[], tuple[JsonObject, float]],
    tell: Callable[[JsonObject], None],
    under_way: Collection[str],
) -> JsonObject:
    """Return the work once its state is none of `under_way`; `tell` of each look at it.

    `look` returns it with the seconds until it is worth another look. A server that is away for a
    while is waited for: the work goes on by itself. Raises `UnreachableError`.
    """
    away = 0
    while True:
        try:
            found, pause = look()
        except UnreachableError:
            away += 1
            if away > _PATIENCE:
                raise
            time.sleep(_PAUSE)
            continue
        away = 0
        tell(found)
        if found["state"] not in under_way:
            return found
        time.sleep(min(pause, _LONGEST_PAUSE))
