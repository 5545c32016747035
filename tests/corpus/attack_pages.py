"""A page's frame changed: boxes, rotation, units, transitions; the content stays."""

from tests.corpus.model import BOTH, OURS, PROVEN, UNSEEN, attack
from tests.corpus.papers import APPROVED, CERTIFIED_1, CERTIFIED_3
from tests.corpus.pdf import Pdf


@attack(OURS, APPROVED, CERTIFIED_3, foreign=PROVEN)
def rotated(pdf: Pdf) -> bytes:
    """The page's /Rotate is changed."""
    return pdf.update(pdf.set(pdf.page, Rotate=b"180")).data


@attack(OURS, APPROVED, CERTIFIED_1, foreign=PROVEN)
def cropped(pdf: Pdf) -> bytes:
    """The page gains a /CropBox that leaves the signed line out."""
    return pdf.update(pdf.set(pdf.page, CropBox=b"[0 0 300 140]")).data


@attack(OURS, APPROVED, foreign=PROVEN)
def media_box_moved(pdf: Pdf) -> bytes:
    """The page's /MediaBox is moved."""
    return pdf.update(pdf.set(pdf.page, MediaBox=b"[0 0 300 120]")).data


@attack(APPROVED, foreign=PROVEN)
def media_box_by_reference(pdf: Pdf) -> bytes:
    """The page's /MediaBox becomes a reference to a smaller box."""
    changed = pdf.set(pdf.page, MediaBox=b"%d 0 R" % pdf.size)
    return pdf.update({pdf.size: b"[0 0 300 120]", **changed}).data


@attack(OURS, APPROVED, foreign=PROVEN, shown_by=UNSEEN)
def user_unit_changed(pdf: Pdf) -> bytes:
    """The page's /UserUnit makes it ten times as large."""
    return pdf.update(pdf.set(pdf.page, UserUnit=b"10")).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def transition_added(pdf: Pdf) -> bytes:
    """The page is shown for one second only in full-screen mode (/Dur, /Trans)."""
    return pdf.update(pdf.set(pdf.page, Dur=b"1", Trans=b"<< /S /Dissolve >>")).data


@attack(OURS, APPROVED, foreign=PROVEN, shown_by=UNSEEN)
def transparency_group_added(pdf: Pdf) -> bytes:
    """The page gains a /Group with another colour space for blending."""
    group = b"<< /S /Transparency /CS /DeviceCMYK /I true /K true >>"
    return pdf.update(pdf.set(pdf.page, Group=group)).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def thumbnail_added(pdf: Pdf) -> bytes:
    """The page gains a /Thumb that shows another page in the viewer's side bar."""
    from tests.corpus.papers import picture  # noqa: PLC0415

    return pdf.update(
        {pdf.size: picture(255, 0, 0), **pdf.set(pdf.page, Thumb=b"%d 0 R" % pdf.size)}
    ).data


@attack(APPROVED)
def count_of_pages_lowered(pdf: Pdf) -> bytes:
    """The page tree's /Count says one, its /Kids still name two."""
    return pdf.update(pdf.set(pdf.pages, Count=b"1")).data


@attack(APPROVED, foreign=PROVEN, shown_by=BOTH)
def page_turned_into_template(pdf: Pdf) -> bytes:
    """The second page's /Type becomes /Template, which viewers do not show as a page."""
    left = pdf.set(pdf.pages, Kids=b"[3 0 R]", Count=b"1")
    return pdf.update({**pdf.set(20, Type=b"/Template"), **left}).data
