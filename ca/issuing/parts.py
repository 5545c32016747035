"""Dependencies that every issuer of one home shares."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ca.addresses import PkiAddresses
from ca.ledger import Ledger
from ca.ocsp.answer_counts import AnswerCounts
from ca.profiles.lint import Linter
from ca.profiles.profiles import Profiles, default_profiles
from ca.recorder import Recorder
from core.clock import Clock
from core.ids import Random


@dataclass(frozen=True, slots=True)
class CaParts:
    """Handed in once, at wiring."""

    ledger: Ledger
    recorder: Recorder
    answers: AnswerCounts
    clock: Clock
    random: Random
    linter: Linter
    addresses: PkiAddresses
    profiles: Profiles = field(default_factory=default_profiles)
    """What it issues by, one for every kind."""
    check_clock: Callable[[datetime], None] = lambda _now: None
    """Raises `ClockUntrustedError` where the time just read may not be stated in a token
    (`ca.timestamps.clock_guard`)."""
    services_url: str | None = None
    """Base address of who answers `/pki/ocsp` and `/pki/tsa`, for a process without the services'
    keys; None: they are here."""
