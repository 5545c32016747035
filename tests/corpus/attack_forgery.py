"""Universal signature forgery: signature dictionaries that cannot be judged, over forged pages."""

from tests.corpus.model import (
    NOT_GOOD,
    NOT_GOOD_OR_UNSIGNED,
    OURS,
    PROVEN,
    attack,
)
from tests.corpus.papers import APPROVED, CERTIFIED_2, FORGED, NOTE
from tests.corpus.pdf import Pdf, stream
from tests.corpus.signing import gap_of

BASES = (NOTE, APPROVED)


def tampered(pdf: Pdf) -> bytes:
    """Change the first page's content in place, the length kept."""
    old = pdf.objects[pdf.content]
    start = pdf.data.index(old)
    body_at = old.index(b"stream\n") + len(b"stream\n")
    end = old.rindex(b"\nendstream")
    room = end - body_at
    painted = b"1 0 0 rg 20 40 240 140 re f"
    if b"/FlateDecode" in old[:body_at]:
        import zlib  # noqa: PLC0415

        painted = zlib.compress(painted)
    forged = old[:body_at] + painted.ljust(room, b" ") + old[end:]
    return pdf.data[:start] + forged + pdf.data[start + len(old) :]


def without(pdf: Pdf, old: bytes, new: bytes) -> bytes:
    """Replace a text in the signature's dictionary, the length kept, and forge the page."""
    data = tampered(pdf)
    at = data.index(old, data.index(b"/SubFilter") - 400 if b"/SubFilter" in data else 0)
    if len(new) > len(old):
        raise ValueError(new)
    return data[:at] + new.ljust(len(old)) + data[at + len(old) :]


def with_range(pdf: Pdf, numbers: bytes) -> bytes:
    data = tampered(pdf)
    gap = gap_of(data)
    whole = b"/ByteRange " + numbers
    room = (
        gap.range_end
        - gap.range_start
        + len(data[gap.range_end :])
        - len(data[gap.range_end :].lstrip(b" "))
    )
    return data[: gap.range_start] + whole.ljust(room) + data[gap.range_start + room :]


def with_contents(pdf: Pdf, contents: bytes) -> bytes:
    data = tampered(pdf)
    gap = gap_of(data)
    return data[: gap.start] + contents.ljust(gap.end - gap.start) + data[gap.end :]


@attack(*BASES, OURS, CERTIFIED_2, foreign=PROVEN)
def page_changed_in_place(pdf: Pdf) -> bytes:
    """The page's content is changed inside the signed bytes: the digest does not match."""
    return tampered(pdf)


@attack(*BASES, OURS, foreign=NOT_GOOD_OR_UNSIGNED)
def byte_range_missing(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange is missing."""
    gap = gap_of(pdf.data)
    return without(pdf, pdf.data[gap.range_start : gap.range_end], b"")


@attack(*BASES, foreign=NOT_GOOD_OR_UNSIGNED)
def byte_range_renamed(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange is called /ByteRangf."""
    return tampered(pdf).replace(b"/ByteRange", b"/ByteRangf")


@attack(*BASES, OURS)
def byte_range_null(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange is null."""
    return with_range(pdf, b"null")


@attack(*BASES, OURS)
def byte_range_empty(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange is an empty array."""
    return with_range(pdf, b"[]")


@attack(*BASES)
def byte_range_of_zeros(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange covers nothing: [0 0 0 0]."""
    return with_range(pdf, b"[0 0 0 0]")


@attack(*BASES)
def byte_range_negative(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange has negative numbers."""
    return with_range(pdf, b"[0 -1 -2 -3]")


@attack(*BASES)
def byte_range_overlapping(pdf: Pdf) -> bytes:
    """The page is changed, the two parts of /ByteRange overlap."""
    return with_range(pdf, b"[0 900 100 900]")


@attack(*BASES)
def byte_range_backwards(pdf: Pdf) -> bytes:
    """The page is changed, the second part of /ByteRange lies before the first."""
    return with_range(pdf, b"[900 100 0 100]")


@attack(*BASES)
def byte_range_beyond_the_file(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange ends far beyond the file."""
    return with_range(pdf, b"[0 100 200 99999999]")


@attack(*BASES)
def byte_range_of_reals(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange holds real numbers."""
    return with_range(pdf, b"[0.0 100.0 200.5 9.]")


@attack(*BASES)
def byte_range_of_two_numbers(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange has one part only."""
    return with_range(pdf, b"[0 100]")


@attack(*BASES)
def byte_range_of_odd_numbers(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange has three numbers."""
    return with_range(pdf, b"[0 100 200]")


@attack(*BASES)
def byte_range_of_words(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange holds names."""
    return with_range(pdf, b"[/a /b /c /d]")


@attack(*BASES)
def byte_range_of_header_alone(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange covers the header alone."""
    return with_range(pdf, b"[0 9 9 0]")


@attack(*BASES)
def byte_range_before_contents(pdf: Pdf) -> bytes:
    """The page is changed, the gap in /ByteRange lies elsewhere than /Contents."""
    return with_range(pdf, b"[0 10 400 %d]" % (len(pdf.data) - 400))


@attack(*BASES)
def byte_range_huge(pdf: Pdf) -> bytes:
    """The page is changed, /ByteRange has a number beyond 64 bits."""
    return with_range(pdf, b"[0 1 18446744073709551617 1]")


@attack(*BASES, OURS, foreign=NOT_GOOD_OR_UNSIGNED)
def contents_null(pdf: Pdf) -> bytes:
    """The page is changed, /Contents is null."""
    return with_contents(pdf, b"null")


@attack(*BASES, OURS, foreign=NOT_GOOD_OR_UNSIGNED)
def contents_empty(pdf: Pdf) -> bytes:
    """The page is changed, /Contents is an empty string."""
    return with_contents(pdf, b"<>")


@attack(*BASES, OURS, foreign=NOT_GOOD_OR_UNSIGNED)
def contents_zero(pdf: Pdf) -> bytes:
    """The page is changed, /Contents is <00>."""
    return with_contents(pdf, b"<00>")


@attack(*BASES, OURS, CERTIFIED_2, foreign=NOT_GOOD_OR_UNSIGNED)
def contents_all_zeros(pdf: Pdf) -> bytes:
    """The page is changed, /Contents is filled with zeros as if never signed."""
    gap = gap_of(pdf.data)
    return with_contents(pdf, b"<" + b"0" * (gap.end - gap.start - 2) + b">")


@attack(*BASES, foreign=NOT_GOOD_OR_UNSIGNED)
def contents_missing(pdf: Pdf) -> bytes:
    """The page is changed, /Contents is called /Contentz."""
    data = tampered(pdf)
    gap = gap_of(data)
    at = data.rindex(b"/Contents", 0, gap.start + 1)
    return data[:at] + b"/Contentz" + data[at + 9 :]


@attack(*BASES, foreign=NOT_GOOD_OR_UNSIGNED)
def contents_is_a_number(pdf: Pdf) -> bytes:
    """The page is changed, /Contents is a number."""
    return with_contents(pdf, b"0")


@attack(*BASES)
def contents_is_text(pdf: Pdf) -> bytes:
    """The page is changed, /Contents is a literal string of words."""
    return with_contents(pdf, b"(signed by the Mayor)")


@attack(*BASES)
def contents_is_a_certificate(pdf: Pdf) -> bytes:
    """The page is changed, /Contents holds a bare certificate."""
    from tests.corpus.certificates import signer  # noqa: PLC0415

    return with_contents(pdf, b"<%s>" % signer().certificate.hex().encode())


@attack(*BASES, foreign=NOT_GOOD)
def contents_is_an_empty_sequence(pdf: Pdf) -> bytes:
    """The page is changed, /Contents holds an empty SEQUENCE."""
    return with_contents(pdf, b"<3000>")


@attack(*BASES, foreign=NOT_GOOD)
def contents_is_endless(pdf: Pdf) -> bytes:
    """The page is changed, /Contents holds an indefinite length that never ends."""
    return with_contents(pdf, b"<3080%s>" % (b"3080" * 400))


@attack(*BASES)
def subfilter_missing(pdf: Pdf) -> bytes:
    """The page is changed, /SubFilter is missing."""
    return without(pdf, b"/SubFilter /ETSI.CAdES.detached", b"")


@attack(*BASES)
def subfilter_unknown(pdf: Pdf) -> bytes:
    """The page is changed, /SubFilter is one that nobody knows."""
    return without(pdf, b"/ETSI.CAdES.detached", b"/ETSI.XAdES.detached")


@attack(*BASES)
def subfilter_timestamp(pdf: Pdf) -> bytes:
    """The page is changed, /SubFilter says that the signature is a timestamp."""
    return without(pdf, b"/ETSI.CAdES.detached", b"/ETSI.RFC3161")


@attack(*BASES)
def subfilter_of_sha1(pdf: Pdf) -> bytes:
    """The page is changed, /SubFilter is adbe.x509.rsa_sha1."""
    return without(pdf, b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1")


@attack(*BASES, foreign=NOT_GOOD_OR_UNSIGNED)
def filter_missing(pdf: Pdf) -> bytes:
    """The page is changed, /Filter is missing."""
    return without(pdf, b"/Filter /Adobe.PPKLite", b"")


@attack(*BASES, foreign=NOT_GOOD_OR_UNSIGNED)
def type_of_dictionary_changed(pdf: Pdf) -> bytes:
    """The page is changed, the dictionary's /Type is /Sih."""
    return without(pdf, b"/Type /Sig ", b"/Type /Sih ")


@attack(*BASES, OURS, foreign=NOT_GOOD_OR_UNSIGNED)
def signature_stripped(pdf: Pdf) -> bytes:
    """The file is rewritten with other content and without its signature's bytes."""
    from tests.corpus.pdf import write  # noqa: PLC0415

    objects = {**pdf.objects, pdf.content: stream(FORGED), pdf.signature: b"null"}
    trailer = {key: pdf.trailer[key] for key in ("/Root", "/Info", "/ID") if key in pdf.trailer}
    return write(b"%PDF-1.7\n", {}, objects, trailer, size=pdf.size).data
