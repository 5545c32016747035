"""What a signature permits: its certification, its locks; and what it says of what it covers."""

import io

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.inspection.changes.layout import read_layout
from signing.limits import Limits
from signing.report import LaterChanges, SignatureReport
from signing.sandbox import Sandbox
from signing.validation import validate_pdf
from tests.signing import harmless
from tests.signing.harmless import NOWHERE, STAMP, added_field, with_dss
from tests.signing.inspection import attacks
from tests.signing.inspection.raw_updates import (
    FORM_XOBJECT,
    appended,
    body,
    filled,
    signature,
    signed_paper,
    stream,
)
from tests.signing.material import NOW, How, blank, pki, sign
from tests.signing.test_validation import SOON

CHANGED = LaterChanges.CONTENT_CHANGED


def signatures(data: bytes) -> dict[str, SignatureReport]:
    report = validate_pdf(data, pki().bare_trust(), SOON)
    return {signature.field: signature for signature in report.signatures}


def locking(action: bytes, *, in_field: bool) -> bytes:
    """A further signature that locks fields, by its own dictionary or by its field's /Lock."""
    lock = b"<< /Type /SigFieldLock %s >>" % action
    if in_field:
        return added_field(NOWHERE + b" /Lock %s" % lock, signature())
    entries = (
        b"/Type /Sig /SubFilter /ETSI.CAdES.detached /Reference [ << /Type /SigRef"
        b" /TransformMethod /FieldMDP /Data 1 0 R /TransformParams << /Type /TransformParams"
        b" /V /1.2 %s >> >> ]" % action
    )
    return added_field(NOWHERE, signature(entries))


def with_value(data: bytes) -> bytes:
    return appended(data, {9: body(data, 9).replace(b"(Li Si)", b"(Wang Wu)")})


@pytest.mark.parametrize("in_field", [True, False])
@pytest.mark.parametrize(
    ("action", "locked"),
    [
        (b"/Action /All", True),
        (b"/Action /Include /Fields [ (name) ]", True),
        (b"/Action /Include /Fields [ (other) ]", False),
        (b"/Action /Exclude /Fields [ (name) ]", False),
        (b"/Action /Exclude /Fields [ (other) ]", True),
    ],
)
def test_a_value_in_a_locked_field(action: bytes, *, locked: bool, in_field: bool) -> None:
    found = signatures(with_value(locking(action, in_field=in_field)))
    further = found["Further"]
    assert found["Seal"].later_changes is LaterChanges.FORM_FILL
    assert further.later_changes is (CHANGED if locked else LaterChanges.FORM_FILL)
    assert ("docmdp_violated" in further.notes) is locked


def test_a_locked_field_that_is_signed() -> None:
    """The prepared field existed when all fields were locked; a new one did not."""
    data = locking(b"/Action /All", in_field=False)
    widget = body(data, 11)[:-2] + b"/V 61 0 R >>"
    found = signatures(filled(appended(data, {11: widget, 61: signature()})))
    assert found["Further"].later_changes is CHANGED
    assert found["Further"].notes == ("docmdp_violated",)
    assert found["Seal"].later_changes is LaterChanges.SIGNATURES


def test_a_lock_does_not_hold_against_validation_data() -> None:
    found = signatures(with_dss(locking(b"/Action /All", in_field=True)))
    assert found["Further"].later_changes is LaterChanges.VALIDATION_DATA


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        (MDPPerm.NO_CHANGES, CHANGED),
        (MDPPerm.FILL_FORMS, CHANGED),
        (MDPPerm.ANNOTATE, LaterChanges.PERMITTED),
    ],
)
def test_a_note_under_each_certification(permission: MDPPerm, expected: LaterChanges) -> None:
    data = attacks.certified(permission)
    page = body(data, 4).replace(b"/Annots [", b"/Annots [ 40 0 R")
    note = b"<< /Type /Annot /Subtype /Text /Rect [ 0 0 9 9 ] >>"
    found = signatures(appended(data, {4: page, 40: note}))["Seal"]
    assert found.later_changes is expected


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        (MDPPerm.NO_CHANGES, CHANGED),
        (MDPPerm.FILL_FORMS, LaterChanges.FORM_FILL),
        (MDPPerm.ANNOTATE, LaterChanges.FORM_FILL),
    ],
)
def test_a_value_under_each_certification(permission: MDPPerm, expected: LaterChanges) -> None:
    assert signatures(with_value(attacks.certified(permission)))["Seal"].later_changes is expected


@pytest.mark.parametrize("permission", list(MDPPerm))
def test_a_document_timestamp_under_each_certification(permission: MDPPerm) -> None:
    data = added_field(NOWHERE, signature(STAMP), stamp=True, paper=attacks.certified(permission))
    assert signatures(data)["Seal"].later_changes is LaterChanges.VALIDATION_DATA


@pytest.mark.parametrize(
    ("box", "covers"),
    [
        ((220, 10, 290, 40), False),
        ((20, 90, 100, 130), True),  # the text
        ((180, 90, 215, 110), True),  # the picture's right half
        ((20, 155, 40, 160), True),  # the text field
        ((100, 120, 140, 140), False),  # between them
        ((0, 0, 300, 200), True),
    ],
)
def test_a_signature_over_content(box: tuple[int, int, int, int], *, covers: bool) -> None:
    widget = b"/Rect [ %d %d %d %d ] /AP << /N 42 0 R >>" % box
    more = {42: stream(b"0 0 1 rg 0 0 60 20 re f", FORM_XOBJECT)}
    data = signed_paper()
    picture = stream(b"1 0 0 rg 0 0 60 20 re f", FORM_XOBJECT)
    assert body(data, 6) != picture
    found = signatures(added_field(widget, signature(), more=more))["Seal"]
    assert found.later_changes is LaterChanges.SIGNATURES
    assert found.notes == (("covers_content",) if covers else ())


@pytest.mark.parametrize("permission", [None, MDPPerm.NO_CHANGES])
@pytest.mark.parametrize("stream_xrefs", [True, False])
def test_what_stock_pyhanko_appends(permission: MDPPerm | None, *, stream_xrefs: bool) -> None:
    """A DSS, and in the same update another /ModDate and /Producer, at P=1 too."""
    paper = sign(blank(stream_xrefs=stream_xrefs), pki(), How("B-B", docmdp=permission))
    writer = IncrementalPdfFileWriter(io.BytesIO(paper))
    DocumentSecurityStore.supply_dss_in_writer(writer, None, **pki().validation_data(NOW))
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    seal = signatures(out.getvalue())["Seal"]
    assert (seal.later_changes, seal.notes) == (LaterChanges.VALIDATION_DATA, ("info_changed",))


def test_each_update_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many signatures ask: a file of many signatures takes linear time."""
    counted: list[int] = []

    def counting(reader: object, revision: int, start: int) -> object:
        counted.append(revision)
        return read_layout(reader, revision, start)  # type: ignore[arg-type]

    monkeypatch.setattr("signing.inspection.changes.history.read_layout", counting)
    data = blank()
    for number in range(8):
        data = sign(data, pki(), How("B-B", docmdp=None, field=f"S{number}"))
    found = signatures(data)
    assert [one.later_changes for one in found.values()] == (
        [LaterChanges.SIGNATURES] * 7 + [LaterChanges.NONE]
    )
    assert sorted(counted) == list(range(2, 9))


SANDBOXED = [
    (harmless.a_comment_after_the_trailer, LaterChanges.VALIDATION_DATA),
    (harmless.xmp_serialised_otherwise, LaterChanges.VALIDATION_DATA),
    (harmless.a_vri_with_a_token, LaterChanges.VALIDATION_DATA),
    (harmless.validation_data_rebuilt, LaterChanges.VALIDATION_DATA),
    (harmless.objects_in_an_object_stream, LaterChanges.VALIDATION_DATA),
    (harmless.a_visible_signature_with_everything, LaterChanges.SIGNATURES),
    (harmless.a_document_timestamp, LaterChanges.VALIDATION_DATA),
    (attacks.the_content_stream, CHANGED),
    (attacks.the_signatures_appearance, CHANGED),
    (attacks.another_title, CHANGED),
    (attacks.a_note_over_the_text, LaterChanges.PERMITTED),
    (attacks.an_object_in_a_certificate, LaterChanges.UNCLEAR),
    (attacks.xmp_with_entities, LaterChanges.UNCLEAR),
]


def test_the_same_in_the_sandbox() -> None:
    """A worker may open and import nothing: what judges updates must be loaded before."""
    with Sandbox(1, limits=Limits()) as box:
        for make, expected in SANDBOXED:
            report = box.validate(make(), pki().bare_trust(), SOON)
            first = report.signatures[0]
            assert (make.__name__, first.intact, first.later_changes) == (
                make.__name__, True, expected,
            )  # fmt: skip
