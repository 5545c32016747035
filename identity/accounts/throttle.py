"""Throttling of guesses: who fails waits longer each time; nobody is shut out for good.

A guess is counted before it is judged, so that guesses at the same moment, in whichever process,
count as well. Three counts:

- of an account, by whoever fails at it from a browser that never signed in there;
- of a network, whatever account it fails at;
- of a browser that signed in before, which proves so: it waits for neither of the others, so that
  strangers' failures keep nobody from their own account.

Passkeys cannot be guessed and wait for none of them.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from identity.accounts import messages
from identity.accounts.errors import TooManyTriesError

FORGOTTEN_AFTER: Final = timedelta(days=1)
"""Since the last failure."""


class Counted(StrEnum):
    """Kind of a count: those whose failures are counted together."""

    ACCOUNT = "account"
    NETWORK = "network"
    BROWSER = "browser"


FREE: Final = {Counted.ACCOUNT: 5, Counted.NETWORK: 20, Counted.BROWSER: 10}
"""Failures without a wait: an office of 200 behind one address mistypes more than one person."""
LONGEST_WAIT: Final = {
    Counted.ACCOUNT: timedelta(minutes=15),
    Counted.NETWORK: timedelta(minutes=2),
    Counted.BROWSER: timedelta(minutes=15),
}


@dataclass(frozen=True, slots=True)
class Count:
    """Count of failures, under the digest by which it is kept."""

    kind: Counted
    digest: str


@dataclass(frozen=True, slots=True)
class Tries:
    """Failures of one count."""

    failures: int
    last_at: datetime
    not_before: datetime


class TryStore(Protocol):
    """Store of counts, for all workers."""

    def try_(self, counts: tuple[Count, ...], now: datetime) -> None:
        """Count a try with each of the counts, in one step; none where one of them has to wait.

        Raises `TooManyTriesError`.
        """
        ...

    def succeeded(self, counts: tuple[Count, ...]) -> None:
        """Forget the failures of account and browser, and take this try from the network's."""
        ...


def count_of(kind: Counted, whose: str) -> Count:
    """Return the count of an account, a network, a browser."""
    return Count(kind, hashlib.sha256(f"{kind}:{whose}".encode()).hexdigest())


def next_tries(kind: Counted, before: Tries | None, now: datetime) -> Tries:
    """Return the failures with one more try. Raises `TooManyTriesError`."""
    if before is not None and now - before.last_at >= FORGOTTEN_AFTER:
        before = None
    wait = timedelta(0) if before is None else before.not_before - now
    if timedelta(0) < wait <= LONGEST_WAIT[kind]:  # longer: the clock was set back meanwhile
        seconds = max(1, -int(-wait.total_seconds() // 1))
        raise TooManyTriesError(messages.wait(seconds), retry_after=seconds)
    failures = 1 if before is None else before.failures + 1
    return Tries(failures, now, now + wait_after(kind, failures))


def wait_after(kind: Counted, failures: int) -> timedelta:
    """Return the wait before the next try: 1 s, 2 s, 4 s and so on after the free ones."""
    over = failures - FREE[kind]
    if over < 0:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT[kind])
