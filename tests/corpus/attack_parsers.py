"""Syntax that two parsers read in two ways: names, strings, streams, keys written twice."""

from tests.corpus.attack_saving import FORGED_STREAM, forged
from tests.corpus.model import (
    NOT_GOOD,
    OURS,
    PDFIUM,
    POPPLER,
    UNSEEN,
    Pattern,
    Required,
    attack,
)
from tests.corpus.papers import APPROVED, FORGED, NOTE
from tests.corpus.pdf import Pdf, Section, ref, stream

BASES = (NOTE, OURS)
NOT_TAKEN: Required = (*NOT_GOOD, Pattern(("refused",), ("refused",)))


def tree(pdf: Pdf) -> tuple[int, dict[int, bytes]]:
    """Return a forged page tree: its number and its objects."""
    number = pdf.size
    page = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 300 200] /Contents %d 0 R >>"
    return number, {
        number: b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1),
        number + 1: page % (number, number + 2),
        number + 2: stream(FORGED),
    }


@attack(*BASES)
def pages_twice_in_catalogue(pdf: Pdf) -> bytes:
    """The catalogue has /Pages twice, the signed tree and a forged one."""
    number, objects = tree(pdf)
    body = pdf.objects[pdf.root].rstrip()[:-2] + b" /Pages %d 0 R >>" % number
    return pdf.update({**objects, pdf.root: body}).data


@attack(*BASES)
def pages_with_escape(pdf: Pdf) -> bytes:
    """The catalogue has /P#61ges, the same name with an escape, beside /Pages."""
    number, objects = tree(pdf)
    body = pdf.objects[pdf.root].rstrip()[:-2] + b" /P#61ges %d 0 R >>" % number
    return pdf.update({**objects, pdf.root: body}).data


@attack(*BASES)
def contents_of_page_twice(pdf: Pdf) -> bytes:
    """The page has /Contents twice, signed and forged."""
    number = pdf.size
    body = pdf.objects[pdf.page].rstrip()[:-2] + b" /Contents %d 0 R >>" % number
    return pdf.update({number: FORGED_STREAM, pdf.page: body}).data


@attack(*BASES, shown_by=POPPLER)
def kids_twice(pdf: Pdf) -> bytes:
    """The page tree's root has /Kids twice."""
    number, objects = tree(pdf)
    body = pdf.objects[pdf.pages].rstrip()[:-2] + b" /Kids [%d 0 R] >>" % (number + 1)
    return pdf.update({**objects, pdf.pages: body}).data


@attack(*BASES)
def length_too_short(pdf: Pdf) -> bytes:
    """A stream's /Length ends inside it, behind which an `endstream` of its own follows."""
    body = b"<< /Length 1 >>\nstream\n%s\nendstream" % FORGED
    return pdf.update({pdf.content: body}).data


@attack(*BASES)
def length_too_long(pdf: Pdf) -> bytes:
    """A stream's /Length reaches over the next objects."""
    body = b"<< /Length 999 >>\nstream\n%s\nendstream" % FORGED
    return pdf.update({pdf.content: body, pdf.size: b"(next)"}).data


@attack(*BASES)
def length_by_reference_to_nothing(pdf: Pdf) -> bytes:
    """A stream's /Length is a reference to an object that does not exist."""
    body = b"<< /Length 9999 0 R >>\nstream\n%s\nendstream" % FORGED
    return pdf.update({pdf.content: body}).data


@attack(*BASES)
def length_changed_elsewhere(pdf: Pdf) -> bytes:
    """A stream's indirect /Length is overwritten by a later update, which cuts it otherwise."""
    number = pdf.size
    inner = FORGED + b"\nendstream endobj\n"
    body = b"<< /Length %d 0 R >>\nstream\n%s\nendstream" % (number, inner)
    first = pdf.update({pdf.content: body, number: b"%d" % len(FORGED)})
    return first.update({number: b"%d" % len(inner)}).data


@attack(*BASES)
def stream_keyword_with_carriage_return(pdf: Pdf) -> bytes:
    """`stream` is followed by a carriage return alone (7.3.8.1 forbids it)."""
    body = b"<< /Length %d >>\nstream\r%s\nendstream" % (len(FORGED), FORGED)
    return pdf.update({pdf.content: body}).data


@attack(*BASES)
def stream_without_endstream(pdf: Pdf) -> bytes:
    """The forged stream has no `endstream`."""
    body = b"<< /Length %d >>\nstream\n%s" % (len(FORGED), FORGED)
    return pdf.update({pdf.content: body}).data


@attack(*BASES)
def object_without_endobj(pdf: Pdf) -> bytes:
    """The forged page has no `endobj`."""
    made = pdf.update(forged(pdf)).data
    at = made.index(b"\nendobj", len(pdf.data))
    return made[:at] + b"\n      " + made[at + 7 :]


@attack(*BASES)
def comment_that_ends_with_carriage_return(pdf: Pdf) -> bytes:
    """A comment ends with CR: who ends comments at LF alone overlooks the forged entry."""
    held = pdf.objects[pdf.page].rstrip()[:-2]
    body = held + b"\n%% hidden\r/Contents %d 0 R\n>>" % pdf.size
    return pdf.update({pdf.size: FORGED_STREAM, pdf.page: body}).data


@attack(*BASES)
def white_space_of_zeros(pdf: Pdf) -> bytes:
    """The forged objects are parted by zero bytes, which count as white space."""
    return pdf.update(forged(pdf), Section(between=b"\x00\x00\x0c")).data


@attack(*BASES)
def content_in_external_file(pdf: Pdf) -> bytes:
    """The page's content is to be read from another file (/F), here it is empty."""
    body = b"<< /Length 0 /F (https://evil.example/page) >>\nstream\n\nendstream"
    return pdf.update({pdf.size: body, **pdf.set(pdf.page, Contents=ref(pdf.size))}).data


@attack(*BASES)
def filter_chain_of_decoders(pdf: Pdf) -> bytes:
    """The forged stream goes through a chain of decoders, ASCIIHex in ASCIIHex."""
    once = FORGED.hex().encode() + b">"
    twice = once.hex().encode() + b">"
    body = stream(twice, b"/Filter [/ASCIIHexDecode /AHx]")
    return pdf.update({pdf.content: body}).data


@attack(*BASES)
def filter_crypt_identity(pdf: Pdf) -> bytes:
    """The forged stream has the filter /Crypt with the identity."""
    body = stream(FORGED, b"/Filter /Crypt /DecodeParms << /Name /Identity >>")
    return pdf.update({pdf.content: body}).data


@attack(*BASES, shown_by=UNSEEN)
def trailer_twice(pdf: Pdf) -> bytes:
    """The update has two trailers one after the other, the second with another /Root."""
    number, objects = tree(pdf)
    root = number + 5
    objects[root] = b"<< /Type /Catalog /Pages %d 0 R >>" % number
    second = b"trailer\n<< /Root %d 0 R /Size %d >>\n" % (root, root + 1)
    return pdf.update(objects, Section(after_trailer=second)).data


@attack(*BASES, shown_by=POPPLER)
def eof_in_comment(pdf: Pdf) -> bytes:
    """A comment says %%EOF in the middle of an update, which hides what follows from some."""
    made = Section(between=b"% %%EOF\n")
    return pdf.update(forged(pdf), made).data[:-7]


@attack(NOTE, APPROVED, OURS)
def second_pdf_behind(pdf: Pdf) -> bytes:
    """A second, whole PDF is appended: who reads from the end shows that one (PDF + PDF)."""
    from tests.corpus.papers import TRAILER, note_objects  # noqa: PLC0415
    from tests.corpus.pdf import write  # noqa: PLC0415

    objects = note_objects(text=FORGED)
    return write(pdf.data + b"%PDF-1.7\n", {}, objects, TRAILER).data


@attack(NOTE, APPROVED, OURS, foreign=NOT_TAKEN, shown_by=UNSEEN)
def second_pdf_in_front(pdf: Pdf) -> bytes:
    """A whole forged PDF stands in front of the signed one, all offsets of which are off."""
    from tests.corpus.papers import TRAILER, note_objects  # noqa: PLC0415
    from tests.corpus.pdf import new  # noqa: PLC0415

    return new(note_objects(text=FORGED), TRAILER).data + pdf.data


@attack(NOTE, OURS, foreign=NOT_TAKEN, shown_by=UNSEEN)
def junk_before_header(pdf: Pdf) -> bytes:
    """Junk is put before the header after signing: all offsets and ranges are off."""
    return b"\x00" * 16 + pdf.data


@attack(NOTE, OURS, shown_by=UNSEEN)
def zip_behind(pdf: Pdf) -> bytes:
    """A ZIP archive is appended: the file is both (polyglot)."""
    import io  # noqa: PLC0415
    import zipfile  # noqa: PLC0415

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("order.txt", "999")
    return pdf.data + out.getvalue()


@attack(NOTE, OURS, foreign=NOT_TAKEN, shown_by=UNSEEN)
def html_before_header(pdf: Pdf) -> bytes:
    """HTML stands before the header: a browser that sniffs shows it (polyglot)."""
    return b"<html><script>alert(1)</script><!--\n" + pdf.data


@attack(NOTE, OURS, shown_by=UNSEEN)
def script_behind(pdf: Pdf) -> bytes:
    """Words that are no white space stand behind the last %%EOF."""
    return pdf.data + b"<script>alert(1)</script>\n"


@attack(NOTE, APPROVED, OURS)
def header_version_changed(pdf: Pdf) -> bytes:
    """The header inside the signed bytes is changed, and a page with it."""
    from tests.corpus.attack_forgery import tampered  # noqa: PLC0415

    return tampered(pdf).replace(b"%PDF-1.7", b"%PDF-1.0", 1)


@attack(NOTE, APPROVED)
def reference_with_wide_space(pdf: Pdf) -> bytes:
    """A reference is written over several lines with a comment inside: `n % x\\n 0 R`."""
    number = pdf.size
    body = pdf.objects[pdf.page].replace(
        b"/Contents [%d 0 R]" % pdf.content, b"/Contents [%d %%x\n0\nR]" % number
    )
    return pdf.update({number: FORGED_STREAM, pdf.page: body}).data


@attack(NOTE, APPROVED, shown_by=PDFIUM)
def catalogue_by_stream(pdf: Pdf) -> bytes:
    """The catalogue is written as a stream, whose dictionary names a forged page tree."""
    number, objects = tree(pdf)
    held = pdf.set(pdf.root, Pages=ref(number))[pdf.root]
    body = held[:-2] + b" /Length 1 >>\nstream\nx\nendstream"
    return pdf.update({**objects, pdf.root: body}).data
