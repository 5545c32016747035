"""The duty that keeps CRLs current: what a command without the CA's key revoked gets signed."""

from datetime import timedelta

from cryptography import x509

from ca.issuers import FIRST_ISSUING
from ca.ledger import RevocationReason
from ca.revocation import CRL_DELAY
from cli.crl_duty import crl_duty
from cli.wiring import Home
from tests.cli.conftest import DemoHome


def test_a_revocation_that_signed_no_list_is_listed_in_time(own: DemoHome) -> None:
    home = Home(own.directory, {})
    try:
        duty = crl_duty(home)
        assert duty.every == CRL_DELAY <= timedelta(minutes=10)
        before = home.ledger.latest_crl(FIRST_ISSUING)
        duty.work()
        assert home.ledger.latest_crl(FIRST_ISSUING) == before, "nothing was due"
        serial = home.hierarchy.tsa.serial_number
        now = home.clock.now()
        home.ledger.revoke(FIRST_ISSUING, serial, RevocationReason.SUPERSEDED, now)
        duty.work()
        [entry] = x509.load_der_x509_crl(home.ledger.latest_crl(FIRST_ISSUING) or b"")
        assert entry.serial_number == serial
    finally:
        home.close()
