"""Everything that is made passes pkilint, and what was damaged does not."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import BadProfileError, LintError
from ca.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING, ROOT
from ca.lint import Linter
from ca.profiles import RULES, ProfileConfig, ProfileKind, validate_profile
from core.ids import IssuerId
from tests.ca.world import World

STRICT = Linter(demo=False)


def made(hierarchy: Hierarchy, seal: x509.Certificate) -> dict[ProfileKind, x509.Certificate]:
    return {
        ProfileKind.ROOT: hierarchy.root,
        ProfileKind.ISSUING: hierarchy.issuing,
        ProfileKind.SEAL: seal,
        ProfileKind.OCSP_RESPONDER: hierarchy.ocsp,
        ProfileKind.TSA: hierarchy.tsa,
    }


@pytest.mark.parametrize("kind", ProfileKind)
def test_each_certificate_passes_as_what_it_is(
    kind: ProfileKind, hierarchy: Hierarchy, seal: x509.Certificate
) -> None:
    STRICT.check_certificate(kind, made(hierarchy, seal)[kind].public_bytes(Encoding.DER))


@pytest.mark.parametrize("kind", ProfileKind)
def test_no_certificate_passes_as_anything_else(
    kind: ProfileKind, hierarchy: Hierarchy, seal: x509.Certificate
) -> None:
    for other, certificate in made(hierarchy, seal).items():
        if other is not kind:
            with pytest.raises(LintError):
                STRICT.check_certificate(kind, certificate.public_bytes(Encoding.DER))


@pytest.mark.parametrize("issuer", [ROOT, FIRST_ISSUING])
@pytest.mark.usefixtures("hierarchy")
def test_crls_pass(world: World, issuer: IssuerId) -> None:
    crl = world.ledger.latest_crl(issuer)
    assert crl is not None
    STRICT.check_crl(crl)


def test_a_crl_without_a_number_is_refused(hierarchy: Hierarchy) -> None:
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder(
        hierarchy.issuing.subject, now, now + timedelta(days=1)
    )
    crl = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    with pytest.raises(LintError, match="crl_number"):
        STRICT.check_crl(crl.public_bytes(Encoding.DER))


@pytest.mark.parametrize("kind", ProfileKind)
@pytest.mark.parametrize("days", [0, -1, 10**6])
def test_a_validity_beyond_its_limit_is_refused(kind: ProfileKind, days: int) -> None:
    with pytest.raises(BadProfileError) as raised:
        validate_profile(kind, ProfileConfig(validity_days=days))
    assert raised.value.details["key"] == "validity_days"


@pytest.mark.parametrize("policies", [(), ("x",), ("1.2.3", "")])
def test_policies_are_oids_and_at_least_one(policies: tuple[str, ...]) -> None:
    with pytest.raises(BadProfileError):
        validate_profile(ProfileKind.SEAL, ProfileConfig(policies=policies))


def test_the_defaults_hold() -> None:
    for kind, rules in RULES.items():
        profile = validate_profile(kind)
        assert profile.validity == timedelta(days=rules.default_days)
    limited = validate_profile(ProfileKind.SEAL, ProfileConfig(365, ("1.2.3",)))
    assert limited.validity == timedelta(days=365)
    assert limited.policies == (x509.ObjectIdentifier("1.2.3"),)
