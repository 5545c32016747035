"""When lists of CAs outside are fetched, which are accepted, and for how long they count."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.errors import ExchangeError, SealRevokedError, StaleValidationDataError
from ca.issuers import IssuerRecord, IssuerRole, IssuerState, OutsideCa
from ca.ledger import SignedCrl
from ca.outside.crls import (
    OutsideCrls,
    OutsideLink,
    load_crl,
    outside_id,
    outside_path,
    outside_paths,
)
from core.errors import UnreachableError
from core.ids import IssuerId, KeyId
from core.text import Text
from tests.ca.memory_ledger import MemoryLedger
from tests.clock import StoppedClock
from tests.permits import MANAGE_CA

AT = datetime(2026, 3, 2, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=n) for n in (1, 60, 3600, 86400))
ONE, TWO, SECURE = "http://gov.example/1.crl", "http://gov.example/2.crl", "https://gov.example/s"


@dataclass(frozen=True)
class Party:
    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def party(name: str, issuer: Party | None = None, *urls: str, ca: bool = True) -> Party:
    """Certify a key; `urls` are the names of its one distribution point."""
    key, called = ec.generate_private_key(ec.SECP256R1()), _name(name)
    builder = x509.CertificateBuilder().subject_name(called).issuer_name(_of(issuer, called))
    builder = builder.serial_number(x509.random_serial_number()).public_key(key.public_key())
    builder = builder.not_valid_before(AT - DAY).not_valid_after(AT + 365 * DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if urls:
        names = [x509.UniformResourceIdentifier(url) for url in urls]
        points = x509.CRLDistributionPoints([x509.DistributionPoint(names, None, None, None)])
        builder = builder.add_extension(points, critical=False)
    return Party(called, key, builder.sign(issuer.key if issuer else key, hashes.SHA256()))


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _of(issuer: Party | None, own: x509.Name) -> x509.Name:
    return issuer.name if issuer else own


ROOT = party("root")
CA = party("ca", ROOT, ONE)
BELOW = party("below", CA, TWO)
SEAL = party("seal", CA, ONE, SECURE, ca=False)
MOVED = party("moved", CA, ONE, TWO, ca=False)
SILENT = party("silent", CA, SECURE, ca=False)
LINK = OutsideLink(SEAL.certificate, CA.certificate)
OF_CA, OF_BELOW = (
    OutsideLink(CA.certificate, ROOT.certificate),
    OutsideLink(BELOW.certificate, CA.certificate),
)


def crl(
    number: int | None = 1,
    *revoked: Party,
    by: Party = CA,
    key: Party | None = None,
    at: datetime = AT,
    lasts: timedelta = 7 * DAY,
    extra: tuple[x509.ExtensionType, bool] | None = None,
) -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(by.name)
    builder = builder.last_update(at).next_update(at + lasts)
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    if extra is not None:
        builder = builder.add_extension(extra[0], critical=extra[1])
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(AT).build())
    return builder.sign((key or by).key, hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass
class Home:
    """A ledger, and what addresses answer."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(AT))
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def crls(self) -> OutsideCrls:
        return OutsideCrls(self.ledger, self.clock)

    def get(self, address: str) -> bytes:
        self.asked.append(address)
        if address not in self.answers:
            raise UnreachableError(Text("连不上", f"{address} is away"))
        return self.answers[address]

    def fetch(self, link: OutsideLink = LINK, *, force: bool = False) -> IssuerId | None:
        return self.crls.fetch(link, self.get, force=force)

    def knows(self, *path: Party) -> None:
        own, *above = [one.der for one in path]
        ca = OutsideCa(outside_id(path[0].certificate), own, tuple(above), AT)
        self.ledger.save_outside_ca(ca, AT, permit=MANAGE_CA)


@pytest.fixture
def home() -> Home:
    return Home()


def test_lists_are_kept_by_key_and_distribution_points(home: Home) -> None:
    spki = CA.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    of_ca = f"outside-{sha256(spki).hexdigest()[:24]}"
    assert outside_id(CA.certificate) == of_ca
    points = sha256(f"{ONE}\n{SECURE}".encode()).hexdigest()[:16]
    assert LINK.crl_id == f"{of_ca}-{points}"
    assert OutsideLink(party("plain", CA).certificate, CA.certificate).crl_id == of_ca
    home.answers[ONE] = crl(7)
    assert home.fetch() == LINK.crl_id
    kept = home.ledger.find_crl(LINK.crl_id)
    assert kept == SignedCrl(LINK.crl_id, 0, 7, home.answers[ONE], 0)


@pytest.mark.parametrize(("lasts", "due"), [(7 * DAY, 6 * HOUR), (4 * HOUR, 2 * HOUR)])
def test_a_list_is_fetched_again_after_six_hours_or_half_of_its_life(
    home: Home, lasts: timedelta, due: timedelta
) -> None:
    home.answers[ONE] = crl(1, lasts=lasts)
    assert home.fetch() == LINK.crl_id
    home.clock.at = AT + due - SECOND
    assert home.crls.fetch(LINK, home.get) is None
    assert home.asked == [ONE]
    assert home.fetch(force=True) is None
    assert home.asked == [ONE] * 2
    home.clock.at = AT + due
    assert home.fetch() is None
    assert home.asked == [ONE] * 3, "and was the same"
    home.answers[ONE] = crl(2, lasts=lasts)
    assert home.fetch() == LINK.crl_id


def test_all_lists_are_refreshed_and_the_first_failure_is_told(home: Home) -> None:
    home.knows(BELOW, CA, ROOT)
    home.knows(CA, ROOT)  # the same list once more
    with pytest.raises(UnreachableError, match=TWO):
        home.crls.refresh(home.get)
    assert home.asked == [TWO, ONE]
    home.answers[ONE] = crl(1, by=ROOT)
    with pytest.raises(UnreachableError, match=TWO):
        home.crls.refresh(home.get)
    assert home.crls.current(OF_CA) == home.answers[ONE]
    home.answers[TWO] = b"no CRL"
    with pytest.raises(ExchangeError, match="this is no CRL"):
        home.crls.refresh(home.get)
    home.answers[TWO] = crl(1)
    home.asked.clear()
    assert home.crls.refresh(home.get) == [OF_BELOW.crl_id]
    assert home.asked == [TWO], "the other is fresh"
    home.answers[ONE] = crl(2, by=ROOT)
    assert home.crls.refresh(home.get) == []
    assert home.crls.refresh(home.get, force=True) == [OF_CA.crl_id]


def test_the_next_address_is_asked_where_one_is_away(home: Home) -> None:
    link = OutsideLink(MOVED.certificate, CA.certificate)
    with pytest.raises(UnreachableError, match=TWO):
        home.fetch(link)
    home.answers[TWO] = crl()
    assert home.fetch(link) == link.crl_id
    assert home.asked == [ONE, TWO] * 2
    with pytest.raises(UnreachableError, match="names no http address"):
        home.fetch(OutsideLink(SILENT.certificate, CA.certificate))


def test_a_list_that_is_handed_in_is_kept_for_all_that_it_speaks_of(home: Home) -> None:
    other = party("other", CA, TWO, ONE)
    link = OutsideLink(other.certificate, CA.certificate)
    home.knows(BELOW, CA, ROOT)
    told = crl(3)
    assert home.crls.take(told) == OF_BELOW.crl_id
    home.knows(other, CA, ROOT)
    assert home.crls.take(told) == link.crl_id
    newer = crl(4)
    assert home.crls.take(newer) == OF_BELOW.crl_id
    assert home.crls.current(OF_BELOW) == home.crls.current(link) == newer
    assert home.crls.take(newer) is None
    for foreign in (crl(5, key=ROOT), crl(5, by=party("nobody")), crl(5, by=ROOT, key=CA)):
        with pytest.raises(ExchangeError, match="in no chain on record"):
            home.crls.take(foreign)


def test_a_path_is_judged_before_anything_is_recorded(home: Home) -> None:
    path = [one.der for one in (BELOW, CA, ROOT)]
    home.answers |= {TWO: crl(5), ONE: crl(6, by=ROOT)}
    judged = home.crls.judge_path(path, home.get)
    assert [(one.issuer, one.number) for one in judged.found] == [
        (OF_BELOW.crl_id, 5),
        (OF_CA.crl_id, 6),
    ]
    assert judged.unreachable is None
    assert home.ledger.crls == []
    home.crls.record(judged.found[:1])
    assert [one.number for one in home.ledger.crls] == [5]
    again = home.crls.judge_path(path, home.get)
    assert [one.number for one in again.found] == [6], "the other is known"
    del home.answers[TWO]
    without = home.crls.judge_path(path, home.get)
    assert [one.number for one in without.found] == [6]
    assert without.unreachable is not None
    assert TWO in without.unreachable.text.en
    home.answers[TWO] = crl(7, BELOW)
    with pytest.raises(ExchangeError, match="the certificate of “CN=below” is revoked"):
        home.crls.judge_path(path, home.get)


def test_a_list_counts_between_its_dates_and_says_who_is_revoked(home: Home) -> None:
    with pytest.raises(StaleValidationDataError):
        home.crls.current(LINK)
    home.answers[ONE] = told = crl(1, MOVED)
    home.fetch()
    for home.clock.at in (AT - 10 * MINUTE, AT, AT + 7 * DAY - SECOND):
        assert home.crls.current(LINK) == told
    for home.clock.at in (AT - 10 * MINUTE - SECOND, AT + 7 * DAY):
        with pytest.raises(StaleValidationDataError):
            home.crls.current(LINK)
    home.clock.at = AT
    home.answers[ONE] = crl(2, SEAL)
    home.fetch(force=True)
    with pytest.raises(SealRevokedError, match="“CN=seal” was revoked by “CN=ca”"):
        home.crls.current(LINK)


ENDED = "has ended, or is of the future"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (crl(key=ROOT), "in no chain"),
        (crl(by=ROOT), "in no chain"),
        (crl(by=ROOT, key=CA), "in no chain"),
        (crl(at=AT + 10 * MINUTE + SECOND), ENDED),
        (crl(at=AT - DAY, lasts=DAY), ENDED),
        (b"<html>", "this is no CRL"),
        (b"-----BEGIN X509 CRL-----", "this is no CRL"),
        (crl(extra=(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b""), True)),
         "unknown critical extension"),
        (crl(extra=(x509.DeltaCRLIndicator(1), False)), "unknown critical extension"),
    ],
)  # fmt: skip
def test_what_is_not_accepted_says_why(home: Home, told: bytes, why: str) -> None:
    home.answers[ONE] = told
    with pytest.raises(ExchangeError, match=why):
        home.fetch()
    assert home.ledger.crls == []


@pytest.mark.parametrize(
    "told",
    [
        crl(at=AT + 10 * MINUTE),
        crl(at=AT - DAY, lasts=DAY + SECOND),
        crl(extra=(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b""), False)),
    ],
)
def test_what_is_accepted_just_so(home: Home, told: bytes) -> None:
    home.answers[ONE] = told
    assert home.fetch() == LINK.crl_id


def test_a_list_follows_the_one_that_is_known(home: Home) -> None:
    home.answers[ONE] = crl(5)
    home.fetch()
    for older in (crl(4, at=AT + SECOND), crl(5, at=AT + SECOND), crl(6, at=AT - SECOND)):
        home.answers[ONE] = older
        with pytest.raises(ExchangeError, match="older than the one that is known"):
            home.fetch(force=True)
    home.answers[ONE] = crl(6)
    assert home.fetch(force=True) == LINK.crl_id


def test_without_a_number_the_second_of_its_date_is_one(home: Home) -> None:
    home.answers[ONE] = crl(None)
    home.fetch()
    assert [one.number for one in home.ledger.crls] == [1772409600]  # 2026-03-02T00:00:00Z


def test_pem_may_have_some_words_before_it(home: Home) -> None:
    pem = x509.load_der_x509_crl(crl()).public_bytes(Encoding.PEM)
    assert load_crl(b"\n" * 1014 + pem).public_bytes(Encoding.DER)
    with pytest.raises(ExchangeError):
        load_crl(b"\n" * 1015 + pem)


def scope(
    urls: Sequence[str] = (), *, relative: bool = False, reasons: bool = False, **only: bool
) -> tuple[x509.ExtensionType, bool]:
    flags = ("users", "cas", "attributes", "indirect")
    users, cas, attributes, indirect = (only.get(name, False) for name in flags)
    name = x509.RelativeDistinguishedName([*_name("x")])
    point = x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(url) for url in urls] or None,
        relative_name=name if relative else None,
        only_contains_user_certs=users,
        only_contains_ca_certs=cas,
        only_some_reasons=frozenset({x509.ReasonFlags.key_compromise}) if reasons else None,
        indirect_crl=indirect,
        only_contains_attribute_certs=attributes,
    )
    return point, True


@pytest.mark.parametrize(
    ("point", "of_seal", "of_ca"),
    [
        (scope([ONE]), True, False),
        (scope([TWO]), False, True),
        (scope([SECURE, TWO]), True, True),
        (scope(["http://gov.example/3.crl"]), False, False),
        (scope(users=True), True, False),
        (scope(cas=True), False, True),
        (scope([ONE, TWO], users=True), True, False),
        (scope([ONE, TWO], cas=True), False, True),
        (scope(attributes=True), False, False),
        (scope([ONE, TWO], indirect=True), False, False),
        (scope([ONE, TWO], reasons=True), False, False),
        (scope(relative=True), False, False),
    ],
)
def test_a_list_speaks_of_what_its_scope_says(
    home: Home, point: tuple[x509.ExtensionType, bool], *, of_seal: bool, of_ca: bool
) -> None:
    """RFC 5280 5.2.5 and 6.3.3 b."""
    home.answers = dict.fromkeys((ONE, TWO), crl(extra=point))
    for link, speaks in ((LINK, of_seal), (OF_BELOW, of_ca)):
        if speaks:
            assert home.fetch(link) == link.crl_id
        else:
            with pytest.raises(ExchangeError, match="does not speak of the certificate"):
                home.fetch(link)


def test_paths_are_those_of_cas_that_others_certified(home: Home) -> None:
    record = IssuerRecord(
        IssuerId("issuing-1"), IssuerRole.ISSUING, None, KeyId("k"), IssuerState.ACTIVE, AT,
        b"own", (b"above", b"anchor"),
    )  # fmt: skip
    assert outside_path(record) == (b"own", b"above", b"anchor")
    ours = [
        replace(record, parent=IssuerId("root")),
        replace(record, certificate=None),
        replace(record, chain=()),
    ]
    assert [outside_path(one) for one in ours] == [(), (), ()]
    for number, one in enumerate([*ours, record]):
        home.ledger.save_issuer(
            replace(one, issuer=IssuerId(f"issuing-{number}")), AT, permit=MANAGE_CA
        )
    home.knows(CA, ROOT)
    assert list(outside_paths(home.ledger)) == [
        (b"own", b"above", b"anchor"),
        (CA.der, ROOT.der),
    ]
