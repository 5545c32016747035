"""What may follow a seal: validation data and timestamps, byte by byte; anything else shows."""

# mypy: disable-error-code="no-untyped-call"

import re

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm

from signing.report import Coverage, LaterChanges, SignatureReport, ValidationReport
from signing.structure import look
from signing.validation import validate_pdf
from tests.signing import updates
from tests.signing.material import NOW, How, archive, blank, pki, sealed, sign
from tests.signing.test_validation import SOON
from tests.signing.updates import updated


def judge(data: bytes) -> ValidationReport:
    return validate_pdf(data, pki().trust(), SOON)


def seal_of(data: bytes) -> SignatureReport:
    return judge(data).signatures[0]


HOSTILE = [
    updates.change_content,
    updates.add_annotation,
    updates.change_title,
    updates.replace_info,
    updates.add_orphan,
    updates.add_script,
    updates.drop_dss_items,
    updates.replace_dss_stream,
    updates.hide_in_dss,
    updates.add_field,
]


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
@pytest.mark.parametrize("docmdp", [MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS, None])
def test_hostile_updates_are_unexplained(change: updates.Change, docmdp: MDPPerm | None) -> None:
    seal = seal_of(updated(sealed("B-LT", docmdp=docmdp), change))
    assert seal.intact is True, "the sealed bytes are as they were"
    assert seal.coverage is Coverage.REVISION
    assert seal.later_changes is LaterChanges.CONTENT_CHANGED


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
def test_also_below_an_archive_timestamp(change: updates.Change) -> None:
    """`ades_lta_validation` answers OK for these: its indication leaves modifications out."""
    data = archive(updated(sealed("B-LT", docmdp=MDPPerm.FILL_FORMS), change), pki(), NOW)
    assert seal_of(data).later_changes is LaterChanges.CONTENT_CHANGED


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
def test_also_after_an_archive_timestamp(change: updates.Change) -> None:
    report = judge(updated(sealed("B-LTA"), change))
    assert [s.later_changes for s in report.signatures] == [LaterChanges.CONTENT_CHANGED] * 2


@pytest.mark.parametrize("key", ["/ModDate", "/Producer"])
@pytest.mark.parametrize("docmdp", [MDPPerm.FILL_FORMS, None])
def test_other_makers_dates_are_noted(key: str, docmdp: MDPPerm | None) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        updates.change_info(writer, key)

    report = judge(updated(sealed("B-LT", docmdp=docmdp), change))
    assert report.notes == ("info_changed",)
    assert report.signatures[0].later_changes is LaterChanges.VALIDATION_DATA


def test_a_certification_without_changes_forbids_even_those() -> None:
    report = judge(updated(sealed("B-LT"), updates.change_info))
    assert report.signatures[0].later_changes is LaterChanges.CONTENT_CHANGED


def test_a_certification_without_changes_allows_archive_timestamps() -> None:
    """ISO 32000-2 12.8.2.2.2, table 257: the DSS and timestamps do not count."""
    seal = seal_of(archive(sealed("B-LT"), pki(), NOW))
    assert seal.level == "B-LTA"
    assert seal.later_changes is LaterChanges.VALIDATION_DATA


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
@pytest.mark.parametrize(
    "garbage", [b"garbage", b"\n\n", b" ", b"\0", b"%", b"\n%%EOF\n", b"1 0 obj\n<<>>\nendobj\n"]
)
def test_garbage_after_the_end(level: str, garbage: bytes) -> None:
    for signature in judge(sealed(level) + garbage).signatures:
        assert signature.later_changes is LaterChanges.CONTENT_CHANGED


def test_one_end_of_line_after_the_end_is_noted() -> None:
    data = sealed("B-B")
    assert data.endswith(b"%%EOF\n"), "pyHanko signs the end of line too"
    assert judge(data + b"\n").signatures[0].later_changes is LaterChanges.CONTENT_CHANGED


@pytest.mark.parametrize(
    "hidden",
    [
        b"garbage\n",
        b"% a comment\n",
        b"1 0 obj\n<</Type/Catalog>>\nendobj\n",
        b"\n%% endobj garbage\n",
    ],
)
def test_bytes_that_no_cross_reference_lists(hidden: bytes) -> None:
    """Shadow attacks park an object there, to be switched on later."""
    data = updated(sealed("B-LT", docmdp=MDPPerm.FILL_FORMS), updates.change_info)
    assert seal_of(data).later_changes is LaterChanges.VALIDATION_DATA
    assert (
        seal_of(updates.move_startxref(data, hidden)).later_changes is LaterChanges.CONTENT_CHANGED
    )


def test_an_update_that_points_back_into_older_bytes() -> None:
    data = updates.shadow_catalogue(sealed("B-LT", docmdp=MDPPerm.FILL_FORMS))
    assert seal_of(data).later_changes is LaterChanges.CONTENT_CHANGED


def test_a_freed_object() -> None:
    data = sealed("B-LT", docmdp=MDPPerm.FILL_FORMS)
    size = int(re.findall(rb"/Size (\d+)", data)[-1])
    previous = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    root = re.findall(rb"/Root \d+ 0 R", data)[-1]
    document_id = re.findall(rb"/ID \[.*?\]", data)[-1]
    table = b"xref\n0 1\n0000000004 65535 f \n4 1\n0000000000 00001 f \n"
    trailer = b"trailer\n<< %s /Size %d /Prev %d %s >>\n" % (root, size, previous, document_id)
    forged = data + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(data)
    assert seal_of(forged).later_changes is LaterChanges.CONTENT_CHANGED


def test_form_filling_after_an_approval_signature() -> None:
    """pyHanko counts it as permitted; on a licence nothing is to be filled in."""

    def with_field(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name("/AcroForm")] = writer.add_object(
            generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject()})
        )
        writer.update_root()
        updates.add_field(writer)

    signed = sign(updated(blank(), with_field), pki(), How("B-LT", docmdp=None))
    assert seal_of(signed).later_changes is LaterChanges.NONE
    filled = updated(signed, updates.fill_form)
    assert seal_of(filled).later_changes is LaterChanges.CONTENT_CHANGED


def test_stripped_archive_revisions_drop_the_level() -> None:
    data = sealed("B-LTA")
    first = min(item.end for item in look(data).byte_ranges)
    seal = seal_of(data[:first])
    assert seal.level == "B-LT"
    assert seal.later_changes is LaterChanges.NONE
    assert seal.coverage is Coverage.WHOLE_FILE


def test_a_countersignature_is_not_validation_data() -> None:
    data = sign(sealed("B-LT", docmdp=None), pki(), How("B-LT", docmdp=None, field="Second"))
    first, second = judge(data).signatures
    assert first.intact
    assert first.later_changes is LaterChanges.CONTENT_CHANGED
    assert second.later_changes is LaterChanges.NONE


def test_revisions_in_cross_reference_streams() -> None:
    data = sign(blank(stream_xrefs=True), pki(), How("B-LTA", docmdp=MDPPerm.FILL_FORMS))
    seal, stamp = judge(data).signatures
    assert seal.level == "B-LTA"
    assert seal.later_changes is LaterChanges.VALIDATION_DATA
    assert stamp.later_changes is LaterChanges.NONE
    assert seal_of(data + b"x").later_changes is LaterChanges.CONTENT_CHANGED
