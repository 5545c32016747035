"""What the raw bytes show, before any parser sees them."""

import pytest

from signing.limits import Limits
from signing.structure import look
from tests.signing.material import IDENTIFIER, blank, sealed


def test_a_sealed_file_bears_several_independent_traces() -> None:
    data = sealed("B-B")
    facts = look(data)
    assert facts.has_header
    assert facts.traces
    assert facts.strong_traces
    assert facts.identifiers == (IDENTIFIER,)
    (byte_range,) = facts.byte_ranges
    assert byte_range.end == len(data)
    assert data[slice(*byte_range.gap)][:1] == b"<"
    assert data[slice(*byte_range.gap)][-1:] == b">"


@pytest.mark.parametrize(
    "trace",
    [
        b"/ByteRange",
        b"/Type /Sig\n",
        b"/Type\x00\t\n\f\r /Sig>>",
        b"/Type/Sig/",
        b"/Type/DocTimeStamp/",
        b"/ETSI.CAdES.detached",
        b"/ETSI.RFC3161",
        b"/adbe.pkcs7.sha1",
        b"/adbe.x509.rsa_sha1",
    ],
)
def test_traces(trace: bytes) -> None:
    assert look(b"..." + trace).traces


@pytest.mark.parametrize("text", [b"/Type /SigFieldLock", b"/Type /SigRef", b"/Sig", b"ByteRang"])
def test_what_is_no_trace(text: bytes) -> None:
    assert not look(b"..." + text).traces


def test_an_unsigned_pdf_bears_none() -> None:
    facts = look(blank())
    assert facts.has_header
    assert not facts.traces
    assert facts.identifiers == (IDENTIFIER,)
    assert facts.any_traces, "our identifier makes it worth reporting if it breaks"


@pytest.mark.parametrize(("before", "found"), [(0, True), (1019, True), (1020, False)])
def test_the_header_may_stand_in_the_first_1024_bytes(before: int, found: bool) -> None:  # noqa: FBT001
    assert look(b" " * before + b"%PDF-1.7\n").has_header is found


def test_identifiers_are_bounded_and_distinct() -> None:
    text = b" ".join(IDENTIFIER.replace("20230000403", f"{n:03d}").encode() for n in range(4))
    found = look(b"".join(b"/Keywords (%s)" % text.replace(b"000", b"%03d" % n) for n in range(40)))
    assert len(found.identifiers) == 16
    assert len(set(found.identifiers)) == 16


@pytest.mark.parametrize(
    "form",
    [
        b"/Keywords (%s)",
        b"/Keywords(%s",
        b"/Keywords\r\n(licence, %s)",
        b"<dc:identifier>%s</dc:identifier>",
        b"<pdf:Keywords>%s</pdf:Keywords>",
        b"<rdf:Description pdf:Keywords='%s'/>",
        b"<dc:subject><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:subject>",
    ],
)
def test_an_identifier_where_we_write_it(form: bytes) -> None:
    assert look(form % IDENTIFIER.encode()).identifiers == (IDENTIFIER,)


@pytest.mark.parametrize(
    "form",
    [
        b"BT (%s) Tj ET",
        b"/Contents (%s)",
        b"/Title (%s)",
        b"/Keywords (other) /Title (%s)",
        b"/Subject (%s)",
        b"<dc:title>%s</dc:title>",
        b"<dc:subject></dc:subject><dc:description>%s</dc:description>",
    ],
)
def test_an_identifier_that_is_merely_cited(form: bytes) -> None:
    """The file of another maker is not ours for quoting a licence of ours."""
    facts = look(form % IDENTIFIER.encode())
    assert facts.identifiers == ()
    assert facts.any_traces


def test_an_identifier_with_escaped_dots_is_read() -> None:
    written = b"/Keywords (%s)" % IDENTIFIER.replace(".", r"\056").encode()
    assert look(written).identifiers == (IDENTIFIER,)


def test_revision_ends() -> None:
    data = b"%PDF-1.7\n...%%EOF\r\n...%%EOF"
    assert look(data).revision_ends == (17, 19, 27)
    assert look(b"%%EOF\n" * 60).revision_ends == tuple(sorted(look(b"%%EOF\n" * 60).revision_ends))
    assert len(look(b"%%EOF\n" * 600).revision_ends) == 64


def test_revision_ends_of_signatures_come_first() -> None:
    data = sealed("B-LTA")
    assert {item.end for item in look(data).byte_ranges} <= set(look(data).revision_ends)
    crowded = b"%%EOF\n" * 100 + data
    kept = look(crowded).revision_ends
    assert {item.end for item in look(crowded).byte_ranges} <= set(kept)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF" + b"startxref\n0\n%%EOF\n" * 20_000, "limit_revisions"),
        (b"%PDF" + b"trailer<<>>" * 20_000, "limit_revisions"),
        (b"/ByteRange [0 1 2 3]" * 33, "limit_signatures"),
        (b"/ByteRange [0 28 2200000 9] <00".ljust(2_300_000), "limit_contents"),
        (b"<</FT/Tx>>" * 50_000, "limit_fields"),
        (b"1 0 obj " * 200_001, "limit_objects"),
    ],
)
def test_counts_beyond_a_limit_go_no_further(data: bytes, code: str) -> None:
    assert look(data).exceeded == code


def test_a_large_file_is_not_even_searched() -> None:
    facts = look(b"%PDF-" + bytes(100), Limits(file_bytes=100))
    assert facts.exceeded == "limit_size"
    assert facts.has_header
