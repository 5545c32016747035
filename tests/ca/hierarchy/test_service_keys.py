"""Certificate that a service uses: looked for again as soon as the one in use serves no more."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ca.hierarchy.service_keys import LOOK_AGAIN, Current, ServiceKey
from core.errors import UnreachableError
from core.ids import IssuerId
from core.text import Text
from tests.clock import StoppedClock

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
SECOND = timedelta(seconds=1)


def service(name: str, ends: datetime) -> ServiceKey:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
    builder = builder.public_key(KEY.public_key()).serial_number(1)
    builder = builder.not_valid_before(AT - timedelta(days=30)).not_valid_after(ends)
    return ServiceKey(IssuerId("issuing-1"), builder.sign(KEY, hashes.SHA256()), None)


OLD, NEW = service("old", AT - timedelta(days=1)), service("new", AT + timedelta(days=30))


class Ledger:
    """What would be found, with how often it was looked for."""

    def __init__(self, found: ServiceKey | Exception) -> None:
        self.found = found
        self.looked = 0
        self.epoch = 1

    def find(self) -> ServiceKey:
        self.looked += 1
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def current(ledger: Ledger, clock: StoppedClock) -> Current[str]:
    def name_of(found: ServiceKey) -> str:
        return str(found.certificate.subject.rfc4514_string())

    return Current(ledger.find, name_of, clock, lambda: ledger.epoch)


def test_one_that_serves_is_not_looked_for_again() -> None:
    clock, ledger = StoppedClock(AT), Ledger(NEW)
    held = current(ledger, clock)
    for _ in range(3):
        assert held.get() == "CN=new"
    assert ledger.looked == 1
    clock.at += LOOK_AGAIN
    held.get()
    ledger.epoch += 1
    held.get()
    assert ledger.looked == 3


def test_after_one_that_ended_the_next_is_found_at_once() -> None:
    """The newest was revoked, the one before it has ended: another process made a new one."""
    clock, ledger = StoppedClock(AT), Ledger(OLD)
    held = current(ledger, clock)
    assert held.get() == "CN=old"
    ledger.found = NEW
    clock.at += SECOND
    assert held.get() == "CN=new"


def test_one_in_use_that_ends_is_replaced_at_once() -> None:
    clock, ledger = StoppedClock(AT), Ledger(service("short", AT + 2 * SECOND))
    held = current(ledger, clock)
    assert held.get() == "CN=short"
    ledger.found = NEW
    clock.at += SECOND
    assert held.get() == "CN=short"
    clock.at += SECOND
    assert held.get() == "CN=new"


def test_where_the_ledger_is_away_the_one_in_use_stays() -> None:
    clock, ledger = StoppedClock(AT), Ledger(NEW)
    held = current(ledger, clock)
    held.get()
    ledger.found = UnreachableError(Text("断", "away"))
    clock.at += LOOK_AGAIN
    assert held.get() == "CN=new"
    with pytest.raises(UnreachableError):
        current(ledger, clock).get()
