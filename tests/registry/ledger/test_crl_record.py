"""The last guard before a CRL is published: one that knows less than the last is not recorded."""

from dataclasses import replace

import pytest

from ca.issuers import FIRST_ISSUING
from ca.issuing.crl_guard import StaleCrlError
from ca.ledger import RevocationReason
from tests.permits import CHANGE_CERTIFICATE
from tests.world import World


def test_a_crl_that_knows_less_or_goes_back_is_not_recorded(world: World) -> None:
    home, now = world.home, world.clock.now()
    serial = home.hierarchy.tsa.serial_number
    before = home.ledger.find_crl(FIRST_ISSUING)
    home.ledger.revoke(
        FIRST_ISSUING, serial, RevocationReason.SUPERSEDED, now, permit=CHANGE_CERTIFICATE
    )
    home.hierarchy.crls.current()
    newest = home.ledger.find_crl(FIRST_ISSUING)
    assert before is not None
    assert newest is not None
    assert newest.number > before.number
    for wrong in (
        replace(before, number=newest.number + 1),
        replace(before, number=newest.number),
        newest,
    ):
        with pytest.raises(StaleCrlError):
            home.ledger.record_crl(wrong, now)
    assert home.ledger.find_crl(FIRST_ISSUING) == newest
    home.ledger.record_crl(replace(newest, number=newest.number + 1), now)
