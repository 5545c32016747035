"""What a service does for the audit by itself, again and again."""

from datetime import timedelta

from ca.answer_counts import EVERY
from cli.wiring import Home
from core.schedule import Duty

_LOOK_EVERY = timedelta(seconds=30)
"""How often it is seen whether a head is due: it may be late by so much."""


def audit_duties(home: Home, worker: int = 0) -> list[Duty]:
    """Return them; every process counts its own OCSP answers, the first one signs for all.

    Opens the audit's key, so that what stands in its way is known at once and nobody is asked for a
    passphrase later.
    """
    counts = Duty("ocsp-counts", EVERY, home.audit.answers.record)
    if worker != 0:
        return [counts]
    signer = home.audit.signer
    signer.open_key()

    def sign() -> None:
        signer.sign_if_due()

    return [counts, Duty("audit-head", _LOOK_EVERY, sign)]
