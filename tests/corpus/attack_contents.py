"""/Contents and the signature's dictionary written so that two readers see two things."""

from dataclasses import replace

from tests.corpus.attack_forgery import tampered
from tests.corpus.attack_saving import forged
from tests.corpus.model import NOT_GOOD, OURS, UNSEEN, Required, attack, sound
from tests.corpus.papers import APPROVED, NOTE, note
from tests.corpus.pdf import Pdf, Section
from tests.corpus.signing import Mark, gap_of, sign, with_cms

STILL_SOUND: Required = (*sound("none"), *NOT_GOOD)
"""Nothing that anybody sees was changed in a foreign file; ours has other bytes than registered."""


def in_gap(pdf: Pdf, at: int, put: bytes) -> bytes:
    """Write bytes over a place inside /Contents, counted from `<`, or from `>` where negative."""
    gap = gap_of(pdf.data)
    start = gap.start + at if at >= 0 else gap.end + at
    return pdf.data[:start] + put + pdf.data[start + len(put) :]


@attack(NOTE, APPROVED, OURS, foreign=STILL_SOUND, shown_by=UNSEEN)
def white_space_in_digits(pdf: Pdf) -> bytes:
    """White space stands among the digits that fill /Contents up."""
    return in_gap(pdf, -40, b"  \n\n")


@attack(NOTE, APPROVED, OURS, shown_by=UNSEEN)
def comment_in_digits(pdf: Pdf) -> bytes:
    """A comment with a forged object stands among the digits of /Contents."""
    return in_gap(pdf, -60, b"%9 0 obj (x) endobj\n")


@attack(NOTE, APPROVED, OURS, shown_by=UNSEEN)
def string_ends_early(pdf: Pdf) -> bytes:
    """The string ends long before the gap does; the rest of the gap holds other entries."""
    gap = gap_of(pdf.data)
    room = gap.end - gap.start
    put = b">/Reason (approved) /Extra <"
    return in_gap(pdf, room - 200, put)


@attack(NOTE, APPROVED)
def object_in_gap(pdf: Pdf) -> bytes:
    """The string ends early, and whole objects with an xref stand in the gap that nothing signs."""
    gap = gap_of(pdf.data)
    page = forged(pdf)
    number = max(page)
    inside = b"> >>\nendobj\n" + b"".join(
        b"%d 0 obj\n%s\nendobj\n" % (one, page[one]) for one in (number, pdf.page)
    )
    room = 2400
    start = gap.end - room
    body = bytearray(inside)
    table = start + len(body)
    places = {
        number: start + inside.index(b"%d 0 obj" % number),
        pdf.page: start + inside.index(b"\n%d 0 obj" % pdf.page) + 1,
    }
    body += b"xref\n"
    for one in sorted(places):
        body += b"%d 1\n%010d 00000 n \n" % (one, places[one])
    body += b"trailer\n<< /Root %s /Size %d /Prev %d >>\n%%" % (
        pdf.trailer["/Root"], number + 1, pdf.start,
    )  # fmt: skip
    data = pdf.data[:start] + bytes(body).ljust(room - 1) + b">" + pdf.data[gap.end :]
    return data + b"startxref\n%d\n%%%%EOF\n" % table


@attack(NOTE, OURS, shown_by=UNSEEN)
def digit_that_is_none(pdf: Pdf) -> bytes:
    """A character that is no digit stands in /Contents; some readers skip it."""
    return in_gap(pdf, -30, b"zz")


@attack(NOTE, OURS, foreign=STILL_SOUND, shown_by=UNSEEN)
def odd_number_of_digits(pdf: Pdf) -> bytes:
    """/Contents has an odd number of digits; the last counts as a 0 more (7.3.4.3)."""
    return in_gap(pdf, -2, b" ")


@attack(NOTE, OURS)
def contents_twice(pdf: Pdf) -> bytes:
    """The dictionary has a second /Contents, and the page is changed."""
    data = tampered(pdf)
    gap = gap_of(data)
    room = gap.end - gap.start
    cms = data[gap.start : gap.end]
    first = cms[: room - 40] + b"> /Contents <00"
    return data[: gap.start] + first.ljust(room - 1, b"0") + b">" + data[gap.end :]


@attack(NOTE, APPROVED)
def dictionary_with_byte_range_twice(pdf: Pdf) -> bytes:
    """The signature's dictionary has two /ByteRange, the second of which covers the header."""
    data = tampered(pdf)
    gap = gap_of(data)
    room = gap.end - gap.start
    first = data[gap.start : gap.end - 60] + b"> /ByteRange [0 9 9 0] /X <"
    return data[: gap.start] + first.ljust(room - 1, b"0") + b">" + data[gap.end :]


@attack(NOTE)
def contents_as_literal_string(pdf: Pdf) -> bytes:
    """/Contents is written as a literal string of escapes, the page is changed."""
    data = tampered(pdf)
    gap = gap_of(data)
    room = gap.end - gap.start
    return data[: gap.start] + b"(\\060\\200".ljust(room - 1, b"0") + b")" + data[gap.end :]


@attack(NOTE, foreign=(*NOT_GOOD, *sound("none")), shown_by=UNSEEN)
def gap_wider_than_string(pdf: Pdf) -> bytes:
    """A signature made so that its gap takes in bytes beyond the string of /Contents."""
    del pdf
    return wide(b"/Reason (x) ")


def wide(beyond: bytes) -> bytes:
    """Return a note whose signed ranges leave out more than /Contents."""
    made = sign(note(), Mark(signature=beyond + b"/M (D:20260302080000Z) "))
    data = made.data
    gap = gap_of(data)
    end = gap.end + 1 + len(beyond)
    numbers = b"/ByteRange [0 %d %d %d]" % (gap.start, end, len(data) - end)
    room = gap.range_end - gap.range_start + 8
    data = data[: gap.range_start] + numbers.ljust(room) + data[gap.range_start + room :]
    from tests.corpus.cms import signed_data  # noqa: PLC0415

    return with_cms_at(data, gap.start, gap.end, signed_data(data[: gap.start] + data[end:]))


def with_cms_at(data: bytes, start: int, end: int, cms: bytes) -> bytes:
    digits = cms.ljust((end - start - 2) // 2, b"\x00").hex().encode()
    return data[: start + 1] + digits + data[end - 1 :]


@attack(NOTE, shown_by=UNSEEN)
def unsigned_reason_in_gap(pdf: Pdf) -> bytes:
    """A gap that takes in /Reason, which is changed afterwards without breaking the signature."""
    del pdf
    return wide(b"/Reason (seen) ").replace(b"/Reason (seen)", b"/Reason (paid)")


@attack(NOTE, APPROVED, shown_by=UNSEEN)
def range_ends_before_the_file(pdf: Pdf) -> bytes:
    """The signed ranges end before the trailer, so that /Root can be changed afterwards."""
    made = sign(pdf, Mark(field="Short"))
    data = made.data
    gap = gap_of(data, 1)
    cut = data.rindex(b"xref\n", 0, data.rindex(b"startxref"))
    numbers = b"/ByteRange [0 %d %d %d]" % (gap.start, gap.end, cut - gap.end)
    room = gap.range_end - gap.range_start
    data = data[: gap.range_start] + numbers.ljust(room) + data[gap.range_start + room :]
    from tests.corpus.cms import signed_data  # noqa: PLC0415

    return with_cms(data, signed_data(data[: gap.start] + data[gap.end : cut]), 1)


@attack(NOTE, shown_by=UNSEEN)
def range_starts_after_the_header(pdf: Pdf) -> bytes:
    """The signed ranges start behind the header and the first objects."""
    del pdf
    made = sign(note(), Mark())
    data = made.data
    gap = gap_of(data)
    start = data.index(b"2 0 obj")
    numbers = b"/ByteRange [%d %d %d %d]" % (
        start, gap.start - start, gap.end, len(data) - gap.end,
    )  # fmt: skip
    room = gap.range_end - gap.range_start + 8
    data = data[: gap.range_start] + numbers.ljust(room) + data[gap.range_start + room :]
    from tests.corpus.cms import signed_data  # noqa: PLC0415

    return with_cms(data, signed_data(data[start : gap.start] + data[gap.end :]))


@attack(NOTE, APPROVED, OURS)
def signature_in_two_places(pdf: Pdf) -> bytes:
    """The signature's object is defined twice in one update, once with the forged page's range."""
    twice = b"%d 0 obj\n%s\nendobj\n" % (pdf.signature, pdf.objects[pdf.signature])
    return pdf.update(forged(pdf), replace(Section(), before_references=twice)).data
