"""The duty that keeps CRLs current: what a command without the CA's key revoked gets signed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from cryptography import x509

from ca.issuers import FIRST_ISSUING, IssuerRole
from ca.issuing.revocation import CRL_DELAY
from ca.ledger import RevocationReason
from core.text import Text
from home.crl_duty import crl_duty
from home.wiring import Home
from keys.model import KeyUnavailableError
from tests.cli.conftest import DemoHome
from tests.permits import CHANGE_CERTIFICATE


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
        home.ledger.revoke(
            FIRST_ISSUING, serial, RevocationReason.SUPERSEDED, now, permit=CHANGE_CERTIFICATE
        )
        duty.work()
        [entry] = x509.load_der_x509_crl(home.ledger.latest_crl(FIRST_ISSUING) or b"")
        assert entry.serial_number == serial
    finally:
        home.close()


def test_one_ca_whose_key_is_away_does_not_stop_the_lists_of_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A retired CA's key that was destroyed, or on a token that was taken away.

    The root is no duty's, and a CA without a certificate has no lists.
    """
    names = ["issuing-1", "issuing-2", "issuing-3"]
    records = [SimpleNamespace(issuer=n, role=IssuerRole.ISSUING, certificate=b"") for n in names]
    records.insert(1, SimpleNamespace(issuer="root", role=IssuerRole.ROOT, certificate=b""))
    waits = SimpleNamespace(issuer="issuing-4", role=IssuerRole.ISSUING, certificate=None)
    records.insert(1, waits)
    kept: list[str] = []

    def open_crls(issuer: str) -> SimpleNamespace:
        if issuer == "issuing-1":
            raise KeyUnavailableError(Text("没有令牌", "no token"))
        return SimpleNamespace(keep_current=lambda: kept.append(issuer))

    ledger = SimpleNamespace(list_issuers=lambda: records)
    home = SimpleNamespace(ledger=ledger, open_crls=open_crls)
    with pytest.raises(KeyUnavailableError):
        crl_duty(home).work()  # type: ignore[arg-type]
    assert kept == names[1:]
    told = [one.getMessage() for one in caplog.records]
    assert told == [f"CRLs of issuing-1: {KeyUnavailableError.code}: no token"]
