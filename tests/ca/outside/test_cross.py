"""Cross-certified roots: who trusts only the one accepts what stands below the other."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import IssuanceError
from ca.hierarchy.steps import NewCa
from ca.issuers import ROOT, IssuerRecord, IssuerState, cross_name
from ca.profiles.profiles import ProfileKind
from ca.validation.anchors import read_anchors
from core.ids import IssuerId
from tests.ca.world import NAMES, SECOND_ROOT, World, openssl, pem
from tests.permits import MANAGE_CA

SECOND = IssuerId("issuing-2")


def _below(world: World, root: IssuerId) -> IssuerRecord:
    """Make issuing-2 below a root."""
    profile = world.parts.profiles[ProfileKind.ISSUING]
    subject = NAMES.subject("电子证照签发CA 2")
    return world.steps.certify_issuing(
        NewCa(SECOND, subject, profile, profile.algorithm, parent=root), permit=MANAGE_CA
    )


@pytest.mark.parametrize(("trusted", "below"), [(ROOT, SECOND_ROOT), (SECOND_ROOT, ROOT)])
def test_openssl_goes_from_one_root_to_the_other(
    tmp_path: Path, trusted: IssuerId, below: IssuerId
) -> None:
    world = World()
    world.found()
    world.second_root()
    issuing = _below(world, below).x509
    cross = x509.load_der_x509_certificate(
        world.steps.cross_certify(below, trusted, permit=MANAGE_CA)
    )
    anchor = pem(tmp_path / "anchor", world.steps.get(trusted).x509)
    between = pem(tmp_path / "between", cross, issuing)
    leaf = pem(tmp_path / "leaf", issuing)
    world.steps.crls(trusted).publish()
    world.steps.crls(below).publish()
    told = openssl("verify", "-x509_strict", "-CAfile", anchor, "-untrusted", between, leaf)
    assert "OK" in told
    with pytest.raises(AssertionError, match="unable to get"):
        openssl("verify", "-CAfile", anchor, "-partial_chain", "-untrusted", leaf, leaf)


def test_a_seal_s_own_validation_data_lead_from_either_root(tmp_path: Path) -> None:
    world = World()
    world.found()
    world.second_root()
    hierarchy = world.found()
    for subject, by in ((ROOT, SECOND_ROOT), (SECOND_ROOT, ROOT)):
        cross = world.steps.cross_certify(subject, by, permit=MANAGE_CA)
        assert hierarchy.published[cross_name(subject, by)] == cross
        world.steps.crls(by).publish()
    seal = world.seal(hierarchy)
    data = hierarchy.validation.for_seal(seal.public_bytes(Encoding.DER))
    known = [x509.load_der_x509_certificate(one) for one in data.certificates]
    between = pem(tmp_path / "between", *known)
    lists = [*data.crls, hierarchy.crls.publish()]
    crls = tmp_path / "crls"
    crls.write_bytes(
        b"".join(x509.load_der_x509_crl(one).public_bytes(Encoding.PEM) for one in lists)
    )
    for trusted in (ROOT, SECOND_ROOT):
        anchor = pem(tmp_path / "anchor", world.steps.get(trusted).x509)
        told = openssl(
            "verify", "-x509_strict", "-crl_check_all", "-CRLfile", crls, "-purpose", "any",
            "-CAfile", anchor, "-untrusted", between, pem(tmp_path / "leaf", seal),
        )  # fmt: skip
        assert "OK" in told


def test_a_cross_certificate_holds_the_other_s_name_and_key_and_ends_with_it() -> None:
    world = World()
    world.found()
    world.clock.advance(timedelta(days=17 * 365))
    world.second_root()
    old, new = world.steps.get(ROOT).x509, world.steps.get(SECOND_ROOT).x509
    cross = x509.load_der_x509_certificate(
        world.steps.cross_certify(ROOT, SECOND_ROOT, permit=MANAGE_CA)
    )
    assert (cross.subject, cross.public_key()) == (old.subject, old.public_key())
    assert cross.issuer == new.subject
    assert old.not_valid_after_utc - timedelta(minutes=1) < cross.not_valid_after_utc
    assert cross.not_valid_after_utc <= old.not_valid_after_utc
    again = world.steps.cross_certify(ROOT, SECOND_ROOT, permit=MANAGE_CA)
    assert x509.load_der_x509_certificate(again) == cross
    assert again in read_anchors(world.ledger).certificates
    assert len(read_anchors(world.ledger).roots) == 2


def test_a_retired_root_certifies_nothing_more_and_signs_crls() -> None:
    world = World()
    world.found()
    world.second_root()
    world.steps.set_state(ROOT, IssuerState.RETIRED, permit=MANAGE_CA)
    with pytest.raises(IssuanceError):
        world.steps.cross_certify(SECOND_ROOT, ROOT, permit=MANAGE_CA)
    with pytest.raises(IssuanceError):
        _below(world, ROOT)
    assert world.steps.crls(ROOT).publish()
