"""Slowing of clients that guess: each wrong guess makes the next wait twice as long.

Counted by client alone, never by what was guessed at: nobody can lock a record for others.
"""

import math
from dataclasses import dataclass

from core.clock import Monotonic
from core.web.limits.levels import BucketLevel, Levels, LocalLevels
from core.web.limits.throttling import MAX_CLIENTS, TooManyRequestsError


@dataclass(frozen=True, slots=True)
class SetbackRule:
    """The waits after wrong guesses: 2 s after the first that is not free, then 4, 8, …"""

    free: int = 5
    """Slips of an office of 200; a guesser gains nothing by so few."""
    most_seconds: float = 900.0
    forgotten_after: float = 300.0
    """Seconds after which one wrong guess fewer is held against the client."""


class Setbacks:
    """Wrong guesses of each client; bounded memory, no timers."""

    def __init__(
        self,
        rule: SetbackRule,
        monotonic: Monotonic,
        *,
        levels: Levels | None = None,
        name: str = "",
    ) -> None:
        """`levels` may be shared by processes and by others' levels, of other names."""
        self._rule = rule
        self._monotonic = monotonic
        self._levels = LocalLevels(MAX_CLIENTS) if levels is None else levels
        self._name = name

    def require(self, client: str) -> None:
        """Raise `TooManyRequestsError` while the client has to wait."""
        level = self._levels.get(self._name + client)
        left = 0.0 if level is None else level.until - self._monotonic()
        if left > 0:
            raise TooManyRequestsError(math.ceil(left), "wrong_claims")

    def add(self, client: str) -> None:
        """Count a wrong guess."""
        rule, now = self._rule, self._monotonic()
        level = self._levels.get(self._name + client)
        held = 0.0
        if level is not None:
            held = max(0.0, level.value - (now - level.at) / rule.forgotten_after)
        held += 1
        over = min(held - rule.free, 64.0)  # 2 ** 64 s is beyond any bound, and a float
        wait = min(rule.most_seconds, 2.0**over) if over > 0 else 0.0
        self._levels.put(self._name + client, BucketLevel(held, now, now + wait))
