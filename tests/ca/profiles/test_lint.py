"""Everything that is made passes pkilint, and what was damaged does not."""

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock, patch

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pkilint.common import alternative_name
from pkilint.validation import (
    ValidationFinding,
    ValidationFindingDescription,
    ValidationFindingSeverity,
    ValidationResult,
)

from ca.errors import LintError
from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING, ROOT
from ca.profiles.lint import ACCEPTED, Linter, is_public_name
from ca.profiles.profiles import ProfileKind, Suite
from core.ids import IssuerId
from tests.ca.world import HTTP, SECOND_ROOT, World
from tests.permits import MANAGE_CA

STRICT = Linter(demo=False)


@pytest.fixture(scope="module")
def made(
    world: World, hierarchy: Hierarchy, seal: x509.Certificate
) -> dict[ProfileKind, x509.Certificate]:
    rolling = World()
    rolling.found()
    rolling.second_root()
    cross = rolling.steps.cross_certify(SECOND_ROOT, ROOT, permit=MANAGE_CA)
    others = (ProfileKind.OFFICER, ProfileKind.OFFICER_SHORT, ProfileKind.RECEIPT)
    return {
        ProfileKind.ROOT: hierarchy.root,
        ProfileKind.ISSUING: hierarchy.issuing,
        ProfileKind.SEAL: seal,
        ProfileKind.OCSP_RESPONDER: hierarchy.ocsp,
        ProfileKind.TSA: hierarchy.tsa,
        ProfileKind.CROSS: x509.load_der_x509_certificate(cross),
    } | {kind: world.certify(hierarchy, kind) for kind in others}


@pytest.mark.parametrize("kind", ProfileKind)
def test_each_certificate_passes_as_what_it_is(
    kind: ProfileKind, made: dict[ProfileKind, x509.Certificate]
) -> None:
    STRICT.check_certificate(kind, made[kind].public_bytes(Encoding.DER))


@pytest.mark.parametrize("kind", ProfileKind)
def test_no_certificate_passes_as_anything_else(
    kind: ProfileKind, made: dict[ProfileKind, x509.Certificate]
) -> None:
    for other, certificate in made.items():
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


@pytest.mark.parametrize(("kind", "code"), ACCEPTED)
def test_no_acceptance_outlives_its_reason(kind: ProfileKind, code: str) -> None:
    accepted = ACCEPTED[kind, code]
    url = "http://127.0.0.1:8080" if accepted.demo_only else HTTP
    world = World(url, demo=accepted.demo_only, suite=Suite.ML_DSA)
    hierarchy = world.found()
    certificate = world.certify(hierarchy, kind)
    others = {key: value for key, value in ACCEPTED.items() if key != (kind, code)}
    with patch("ca.profiles.lint.ACCEPTED", others), pytest.raises(LintError, match=code):
        world.parts.linter.check_certificate(kind, certificate.public_bytes(Encoding.DER))


def test_what_cannot_be_linted_does_not_pass(seal: x509.Certificate) -> None:
    broken = Mock(validator=Mock(validate=Mock(side_effect=RecursionError)))
    with (
        patch("ca.profiles.lint._certificate_linter", return_value=broken),
        pytest.raises(LintError, match=r"FATAL pkilint\.failed RecursionError"),
    ):
        STRICT.check_certificate(ProfileKind.SEAL, seal.public_bytes(Encoding.DER))


@pytest.mark.parametrize("severity", ["FATAL", "ERROR", "WARNING", "NOTICE"])
def test_every_severity_that_speaks_of_a_fault_stops(seal: x509.Certificate, severity: str) -> None:
    finding = ValidationFinding(ValidationFindingSeverity[severity], "made.up")
    result = ValidationResult(Mock(), Mock(), [ValidationFindingDescription(finding, None)])
    linter = Mock(validator=Mock(validate=Mock(return_value=[result])), filters=None)
    with (
        patch("ca.profiles.lint._certificate_linter", return_value=linter),
        pytest.raises(LintError, match=rf"{severity} made\.up"),
    ):
        STRICT.check_certificate(ProfileKind.SEAL, seal.public_bytes(Encoding.DER))


def test_ocsp_answers_pass_and_damaged_ones_do_not(
    hierarchy: Hierarchy, seal: x509.Certificate
) -> None:
    answer = hierarchy.responder.response_for(seal.serial_number)
    STRICT.check_ocsp(answer)
    with pytest.raises(LintError):
        STRICT.check_ocsp(answer[:-1])


def test_the_list_of_public_suffixes_is_read_once(seal: x509.Certificate) -> None:
    STRICT.check_certificate(ProfileKind.SEAL, seal.public_bytes(Encoding.DER))
    with patch("publicsuffixlist.PublicSuffixList", side_effect=AssertionError("read again")):
        rule = alternative_name.InternalDomainNameValidator(Mock())
        assert is_public_name("verify.example.gov.cn")
    assert rule._psl.publicsuffix("localhost") is None
