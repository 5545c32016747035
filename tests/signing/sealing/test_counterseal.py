"""Several seals on one document: each over all before it, and every earlier one intact."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from reportlab.pdfgen.canvas import Canvas

from signing.face import RenderedLicence
from signing.levels import PadesLevel
from signing.report import Coverage, Indication, LaterChanges, SignatureKind, SignatureReport
from signing.seal_check.check import check_seal
from signing.seal_check.reports import reports_of
from signing.sealing.archive import Archiver
from signing.sealing.field import PreparedField
from signing.sealing.pades import SealedDocument
from signing.sealing.request import CountersealRequest
from signing.trust.anchors import TrustMaterial
from signing.validation import validate_pdf
from tests.dss_witness import Dss, Trust
from tests.signing.inspection.updates import add_annotation, updated
from tests.signing.pyhanko_validation import Judge
from tests.signing.sealing.sealing_world import (
    APPEARANCE,
    AUTHORITY,
    IDENTIFIER,
    read,
    request,
    run,
    world,
)

SECONDS = timedelta(seconds=5)
LEVELS = [PadesLevel.B_LT, PadesLevel.B_LTA]
NAMES = ["Seal", "Seal3", "Seal2"]


def root() -> bytes:
    return world().root.public_bytes(Encoding.DER)


@cache
def pages() -> RenderedLicence:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), pdfVersion=(1, 7), invariant=1)
    for number in range(3):
        canvas.drawString(100, 700, f"page {number}")
        canvas.showPage()
    canvas.save()
    return RenderedLicence(buffer.getvalue(), (400.0, 150.0), 1)


@cache
def first() -> SealedDocument:
    """The first seal, with the places of two others: on its page, and on another."""
    others = tuple(
        PreparedField(name, page, APPEARANCE.around(centre), "其他单位")
        for name, page, centre in (("Seal2", 1, (150.0, 150.0)), ("Seal3", 0, (150.0, 400.0)))
    )
    asked = replace(
        request(PadesLevel.B_LT), rendered=pages(), metadata=None, metadata_name="", others=others
    )
    return world().sealer.seal(asked)


@cache
def countersealed(level: PadesLevel = PadesLevel.B_LT) -> tuple[bytes, ...]:
    """Each revision, the last one first signed in another order than the fields stand."""
    made = [first().pdf]
    for name in NAMES[1:]:
        last = name == NAMES[-1] and level is PadesLevel.B_LTA
        made.append(
            world()
            .sealer.counterseal(
                CountersealRequest(
                    made[-1], name, APPEARANCE, AUTHORITY, IDENTIFIER, "会签", archive=last
                )
            )
            .pdf
        )
    return tuple(made)


def judged(pdf: bytes) -> tuple[SignatureReport, ...]:
    trust = TrustMaterial((root(),))
    return validate_pdf(pdf, trust, world().ca.clock.now() + SECONDS).signatures


def file(folder: Path, level: PadesLevel) -> Path:
    path = folder / f"{level}.pdf"
    path.write_bytes(countersealed(level)[-1])
    return path


@pytest.mark.parametrize("level", LEVELS)
def test_every_seal_holds_and_the_last_covers_all(level: PadesLevel) -> None:
    revisions = countersealed(level)
    assert all(after.startswith(before) for before, after in pairwise(revisions))
    found = judged(revisions[-1])
    assert {one.indication for one in found} == {Indication.TOTAL_PASSED}
    seals = [one for one in found if one.kind is SignatureKind.SEAL]
    assert [one.field for one in seals] == NAMES
    assert all(one.intact for one in seals)
    assert [one.later_changes for one in seals[:2]] == [LaterChanges.SIGNATURES] * 2
    assert seals[-1].coverage is (
        Coverage.WHOLE_FILE if level is PadesLevel.B_LT else Coverage.REVISION
    )


@pytest.mark.parametrize("level", LEVELS)
def test_the_check_without_a_parser_agrees(level: PadesLevel) -> None:
    pdf, now = countersealed(level)[-1], world().ca.clock.now() + SECONDS
    check = check_seal(pdf, (root(),))
    assert check.holds
    assert check.complete
    assert reports_of(check, {}, now) == judged(pdf)


def test_each_step_is_whole_by_itself() -> None:
    for number, pdf in enumerate(countersealed(), 1):
        check = check_seal(pdf, (root(),))
        assert check.complete
        assert [one.field for one in check.signatures] == NAMES[:number]


def test_a_renewal_follows_what_several_sealed() -> None:
    hierarchy = world().hierarchy
    archiver = Archiver(hierarchy.timestamps, hierarchy.validation)
    renewed = archiver.renew(archiver.renew(countersealed(PadesLevel.B_LTA)[-1]))
    assert check_seal(renewed, (root(),)).complete


def test_a_renewal_between_two_seals_changes_nothing() -> None:
    own = world()
    archiver = Archiver(own.hierarchy.timestamps, own.hierarchy.validation)
    between = archiver.renew(first().pdf)
    wanted = CountersealRequest(
        between, "Seal2", APPEARANCE, AUTHORITY, IDENTIFIER, "会签", archive=True
    )
    pdf = own.sealer.counterseal(wanted).pdf
    check = check_seal(archiver.renew(pdf), (root(),))
    assert check.complete
    assert {one.indication for one in judged(pdf)} == {Indication.TOTAL_PASSED}
    assert reports_of(check, {}, own.ca.clock.now())[0].level == "B-LTA"


def test_pdfsig_finds_all_valid(tmp_path: Path) -> None:
    said = run("pdfsig", "-nocert", file(tmp_path, PadesLevel.B_LT))
    assert said.count("Signature is Valid.") == 3
    assert said.count("Total document signed") == 1


def test_qpdf_finds_nothing_wrong(tmp_path: Path) -> None:
    run("qpdf", "--check", file(tmp_path, PadesLevel.B_LTA))


@pytest.mark.parametrize("level", LEVELS)
def test_pyhanko_finds_every_seal_within_what_the_first_permits(level: PadesLevel) -> None:
    own, pdf = world(), countersealed(level)[-1]
    context = Judge(own.root, own.ca.clock.now() + SECONDS)._context(pdf)
    found = [
        validate_pdf_signature(one, context, context)
        for one in read(pdf).embedded_regular_signatures
    ]
    assert len(found) == 3
    assert all(one.bottom_line for one in found)
    assert found[0].docmdp_ok
    assert found[0].modification_level is ModificationLevel.FORM_FILLING


def test_dss_passes_all(dss: Dss, tmp_path: Path) -> None:
    trust, at = Trust.make(tmp_path / "trust", world().root), world().ca.clock.now() + SECONDS
    for level, told in ((PadesLevel.B_LT, "LT"), (PadesLevel.B_LTA, "LTA")):
        found = dss.judge(file(tmp_path, level), trust, at, counted=True)
        assert [one.told for one in found.signatures] == [("TOTAL_PASSED", told)] * 3


def test_an_annotation_after_the_last_seal_is_an_alteration() -> None:
    altered = updated(countersealed()[-1], add_annotation)
    assert check_seal(altered, (root(),)).complete is False
    assert judged(altered)[0].later_changes is LaterChanges.CONTENT_CHANGED


def test_a_seal_taken_off_leaves_those_before_it() -> None:
    before, after = countersealed()[1:]
    cut = after[: len(before)]
    assert check_seal(cut, (root(),)).signatures[-1].field == "Seal3"


def test_an_earlier_seal_that_was_touched_does_not_hold() -> None:
    pdf = countersealed()[-1]
    place = pdf.index(b"page 0") if b"page 0" in pdf else len(first().pdf) // 3
    touched = pdf[:place] + bytes((pdf[place] ^ 1,)) + pdf[place + 1 :]
    assert check_seal(touched, (root(),)).holds is False
