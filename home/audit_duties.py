"""Periodic duties of a service for the audit."""

from datetime import timedelta

from ca.ocsp.answer_counts import EVERY
from core.schedule import Duty
from home.wiring import Home

_LOOK_EVERY = timedelta(seconds=30)
"""How often it is seen whether a head is due: it may be late by so much."""


def count_answers(home: Home) -> list[Duty]:
    """Return the duty of every process that signs OCSP answers: to record how many.

    Closing its home records those since.
    """
    return [Duty("ocsp-counts", EVERY, home.audit.answers.record)]


def sign_heads(home: Home) -> list[Duty]:
    """Return the duty of one process of all: to sign where the audit ends.

    Opens the audit's key, so that what stands in its way is known at once and nobody is asked for a
    passphrase later.
    """
    signer = home.audit.signer
    signer.open_key()

    def sign() -> None:
        signer.sign_if_due()

    return [Duty("audit-head", _LOOK_EVERY, sign)]
