"""Anchors that a list recognises for a time or a service only, judged in process and sandbox."""

from dataclasses import replace
from datetime import timedelta

from signing.report import Indication, SignatureReport
from signing.sandbox import Sandbox
from signing.trust.anchors import AnchorScope, AnchorService, TrustMaterial
from signing.validation import validate_pdf
from tests.signing.material import NOW, How, Pki, blank, make_pki, pki, sealed, sign

SOON = NOW + timedelta(minutes=1)
DAY = timedelta(days=1)


def scoped(scope: AnchorScope) -> TrustMaterial:
    trust = pki().trust()
    return TrustMaterial(trust.anchors, trust.certificates, trust.crls, scopes=(scope,))


def root_scope(**more: object) -> AnchorScope:
    der = pki().root.asn1.sha256.hex()
    return AnchorScope(der, **more)  # type: ignore[arg-type]


def only(level: str, trust: TrustMaterial) -> SignatureReport:
    (one,) = validate_pdf(sealed(level), trust, SOON).signatures
    return one


def test_an_anchor_counts_while_the_list_recognises_it() -> None:
    within = root_scope(recognised_from=NOW - DAY, recognised_until=NOW + DAY)
    for level in ("B-B", "B-T", "B-LT"):
        assert only(level, scoped(within)).indication is Indication.TOTAL_PASSED


def test_an_anchor_does_not_count_before_or_after() -> None:
    for scope in (
        root_scope(recognised_until=NOW - DAY),
        root_scope(recognised_from=NOW + DAY),
    ):
        for level in ("B-B", "B-T", "B-LT"):
            one = only(level, scoped(scope))
            assert one.indication is Indication.INDETERMINATE, (scope, level)
            assert one.intact is not False
            assert not one.trusted


def test_a_withdrawn_service_leaves_what_was_proven_before() -> None:
    """Withdrawn since; timestamp and validation data say that it was made before."""
    withdrawn = scoped(root_scope(recognised_until=NOW + timedelta(seconds=30)))
    one = only("B-LT", withdrawn)
    assert one.indication is Indication.TOTAL_PASSED
    assert one.best_time == NOW
    assert one.trusted
    without_proof = only("B-B", withdrawn)
    assert without_proof.indication is Indication.INDETERMINATE
    assert not without_proof.trusted


def test_an_anchor_for_timestamps_vouches_for_no_signer() -> None:
    one = only("B-B", scoped(root_scope(service=AnchorService.TIMESTAMPS)))
    assert not one.trusted
    assert one.indication is Indication.INDETERMINATE
    assert only("B-B", scoped(root_scope(service=AnchorService.CERTIFICATES))).trusted


def test_an_anchor_for_timestamps_vouches_for_timestamps() -> None:
    data, tsa = sealed_with_tsa_of(make_pki())
    trust = pki().trust()
    material = TrustMaterial(
        (*trust.anchors, tsa.root.der),
        (*trust.certificates, tsa.issuing.der),
        (*trust.crls, *tsa.trust().crls),
        scopes=(AnchorScope(tsa.root.asn1.sha256.hex(), AnchorService.TIMESTAMPS),),
    )
    (one,) = validate_pdf(data, material, SOON).signatures
    assert one.indication is Indication.TOTAL_PASSED
    assert one.best_time == NOW


def test_limits_reach_the_sandbox() -> None:
    withdrawn = scoped(root_scope(recognised_until=NOW - DAY))
    stamping = scoped(root_scope(service=AnchorService.TIMESTAMPS))
    with Sandbox(workers=1) as sandbox:
        for trust in (withdrawn, stamping, pki().trust()):
            inside = sandbox.validate(sealed("B-LT"), trust, SOON)
            assert inside == validate_pdf(sealed("B-LT"), trust, SOON)


def sealed_with_tsa_of(other: Pki) -> tuple[bytes, Pki]:
    """Return a sealed file whose timestamp is of another PKI, and that PKI."""
    return sign(blank(), replace(pki(), tsa=other.tsa), How("B-T")), other
