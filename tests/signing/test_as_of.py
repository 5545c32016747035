"""Judging as of a past instant with what is known today: what came after it does not count."""

from datetime import timedelta

import pytest
from cryptography.x509 import ReasonFlags

from signing.report import Indication, SignatureReport
from signing.sandbox import Sandbox
from signing.validation import validate_pdf
from tests.signing.material import NOW, How, Pki, blank, make_pki, sign

DAY = timedelta(days=1)
REVOKED_ON = 5
"""Days after signing."""


def judged(data: bytes, world: Pki, day: int, *, known_on: int = 10) -> SignatureReport:
    trust = world.trust(at=NOW + known_on * DAY)
    (one,) = validate_pdf(data, trust, NOW + day * DAY).signatures
    return one


def revoked_later(reason: ReasonFlags) -> Pki:
    world = make_pki()
    world.revoked[world.seal.certificate.serial_number] = (NOW + REVOKED_ON * DAY, reason)
    return world


@pytest.mark.parametrize("reason", [ReasonFlags.superseded, ReasonFlags.key_compromise])
def test_a_revocation_counts_from_its_date_on(reason: ReasonFlags) -> None:
    """Without a timestamp, the instant of the question is all that there is to go by."""
    world = revoked_later(reason)
    data = sign(blank(), world, How("B-B"))
    for day in (1, REVOKED_ON - 1):
        assert judged(data, world, day).indication is Indication.TOTAL_PASSED
    for day in (REVOKED_ON, REVOKED_ON + 1):
        one = judged(data, world, day)
        assert (one.indication, one.sub_indication) == (
            Indication.INDETERMINATE,
            "REVOKED_NO_POE",
        )


def test_a_compromise_counts_from_when_the_key_was_in_other_hands() -> None:
    world = revoked_later(ReasonFlags.key_compromise)
    world.invalid_since[world.seal.certificate.serial_number] = NOW + 2 * DAY
    data = sign(blank(), world, How("B-B"))
    assert judged(data, world, 1).indication is Indication.TOTAL_PASSED
    assert judged(data, world, 3).sub_indication == "REVOKED_NO_POE"


@pytest.mark.parametrize("level", ["B-T", "B-LT"])
def test_what_a_timestamp_proves_holds_at_every_instant(level: str) -> None:
    world = revoked_later(ReasonFlags.superseded)
    data = sign(blank(), world, How(level))
    for day in (1, REVOKED_ON + 1):
        one = judged(data, world, day)
        assert one.indication is Indication.TOTAL_PASSED
        assert one.best_time == NOW


def test_tokens_of_a_compromised_tsa_prove_nothing_at_any_instant() -> None:
    """Whoever has the key can date a token back (RFC 3161 4 (1))."""
    world = make_pki()
    serial = world.tsa.certificate.serial_number
    world.revoked[serial] = (NOW + REVOKED_ON * DAY, ReasonFlags.key_compromise)
    data = sign(blank(), world, How("B-LT"))
    for day in (1, REVOKED_ON + 1):
        one = judged(data, world, day)
        passed = one.indication is Indication.TOTAL_PASSED
        assert not (passed and one.best_time), "if it passes, then as if it had no timestamp"


def test_a_certificate_that_ended_since_was_valid_then() -> None:
    world = make_pki(days=40)  # begins 30 days before
    data = sign(blank(), world, How("B-B"))
    assert judged(data, world, 9, known_on=400).indication is Indication.TOTAL_PASSED
    assert judged(data, world, 11, known_on=400).sub_indication == "OUT_OF_BOUNDS_NO_POE"


def test_the_sandbox_is_told_the_instant() -> None:
    world = revoked_later(ReasonFlags.superseded)
    data = sign(blank(), world, How("B-B"))
    trust = world.trust(at=NOW + 10 * DAY)
    with Sandbox(workers=1) as sandbox:
        for day in (1, REVOKED_ON + 1):
            at = NOW + day * DAY
            assert sandbox.validate(data, trust, at) == validate_pdf(data, trust, at)
