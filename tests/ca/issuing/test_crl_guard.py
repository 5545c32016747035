"""The guard of CRLs: no list may know less than the one before it."""

import pytest
from cryptography import x509

from ca.issuing.crl_guard import StaleCrlError, check_follows
from ca.ledger import SignedCrl
from tests.ca.crls import HOLD, SUPERSEDED, crl


def follows(last: SignedCrl | None, new: SignedCrl, *, revoked: bool = False) -> bool:
    try:
        check_follows(last, new, lambda _: revoked)
    except StaleCrlError:
        return False
    return True


@pytest.mark.parametrize(("last", "new", "may"), [(1, 2, True), (2, 2, False), (3, 2, False)])
def test_numbers_grow(last: int, new: int, *, may: bool) -> None:
    assert follows(None, crl(new, a=None))
    assert follows(crl(last, a=None), crl(new, a=None)) is may


def test_entries_stay() -> None:
    last = crl(1, a=SUPERSEDED, b=None)
    assert follows(last, crl(2, a=SUPERSEDED, b=None, c=None))
    assert follows(crl(1), crl(2, a=SUPERSEDED))
    assert not follows(last, crl(2, a=SUPERSEDED))
    assert not follows(last, crl(2, b=None))
    assert not follows(last, crl(2))


@pytest.mark.parametrize("reason", [SUPERSEDED, None, x509.ReasonFlags.key_compromise])
def test_only_a_hold_that_was_lifted_leaves(reason: x509.ReasonFlags | None) -> None:
    held = crl(1, a=HOLD)
    assert follows(held, crl(2))
    assert not follows(held, crl(2), revoked=True)
    assert not follows(crl(1, a=reason), crl(2))


def test_the_message_names_the_certificate_and_both_lists() -> None:
    with pytest.raises(StaleCrlError, match="CRL 8 lacks certificate ab, which CRL 7 lists"):
        check_follows(crl(7, ab=SUPERSEDED), crl(8), lambda _: True)
