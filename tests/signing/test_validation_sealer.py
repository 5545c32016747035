"""What our own Sealer makes, judged at each level, whole and with bits flipped."""

import random
from datetime import datetime, timedelta
from functools import cache

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signing.levels import PadesLevel
from signing.report import Coverage, Indication, LaterChanges, SignatureKind, Structure
from signing.structure import look
from signing.trust.anchors import TrustMaterial
from signing.validation import validate_pdf
from tests.signing.sealing.sealing_world import IDENTIFIER, sealed, world
from tests.signing.test_validation_hostile import flipped, gaps, is_refused, neutral

SOON = timedelta(minutes=1)


@cache
def trust() -> TrustMaterial:
    here = world()
    validation = here.hierarchy.validation.for_seal(here.certificate)
    return TrustMaterial(
        anchors=(here.root.public_bytes(Encoding.DER),),
        certificates=(here.hierarchy.issuing.public_bytes(Encoding.DER),),
        crls=tuple(validation.crls),
        ocsps=tuple(validation.ocsps),
    )


def at() -> datetime:
    return world().ca.clock.now() + SOON


@pytest.mark.parametrize("level", list(PadesLevel))
def test_our_seals_pass_at_their_level(level: PadesLevel) -> None:
    document = sealed(level)
    report = validate_pdf(document.pdf, trust(), at())
    assert report.structure is Structure.SIGNED
    assert report.notes == ()
    assert report.identifiers == (IDENTIFIER,)
    assert set(document.revisions) <= set(report.revision_ends)
    seal = report.signatures[0]
    assert seal.kind is SignatureKind.SEAL
    assert seal.level == level.value
    assert seal.intact is True
    assert seal.indication is Indication.TOTAL_PASSED, seal
    assert seal.claimed_time == document.sealed_at.replace(microsecond=0)
    if level is PadesLevel.B_LTA:
        assert seal.coverage is Coverage.REVISION
        assert seal.later_changes is LaterChanges.VALIDATION_DATA
        assert report.signatures[1].indication is Indication.TOTAL_PASSED
    else:
        assert seal.coverage is Coverage.WHOLE_FILE
        assert len(report.signatures) == 1


@pytest.mark.parametrize("level", [PadesLevel.B_LT, PadesLevel.B_LTA])
def test_our_long_term_seals_need_only_the_root(level: PadesLevel) -> None:
    bare = TrustMaterial(anchors=trust().anchors)
    report = validate_pdf(sealed(level).pdf, bare, at() + timedelta(days=365))
    assert report.signatures[0].level == level.value
    assert report.signatures[0].indication is Indication.TOTAL_PASSED


def test_stripping_our_archive_revision_drops_the_level() -> None:
    document = sealed(PadesLevel.B_LTA)
    report = validate_pdf(document.pdf[: document.revisions[0]], trust(), at())
    assert report.signatures[0].level == "B-LT"
    assert report.signatures[0].later_changes is LaterChanges.NONE


@pytest.mark.parametrize("level", [PadesLevel.B_LT, PadesLevel.B_LTA])
def test_300_flipped_bits(level: PadesLevel) -> None:
    """Spread over the file; in the seal's /Contents only what nothing covers may pass."""
    data = sealed(level).pdf
    source = random.Random(level.value)
    count = 300 if level is PadesLevel.B_LT else 60
    held = gaps(data)
    for position in source.sample(range(len(data)), count):
        bit = source.randrange(8)
        report = validate_pdf(flipped(data, position, bit), trust(), at())
        assert report.structure in (Structure.SIGNED, Structure.BROKEN), (position, bit)
        if is_refused(report):
            continue
        assert any(start < position < end for start, end in held), (position, bit)
        if level is PadesLevel.B_LT:
            assert neutral(data, position, bit, report), (position, bit, report)


def test_a_flipped_bit_never_hides_the_seal() -> None:
    data = sealed(PadesLevel.B_B).pdf
    for mark in (b"%PDF", b"startxref", b"/Type /Sig", b"/ByteRange", b"/AcroForm", b"/Size"):
        start = data.find(mark)
        if start < 0:
            continue
        for position in range(start, start + len(mark)):
            report = validate_pdf(flipped(data, position, 1), trust(), at())
            assert is_refused(report), (mark, position)
    assert look(data).strong_traces
