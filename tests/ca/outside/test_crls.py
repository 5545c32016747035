"""CRLs of CAs outside: which speak of a certificate, and what is kept of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca.errors import ExchangeError, SealRevokedError
from ca.issuers import OutsideCa
from ca.outside.crls import OutsideCrls, OutsideLink, outside_id
from core.errors import UnreachableError
from tests.ca.world import World
from tests.permits import MANAGE_CA

Idp = dict[str, Any]
USER_LIST, CA_LIST, SHARD = (f"http://gov.example/{name}.crl" for name in ("user", "ca", "shard2"))


@dataclass(frozen=True)
class Party:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


@dataclass(frozen=True)
class Government:
    """A root and a CA below it that publishes several lists; a seal of it and what is above."""

    world: World
    root: Party
    ca: Party
    seal: Party

    @property
    def crls(self) -> OutsideCrls:
        return OutsideCrls(self.world.ledger, self.world.clock)

    def list_of(self, number: int, *revoked: Party, idp: Idp | None = None) -> bytes:
        """Sign a CRL of the CA, with an IssuingDistributionPoint where one is described."""
        now = self.world.clock.now()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.ca.certificate.subject)
            .last_update(now)
            .next_update(now + timedelta(days=7))
            .add_extension(x509.CRLNumber(number), critical=False)
        )
        if idp is not None:
            builder = builder.add_extension(_point(**idp), critical=True)
        for one in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(now).build())
        return builder.sign(self.ca.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _point(
    urls: Sequence[str] = (), *, users: bool = False, cas: bool = False, indirect: bool = False
) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(url) for url in urls] or None,
        relative_name=None,
        only_contains_user_certs=users,
        only_contains_ca_certs=cas,
        only_some_reasons=None,
        indirect_crl=indirect,
        only_contains_attribute_certs=False,
    )


def _party(world: World, name: str, issuer: Party | None, *urls: str, ca: bool) -> Party:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = world.clock.now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    for url in urls:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return Party(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


@pytest.fixture
def government() -> Government:
    world = World()  # of its own: what is on record here is no other test's
    root = _party(world, "政府根", None, ca=True)
    ca = _party(world, "政府中级 CA", root, ca=True)
    seal = _party(world, "印章", ca, USER_LIST, ca=False)
    made = Government(world, root, ca, seal)
    now = world.clock.now()
    outside = OutsideCa(outside_id(ca.certificate), ca.der, (root.der,), now)
    world.ledger.save_outside_ca(outside, now, permit=MANAGE_CA)
    return made


def answering(der: bytes) -> Callable[[str], bytes]:
    return lambda _: der


@pytest.mark.parametrize(
    "idp",
    [
        {"cas": True},
        {"urls": [SHARD]},
        {"urls": [SHARD], "users": True},
        {"urls": [USER_LIST], "indirect": True},
    ],
    ids=["CA certificates only", "another shard", "another shard of users", "indirect"],
)
def test_a_list_that_may_be_silent_of_the_certificate_is_refused(
    government: Government, idp: Idp
) -> None:
    """It hides a revocation: the certificate would stand on the list that its own point names."""
    link = OutsideLink(government.seal.certificate, government.ca.certificate)
    silent = government.list_of(1, idp=idp)
    with pytest.raises(ExchangeError, match="does not speak of the certificate of “CN=印章”"):
        government.crls.fetch(link, answering(silent))
    with pytest.raises(Exception, match="no CRL of"):
        government.crls.current(link)


@pytest.mark.parametrize(
    "idp",
    [None, {"users": True}, {"urls": [USER_LIST], "users": True}, {"urls": [SHARD, USER_LIST]}],
    ids=["whole", "user certificates", "its own shard", "two names"],
)
def test_a_list_that_speaks_of_the_certificate_is_kept(
    government: Government, idp: Idp | None
) -> None:
    """AD CS, EJBCA and Let's Encrypt sign lists of user certificates only."""
    link = OutsideLink(government.seal.certificate, government.ca.certificate)
    told = government.list_of(1, idp=idp)
    assert government.crls.fetch(link, answering(told)) == link.crl_id
    assert government.crls.current(link) == told
    revoked = government.list_of(2, government.seal, idp=idp)
    government.crls.fetch(link, answering(revoked), force=True)
    with pytest.raises(SealRevokedError):
        government.crls.current(link)


def test_a_list_of_user_certificates_is_silent_of_a_ca(government: Government) -> None:
    below = _party(government.world, "下级", government.ca, CA_LIST, ca=True)
    link = OutsideLink(below.certificate, government.ca.certificate)
    with pytest.raises(ExchangeError):
        government.crls.fetch(link, answering(government.list_of(1, idp={"users": True})))
    assert government.crls.fetch(link, answering(government.list_of(1, idp={"cas": True})))


def test_the_lists_of_one_ca_are_kept_apart(government: Government) -> None:
    """The number of one says nothing of the other."""
    other = _party(government.world, "别的印章", government.ca, SHARD, ca=False)
    first = OutsideLink(government.seal.certificate, government.ca.certificate)
    second = OutsideLink(other.certificate, government.ca.certificate)
    of_users = government.list_of(9, idp={"urls": [USER_LIST]})
    of_shard = government.list_of(3, other, idp={"urls": [SHARD]})
    government.crls.fetch(first, answering(of_users))
    government.crls.fetch(second, answering(of_shard))
    assert government.crls.current(first) == of_users
    with pytest.raises(SealRevokedError):
        government.crls.current(second)


def test_pem_at_a_crl_s_address_is_read(government: Government) -> None:
    link = OutsideLink(government.seal.certificate, government.ca.certificate)
    der = government.list_of(1)
    pem = x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)
    government.crls.fetch(link, answering(pem))
    assert government.crls.current(link) == der


@pytest.mark.parametrize("good", [USER_LIST, "http://gov.example/root.crl"])
def test_one_bad_list_does_not_stop_the_others(government: Government, good: str) -> None:
    """Whichever is asked for first."""
    world, root = government.world, government.root
    root_list = "http://gov.example/root.crl"
    second_ca = _party(world, "第二 CA", root, root_list, ca=True)
    now = world.clock.now()
    third = _party(world, "第三 CA", second_ca, USER_LIST, ca=True)
    path = (second_ca.der, root.der)
    world.ledger.save_outside_ca(
        OutsideCa(outside_id(third.certificate), third.der, path, now), now, permit=MANAGE_CA
    )
    issuer, below = (second_ca, third) if good == USER_LIST else (root, second_ca)
    signed = Government(world, root, issuer, below).list_of(1)

    def fetch(url: str) -> bytes:
        return signed if url == good else b"<html>moved</html>"

    with pytest.raises((ExchangeError, UnreachableError)):
        government.crls.refresh(fetch)
    assert government.crls.current(OutsideLink(below.certificate, issuer.certificate)) == signed


def test_a_list_handed_in_is_kept_for_whom_it_covers(government: Government) -> None:
    world, now = government.world, government.world.clock.now()
    below = _party(world, "下级", government.ca, CA_LIST, ca=True)
    path = (government.ca.der, government.root.der)
    world.ledger.save_outside_ca(
        OutsideCa(outside_id(below.certificate), below.der, path, now), now, permit=MANAGE_CA
    )
    link = OutsideLink(below.certificate, government.ca.certificate)
    with pytest.raises(ExchangeError):
        government.crls.take(government.list_of(1, idp={"users": True}))
    told = government.list_of(1, idp={"urls": [CA_LIST], "cas": True})
    assert government.crls.take(told) == link.crl_id
    assert government.crls.take(told) is None
