"""What may follow a seal: validation data and timestamps, byte by byte; anything else shows."""

# mypy: disable-error-code="no-untyped-call"

import re

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm

from signing.report import Coverage, LaterChanges, SignatureReport, Structure, ValidationReport
from signing.structure import look
from signing.validation import validate_pdf
from tests.signing.inspection import updates
from tests.signing.inspection.updates import updated
from tests.signing.material import NOW, How, archive, blank, pki, sealed, sign
from tests.signing.test_validation import SOON


def judge(data: bytes) -> ValidationReport:
    return validate_pdf(data, pki().trust(), SOON)


def seal_of(data: bytes) -> SignatureReport:
    return judge(data).signatures[0]


CHANGED = LaterChanges.CONTENT_CHANGED
HARMLESS = LaterChanges.VALIDATION_DATA
VIOLATED = "docmdp_violated"

# What each update is without a certification, and under one that allows form filling (P=2).
CLASSES: dict[updates.Change, tuple[LaterChanges, set[str], LaterChanges, set[str]]] = {
    updates.change_content: (CHANGED, {"page_content_changed"}, CHANGED, set()),
    updates.change_title: (CHANGED, {"info_changed", "properties_changed"}, CHANGED, set()),
    updates.replace_info: (CHANGED, {"info_changed", "properties_changed"}, CHANGED, set()),
    updates.add_script: (CHANGED, {"catalogue_changed"}, CHANGED, set()),
    updates.add_annotation: (
        LaterChanges.PERMITTED, {"annotation_changed"}, CHANGED, {VIOLATED},
    ),
    updates.add_field: (LaterChanges.PERMITTED, {"field_changed"}, CHANGED, {VIOLATED}),
    updates.add_orphan: (HARMLESS, set(), HARMLESS, set()),
    updates.drop_dss_items: (HARMLESS, {"validation_data_replaced"}, HARMLESS, set()),
    updates.replace_dss_stream: (HARMLESS, {"validation_data_replaced"}, HARMLESS, set()),
    updates.hide_in_dss: (
        LaterChanges.UNCLEAR, {"structure_unclear"}, LaterChanges.UNCLEAR, set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CLASSES, ids=lambda change: change.__name__)
def test_an_update_without_a_certification(change: updates.Change) -> None:
    seal = seal_of(updated(sealed("B-LT", docmdp=None), change))
    expected, notes, _, _ = CLASSES[change]
    assert seal.intact is True, "the sealed bytes are as they were"
    assert seal.coverage is Coverage.REVISION
    assert (seal.later_changes, set(seal.notes)) == (expected, notes)


@pytest.mark.parametrize("change", CLASSES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("docmdp", [MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS])
def test_an_update_under_a_certification(change: updates.Change, docmdp: MDPPerm) -> None:
    seal = seal_of(updated(sealed("B-LT", docmdp=docmdp), change))
    _, notes, expected, more = CLASSES[change]
    silent = docmdp is MDPPerm.NO_CHANGES and "info_changed" in notes
    assert (seal.later_changes, set(seal.notes)) == (
        expected,
        notes | more | ({VIOLATED} if silent else set()),
    )


@pytest.mark.parametrize("change", CLASSES, ids=lambda change: change.__name__)
def test_also_below_an_archive_timestamp(change: updates.Change) -> None:
    """`ades_lta_validation` answers OK for these: its indication leaves modifications out."""
    data = archive(updated(sealed("B-LT", docmdp=MDPPerm.FILL_FORMS), change), pki(), NOW)
    assert seal_of(data).later_changes is CLASSES[change][2]


def test_also_after_an_archive_timestamp() -> None:
    report = judge(updated(sealed("B-LTA"), updates.change_content))
    assert [s.later_changes for s in report.signatures] == [CHANGED] * 2


@pytest.mark.parametrize("key", ["/ModDate", "/Producer"])
@pytest.mark.parametrize("docmdp", [MDPPerm.FILL_FORMS, None])
def test_other_makers_dates_are_noted(key: str, docmdp: MDPPerm | None) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        updates.change_info(writer, key)

    seal = seal_of(updated(sealed("B-LT", docmdp=docmdp), change))
    assert seal.notes == ("info_changed",)
    assert seal.later_changes is HARMLESS


def test_a_certification_without_changes_forbids_a_date_on_its_own() -> None:
    seal = seal_of(updated(sealed("B-LT"), updates.change_info))
    assert seal.later_changes is CHANGED
    assert seal.notes == (VIOLATED, "info_changed")


def test_a_date_beside_validation_data_is_what_archiving_leaves_behind() -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        updates.drop_dss_items(writer)
        updates.change_info(writer)

    seal = seal_of(updated(sealed("B-LT"), change))
    assert seal.later_changes is HARMLESS
    assert seal.notes == ("info_changed", "validation_data_replaced")


def test_a_certification_without_changes_allows_archive_timestamps() -> None:
    """ISO 32000-2 12.8.2.2.2, table 257: the DSS and timestamps do not count."""
    seal = seal_of(archive(sealed("B-LT"), pki(), NOW))
    assert seal.level == "B-LTA"
    assert seal.later_changes is HARMLESS


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
@pytest.mark.parametrize("garbage", [b"garbage", b"%", b"\n%%EOF\n", b"1 0 obj\n<<>>\nendobj\n"])
def test_garbage_after_the_end(level: str, garbage: bytes) -> None:
    for signature in judge(sealed(level) + garbage).signatures:
        assert signature.later_changes is LaterChanges.UNCLEAR
        assert "structure_unclear" in signature.notes


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
@pytest.mark.parametrize("space", [b"\n", b"\r\n\r\n", b" ", b"\0", b" " * 1000])
def test_white_space_after_the_end(level: str, space: bytes) -> None:
    signatures = judge(sealed(level) + space).signatures
    assert [s.later_changes for s in signatures][-1] is LaterChanges.NONE
    assert signatures[-1].notes == ("eol_after_eof",)
    assert all(s.later_changes is HARMLESS for s in signatures[:-1])


def test_a_page_of_white_space_after_the_end_is_not_read() -> None:
    report = judge(sealed("B-LT") + b" " * 1024)
    assert all(one.later_changes is LaterChanges.UNCLEAR for one in report.signatures)
    assert report.signatures or report.structure is Structure.BROKEN


@pytest.mark.parametrize(
    "hidden",
    [
        b"garbage\n",
        b"1 0 obj\n<</Type/Catalog>>\nendobj\n",
        b"\n%% endobj garbage\n",
    ],
)
def test_bytes_that_no_cross_reference_lists(hidden: bytes) -> None:
    """Shadow attacks park an object there, to be switched on later."""
    data = updated(sealed("B-LT", docmdp=MDPPerm.FILL_FORMS), updates.change_info)
    assert seal_of(data).later_changes is HARMLESS
    seal = seal_of(updates.move_startxref(data, hidden))
    assert seal.later_changes is LaterChanges.UNCLEAR


def test_an_update_that_points_back_into_older_bytes() -> None:
    data = updates.shadow_catalogue(sealed("B-LT", docmdp=MDPPerm.FILL_FORMS))
    assert seal_of(data).later_changes is LaterChanges.UNCLEAR


def test_a_freed_object() -> None:
    data = sealed("B-LT", docmdp=MDPPerm.FILL_FORMS)
    size = int(re.findall(rb"/Size (\d+)", data)[-1])
    previous = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    root = re.findall(rb"/Root \d+ 0 R", data)[-1]
    document_id = re.findall(rb"/ID \[.*?\]", data)[-1]
    table = b"xref\n0 1\n0000000004 65535 f \n4 1\n0000000000 00001 f \n"
    trailer = b"trailer\n<< %s /Size %d /Prev %d %s >>\n" % (root, size, previous, document_id)
    forged = data + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(data)
    assert seal_of(forged).later_changes is LaterChanges.UNCLEAR


def test_form_filling_after_an_approval_signature() -> None:
    """Permitted, and never silently so: the reader is told that values were filled in later."""

    def with_field(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name("/AcroForm")] = writer.add_object(
            generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject()})
        )
        writer.update_root()
        updates.add_field(writer)

    signed = sign(updated(blank(), with_field), pki(), How("B-LT", docmdp=None))
    assert seal_of(signed).later_changes is LaterChanges.NONE
    filled = seal_of(updated(signed, updates.fill_form))
    assert filled.later_changes is LaterChanges.FORM_FILL
    assert filled.notes == ()


def test_stripped_archive_revisions_drop_the_level() -> None:
    data = sealed("B-LTA")
    first = min(item.end for item in look(data).byte_ranges)
    seal = seal_of(data[:first])
    assert seal.level == "B-LT"
    assert seal.later_changes is LaterChanges.NONE
    assert seal.coverage is Coverage.WHOLE_FILE


@pytest.mark.parametrize("box", [None, (200, 10, 280, 40)])
def test_a_countersignature(box: tuple[int, int, int, int] | None) -> None:
    how = How("B-LT", docmdp=None, field="Second", box=box)
    first, second = judge(sign(sealed("B-LT", docmdp=None), pki(), how)).signatures
    assert first.intact
    assert first.later_changes is LaterChanges.SIGNATURES
    assert second.later_changes is LaterChanges.NONE


def test_a_certification_without_changes_forbids_a_countersignature() -> None:
    how = How("B-LT", docmdp=None, field="Second")
    first, second = judge(updates.sign_regardless(sealed("B-LT"), how)).signatures
    assert (first.later_changes, first.notes) == (CHANGED, (VIOLATED,))
    assert second.later_changes is LaterChanges.NONE


def test_revisions_in_cross_reference_streams() -> None:
    data = sign(blank(stream_xrefs=True), pki(), How("B-LTA", docmdp=MDPPerm.FILL_FORMS))
    seal, stamp = judge(data).signatures
    assert seal.level == "B-LTA"
    assert seal.later_changes is LaterChanges.VALIDATION_DATA
    assert stamp.later_changes is LaterChanges.NONE
    assert seal_of(data + b"x").later_changes is LaterChanges.UNCLEAR
