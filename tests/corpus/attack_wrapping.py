"""Signature wrapping: the signed bytes are all there, moved to where nobody looks."""

import re

from tests.corpus import der
from tests.corpus.attack_saving import forged
from tests.corpus.model import OURS, PROVEN, attack
from tests.corpus.papers import APPROVED, CERTIFIED_1, NOTE
from tests.corpus.pdf import Pdf, edited, is_reference, ref, referred, stream, write
from tests.corpus.signing import cms_of, gap_of

_OBJECT = re.compile(rb"(?<=\n)(\d+) 0 obj\n")


def wrapped(pdf: Pdf, byte_range: bytes) -> bytes:
    """Move the second signed part to the end and put forged objects into the place that it leaves.

    The old startxref, which is signed and is the last, keeps its value; so the forged
    cross-references are put exactly where it points to. The room for the objects is that of the
    zeros that filled /Contents up; what finds none there stands behind the cross-references.
    """
    data, gap = pdf.data, gap_of(pdf.data)
    start = int(data[data.rindex(b"startxref") :].split()[1])
    moved = start + 16384
    cms = cms_of(data)
    cms = cms[: sum(der.header(cms))]
    out = bytearray(data[: gap.start] + b"<" + cms.hex().encode() + b"> ")
    places = {int(one[1]): one.start(1) for one in _OBJECT.finditer(data, 0, gap.start)}
    out += byte_range % {b"start": gap.start, b"moved": moved, b"length": len(data) - gap.end}
    out += b" >>\nendobj\n"
    held = pdf.of(pdf.root)["/AcroForm"]
    again = [pdf.root, pdf.page, pdf.widget, *([referred(held)] if is_reference(held) else [])]
    later = {number: pdf.objects[number] for number in again if number not in places}
    behind, rest = start + 8192, bytearray()
    for number, body in {**later, **forged(pdf)}.items():
        written = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        if len(out) + len(written) <= start:
            places[number] = len(out)
            out += written
        else:
            places[number] = behind + len(rest)
            rest += written
    if len(out) > start:
        raise ValueError(f"{len(out) - start} bytes too many")
    out = out.ljust(start)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number in sorted(places):
        out += b"%d 1\n%010d 00000 n \n" % (number, places[number])
    out += b"trailer\n<< /Root %s /Size %d >>\n" % (pdf.trailer["/Root"], max(places) + 1)
    if rest:
        if len(out) > behind or behind + len(rest) > moved:
            raise ValueError("no room behind the cross-references")
        out = out.ljust(behind) + rest
    return bytes(out.ljust(moved)) + data[gap.end :]


@attack(NOTE, APPROVED, CERTIFIED_1, OURS)
def second_part_moved(pdf: Pdf) -> bytes:
    """SWA: the second signed part is moved to the end, a second /ByteRange spans the forgery."""
    return wrapped(pdf, b"/ByteRange [0 %(start)d %(moved)d %(length)d]")


@attack(NOTE, APPROVED, OURS)
def second_part_moved_old_range_kept(pdf: Pdf) -> bytes:
    """SWA: the second signed part is moved to the end, the old /ByteRange stays."""
    return wrapped(pdf, b"/Moved [%(start)d %(moved)d %(length)d]")


@attack(NOTE, APPROVED)
def second_part_moved_range_escaped(pdf: Pdf) -> bytes:
    """SWA: the second /ByteRange's name is written with an escape (#52 for R)."""
    return wrapped(pdf, b"/Byte#52ange [0 %(start)d %(moved)d %(length)d]")


@attack(NOTE, APPROVED, OURS)
def whole_file_inside_range(pdf: Pdf) -> bytes:
    """SWA: the whole signed file stands inside another; /ByteRange begins at its start."""
    gap = gap_of(pdf.data)
    prefix = b"%PDF-1.7\n%wrapped\n"
    offset = len(prefix)
    inside = prefix + pdf.data
    signature = pdf.objects[pdf.signature]
    at = signature.index(b"/ByteRange")
    end = signature.index(b"]", at) + 1
    numbers = b"/ByteRange [%d %d %d %d]" % (
        offset, gap.start, offset + gap.end, len(pdf.data) - gap.end,
    )  # fmt: skip
    fake = signature[:at] + numbers + signature[end:]
    objects = {**pdf.objects, **forged(pdf), pdf.signature: fake}
    trailer = {key: pdf.trailer[key] for key in ("/Root", "/Info", "/ID") if key in pdf.trailer}
    return write(inside, {}, objects, trailer, size=pdf.size).data


@attack(NOTE, APPROVED)
def six_numbers(pdf: Pdf) -> bytes:
    """/ByteRange of six numbers leaves a second gap out, in which the forgery stands."""
    made = pdf.update(forged(pdf))
    return _with_range(
        made, lambda gap, size: b"[0 %d %d %d %d 0]" % (gap[0], gap[1], size, len(made.data))
    )


def _with_range(pdf: Pdf, numbers: object) -> bytes:
    """Rewrite the signature's dictionary in an update with another /ByteRange."""
    gap = gap_of(pdf.data)
    assert callable(numbers)
    stated: bytes = numbers((gap.start, gap.end), _signed_end(pdf.data) - gap.end)
    body = edited(pdf.objects[pdf.signature], {"/ByteRange": stated})
    return pdf.update({pdf.signature: body}).data


def _signed_end(data: bytes) -> int:
    gap = gap_of(data)
    numbers = data[gap.range_start : gap.range_end].split(b"[")[1].rstrip(b"]").split()
    return int(numbers[2]) + int(numbers[3])


@attack(NOTE, APPROVED, OURS)
def dictionary_rewritten_with_old_range(pdf: Pdf) -> bytes:
    """The signature's dictionary is written again in the update; its range covers the old bytes."""
    made = pdf.update(forged(pdf))
    return _with_range(made, lambda gap, size: b"[0 %d %d %d]" % (*gap, size))


@attack(NOTE, APPROVED)
def range_in_another_object(pdf: Pdf) -> bytes:
    """The rewritten dictionary's /ByteRange is a reference to an array."""
    made = pdf.update(forged(pdf))
    gap = gap_of(pdf.data)
    number = made.size
    numbers = b"[0 %d %d %d]" % (gap.start, gap.end, len(pdf.data) - gap.end)
    body = edited(made.objects[pdf.signature], {"/ByteRange": ref(number)})
    return made.update({number: numbers, pdf.signature: body}).data


@attack(NOTE, APPROVED)
def contents_in_another_object(pdf: Pdf) -> bytes:
    """The rewritten dictionary's /Contents is a reference to a string."""
    made = pdf.update(forged(pdf))
    number = made.size
    contents = made.of(pdf.signature)["/Contents"]
    body = edited(made.objects[pdf.signature], {"/Contents": ref(number)})
    return made.update({number: contents, pdf.signature: body}).data


@attack(NOTE, APPROVED, foreign=PROVEN)
def signed_revision_in_comment(pdf: Pdf) -> bytes:
    """A forged stream stands in the signed one's place, the signed one in a comment at the end."""
    signed = pdf.objects[pdf.content]
    data = pdf.data.replace(signed, stream(b"1 0 0 rg 20 40 240 140 re f").ljust(len(signed)), 1)
    return data + b"% " + signed.replace(b"\n", b" ") + b"\n"
