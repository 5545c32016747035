"""Seals by ML-DSA under an ML-DSA hierarchy: judged at each level, and by somebody else's code."""

import random
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ca.profiles.profiles import Suite
from keys.model import KeyAlgorithm
from signing.algorithm_ends import AlgorithmSuite
from signing.levels import PadesLevel
from signing.report import Coverage, Indication
from signing.seal_check.protection import protection_of
from signing.sealing.pades import SealedDocument
from signing.trust.anchors import TrustMaterial
from signing.validation import validate_pdf
from tests.ml_dsa_witness import is_valid
from tests.signing.decades import YEAR, Decades
from tests.signing.sealing.sealing_world import SealingWorld, request
from tests.signing.test_validation_hostile import is_refused

ALGORITHMS = [KeyAlgorithm.ML_DSA_65, KeyAlgorithm.ML_DSA_87]


@cache
def world(algorithm: KeyAlgorithm = KeyAlgorithm.ML_DSA_65) -> SealingWorld:
    return SealingWorld(algorithm, suite=Suite.ML_DSA)


@cache
def sealed(level: PadesLevel) -> SealedDocument:
    return world().sealer.seal(request(level))


def trust(here: SealingWorld, *, root_only: bool) -> TrustMaterial:
    anchors = (here.root.public_bytes(Encoding.DER),)
    if root_only:
        return TrustMaterial(anchors=anchors)
    known = here.hierarchy.validation.for_seal(here.certificate)
    return TrustMaterial(
        anchors=anchors,
        certificates=tuple(known.certificates),
        crls=tuple(known.crls),
        ocsps=tuple(known.ocsps),
    )


@pytest.mark.parametrize("level", PadesLevel)
def test_every_level_passes(level: PadesLevel) -> None:
    here = world()
    soon = here.ca.clock.now() + timedelta(minutes=1)
    report = validate_pdf(sealed(level).pdf, trust(here, root_only=False), soon)
    assert [one.indication for one in report.signatures] == [
        Indication.TOTAL_PASSED for _ in report.signatures
    ]
    assert report.signatures[0].level == level
    if level is not PadesLevel.B_LTA:
        assert report.signatures[0].coverage is Coverage.WHOLE_FILE


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_year_later_the_root_is_enough(algorithm: KeyAlgorithm, tmp_path: Path) -> None:
    here = world(algorithm)
    pdf = here.sealer.seal(request(PadesLevel.B_LT)).pdf
    later = here.ca.clock.now() + timedelta(days=365)
    report = validate_pdf(pdf, trust(here, root_only=True), later)
    assert report.signatures[0].indication is Indication.TOTAL_PASSED
    path = tmp_path / "sealed.pdf"
    path.write_bytes(pdf)
    assert is_valid("pdf", path) == algorithm.upper()


@pytest.mark.parametrize("level", [PadesLevel.B_LT, PadesLevel.B_LTA])
def test_the_witness_confirms_the_seal_and_sees_an_altered_octet(
    level: PadesLevel, tmp_path: Path
) -> None:
    path = tmp_path / "sealed.pdf"
    data = sealed(level).pdf
    path.write_bytes(data)
    assert is_valid("pdf", path) == "ML-DSA-65"
    altered = bytearray(data)
    altered[20] ^= 1
    path.write_bytes(altered)
    assert is_valid("pdf", path) is None


def test_60_flipped_bits_are_altered() -> None:
    data = sealed(PadesLevel.B_LT).pdf
    source = random.Random("ml-dsa")
    start = data.index(b"/Contents <") if b"/Contents <" in data else data.index(b"/Contents<")
    end = data.index(b">", start)
    for _ in range(60):
        position = source.choice([source.randrange(start), source.randrange(end, len(data))])
        altered = bytearray(data)
        altered[position] ^= 1 << source.randrange(8)
        report = validate_pdf(
            bytes(altered), trust(world(), root_only=True), world().ca.clock.now()
        )
        assert is_refused(report), position


def test_without_its_root_it_is_not_trusted() -> None:
    other = SealingWorld(KeyAlgorithm.ML_DSA_65, suite=Suite.ML_DSA)
    report = validate_pdf(
        sealed(PadesLevel.B_LT).pdf, trust(other, root_only=True), world().ca.clock.now()
    )
    assert report.signatures[0].indication is not Indication.TOTAL_PASSED
    assert report.signatures[0].intact is True


@pytest.mark.parametrize("level", [PadesLevel.B_LT, PadesLevel.B_LTA])
def test_an_ecdsa_seal_survives_the_switch(level: PadesLevel) -> None:
    """Timestamped by ML-DSA while ECDSA holds, it verifies after ECDSA's end on record."""
    here = Decades()
    pdf = here.seal(level).pdf
    assert protection_of(pdf).suite.key == "ecdsa-p256"
    here.pass_time(2.6 * YEAR)
    here.switch_to_ml_dsa()
    pdf = here.archiver().renew(pdf)
    assert protection_of(pdf).suite == AlgorithmSuite("ml-dsa-65", "sha512")
    here.pass_time(7 * YEAR)
    here.rotate_tsa()
    pdf = here.archiver().renew(pdf)
    here.pass_time(1 * YEAR)
    now = here.ca.clock.now()
    assert now > AlgorithmSuite("ecdsa-p256", "sha256").until, "ECDSA has ended"
    report = validate_pdf(pdf, here.trust, now)
    assert [one.indication for one in report.signatures] == [
        Indication.TOTAL_PASSED for _ in report.signatures
    ], report
    assert report.signatures[0].level == "B-LTA"
