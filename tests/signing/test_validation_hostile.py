"""Flipped bits, truncations, bombs and noise: nothing raises, nothing altered passes."""

import hashlib
import random
import re
import zlib
from datetime import timedelta
from functools import cache

import pytest
from asn1crypto import cms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing.inspection.cms import signing_certificate, timestamp_tokens
from signing.limits import Limits
from signing.report import (
    LaterChanges,
    SignatureKind,
    SignatureReport,
    Structure,
    ValidationReport,
)
from signing.structure import look
from signing.validation import validate_pdf
from tests.signing.material import IDENTIFIER, NOW, archive, blank, pki, sealed

SOON = NOW + timedelta(minutes=1)
BARE = pki().bare_trust()


def judge(data: bytes, limits: Limits = Limits()) -> ValidationReport:  # noqa: B008
    return validate_pdf(data, BARE, SOON, limits)


SOUND = {LaterChanges.NONE, LaterChanges.VALIDATION_DATA, LaterChanges.SIGNATURES}


def is_refused(report: ValidationReport) -> bool:
    """Not sound: with proof of a change, or not judged; what is unsigned is neither."""
    if report.structure is Structure.SIGNED:
        return not all(s.intact is True and s.later_changes in SOUND for s in report.signatures)
    return report.structure is Structure.BROKEN


def is_proven(report: ValidationReport) -> bool:
    """There is proof of a change."""
    return any(
        s.intact is False or s.later_changes is LaterChanges.CONTENT_CHANGED
        for s in report.signatures
    )


def flipped(data: bytes, position: int, bit: int) -> bytes:
    forged = bytearray(data)
    forged[position] ^= 1 << bit
    return bytes(forged)


def gaps(data: bytes) -> list[tuple[int, int]]:
    return [item.gap for item in look(data).byte_ranges]


def regions(data: bytes) -> dict[str, list[int]]:
    """Return positions by what they mean."""
    inside = {p for start, end in gaps(data) for p in range(start, end)}
    marks = {
        "header": range(10),
        "startxref": range(data.rindex(b"startxref"), len(data)),
        "trailer": range(data.rindex(b"trailer"), data.rindex(b"startxref")),
        "xref": range(data.rindex(b"\nxref"), data.rindex(b"trailer")),
        "byte_range": range(data.rindex(b"/ByteRange"), data.rindex(b"/ByteRange") + 60),
        "identifier": range(data.index(b"/Keywords"), data.index(b"/Keywords") + 40),
    }
    return {
        "covered": [p for p in range(len(data)) if p not in inside],
        **{name: list(where) for name, where in marks.items()},
    }


@pytest.mark.parametrize(
    "region", ["covered", "header", "startxref", "trailer", "xref", "byte_range", "identifier"]
)
@pytest.mark.parametrize("level", ["B-B", "B-LT"])
def test_a_bit_flipped_in_what_a_seal_covers_is_refused(level: str, region: str) -> None:
    data = sealed(level)
    source = random.Random(f"{level}{region}")
    positions = regions(data)[region]
    for position in source.sample(positions, min(40, len(positions))):
        bit = source.randrange(8)
        assert is_refused(judge(flipped(data, position, bit))), (position, bit)


@pytest.mark.parametrize("level", ["B-B", "B-LT"])
def test_a_bit_flipped_in_the_pages_text_is_proof(level: str) -> None:
    data = sealed(level)
    start = data.index(b"(licence)")
    for position in range(start, start + 9):
        report = judge(flipped(data, position, 0))
        assert is_proven(report), position
        assert report.signatures[0].intact is False
        assert report.signatures[0].sub_indication == "HASH_FAILURE"


def beside_the_way(data: bytes, position: int, seal: SignatureReport) -> bool:
    """Tell a flip in a certificate in whose place the right one from the DSS was taken."""
    start, end = gaps(data)[0]
    contents = bytes.fromhex(data[start + 1 : end - 1].decode("ascii"))
    here = (position - start - 1) // 2
    ders = {
        choice.chosen.dump()
        for signed in _signed_datas(contents)
        for choice in signed["certificates"]
    }
    signer = signing_certificate(_signed_datas(contents)[0])
    assert signer is not None
    return seal.certificate_sha256 == hashlib.sha256(signer.dump()).hexdigest() and any(
        found.start() <= here < found.end()
        for der in ders
        for found in re.finditer(re.escape(der), contents)
    )


def _signed_datas(contents: bytes) -> list[cms.SignedData]:
    outer = cms.ContentInfo.load(contents)["content"]
    return [outer, *timestamp_tokens(outer["signer_infos"][0])]


def neutral(data: bytes, position: int, bit: int, report: ValidationReport) -> bool:
    """Tell flips in /Contents that no cryptography covers; the registry's digests catch them.

    The case of a hexadecimal digit; the CMS's own headers (RFC 5652 5.1, 5.3), of the timestamp
    token too; and the type of the unsigned attribute that holds the token, which then is none.
    """
    if bit == 5 and chr(data[position]).isalpha():
        return report.notes == ("contents_mixed_case",)
    (seal,) = report.signatures
    if beside_the_way(data, position, seal):
        return True
    if {"contents_rest", "cms_ber"} & set(seal.notes):
        return True
    return "cms_header_odd" in report.notes or seal.level == "B-B" or bool(seal.notes)


def test_a_bit_flipped_in_contents_is_altered_or_neutral() -> None:
    data = sealed("B-LT")
    source = random.Random(20260302)
    start, end = gaps(data)[0]
    used = start + len(data[start:end].rstrip(b"0>"))
    positions = source.sample(range(start, used), 180) + source.sample(range(used, end), 20)
    for position in positions:
        bit = source.randrange(8)
        report = judge(flipped(data, position, bit))
        assert report.structure in (Structure.SIGNED, Structure.BROKEN)
        assert is_refused(report) or neutral(data, position, bit, report), (position, bit, report)


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
def test_truncations_are_altered_or_an_older_revision(level: str) -> None:
    data = sealed(level)
    ends = set(look(data).revision_ends)
    source = random.Random(level)
    for length in [*source.sample(range(1100, len(data)), 60), len(data) - 1, len(data) - 5]:
        report = judge(data[:length])
        if length in ends:
            continue
        assert is_refused(report) or not look(data[:length]).strong_traces, length


def test_every_end_of_a_revision_is_a_document_of_its_own() -> None:
    data = archive(sealed("B-LTA"), pki(), NOW + timedelta(hours=1))
    for end in [item.end for item in look(data).byte_ranges]:
        report = validate_pdf(data[:end], BARE, NOW + timedelta(hours=2))
        assert report.signatures[0].intact
        assert report.signatures[-1].later_changes is LaterChanges.NONE


def test_two_files_glued_together() -> None:
    assert is_refused(judge(sealed("B-LT") + sealed("B-B")))
    assert is_refused(judge(b"prefix\n" + sealed("B-LT")))


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF by hand; the first object is the catalogue."""
    out = b"%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Root 1 0 R /Size %d %s >>\n" % (len(objects) + 1, trailer)
    return out + b"startxref\n%d\n%%%%EOF\n" % start


FORM = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields 3 0 R >> >>"
PAGES = b"<< /Type /Pages /Kids [] /Count 0 >>"


def test_the_pdf_made_by_hand_is_sound() -> None:
    assert judge(pdf(FORM, PAGES, b"[]")).structure is Structure.UNSIGNED


def test_nested_arrays_500_deep() -> None:
    report = judge(pdf(FORM, PAGES, b"[" * 500 + b"]" * 500) + b"%/ByteRange")
    assert report.structure is Structure.BROKEN


def test_nested_fields() -> None:
    nested = b"<< /T (a) /Kids [" * 100 + b"]>>" * 100
    assert judge(pdf(FORM, PAGES, b"[" + nested + b"]")).notes == ("limit_nesting",)


def test_a_field_that_is_its_own_child() -> None:
    report = judge(pdf(FORM, PAGES, b"[4 0 R]", b"<< /T (a) /FT /Sig /Kids [4 0 R] >>"))
    assert report.structure is Structure.UNSIGNED


def test_50_000_fields_in_an_object_stream() -> None:
    report = judge(pdf(FORM, PAGES, b"[" + b"4 0 R " * 50_000 + b"]", b"<< /T (a) >>"))
    assert report.notes == ("limit_fields",)


def test_40_signatures() -> None:
    entry = b"<< /T (a) /FT /Sig /V << /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >> >>"
    report = judge(pdf(FORM, PAGES, b"[" + entry * 40 + b"]"))
    assert report.structure is Structure.LIMIT
    assert report.notes == ("limit_signatures",)
    assert report.traces


def test_many_signatures_that_the_raw_look_does_not_see() -> None:
    entry = b"<< /T (a) /FT /Sig /V << /Type /Sig /Byte#52ange [0 1 2 3] /Contents <01> >> >>"
    assert judge(pdf(FORM, PAGES, b"[" + entry * 40 + b"]")).notes == ("limit_signatures",)


@cache
def decompression_bomb() -> bytes:
    """300 MiB of zeros, deflated twice."""
    return zlib.compress(zlib.compress(bytes(300 * 1024 * 1024), 1), 9)


@pytest.mark.parametrize("key", [b"/CRLs", b"/OCSPs", b"/Certs"])
def test_a_decompression_bomb_in_the_dss(key: bytes) -> None:
    bomb = decompression_bomb()
    catalogue = FORM[:-2] + b"/DSS << " + key + b" [5 0 R] >> >>"
    field = b"[<< /T (a) /FT /Sig /V 4 0 R >>]"
    signature = b"<< /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <3000> >>"
    stream = b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream" % (
        len(bomb),
        bomb,
    )
    report = judge(pdf(catalogue, PAGES, field, signature, stream))
    assert report.structure is Structure.SIGNED
    assert report.signatures[0].intact is None


@pytest.mark.parametrize(
    "how",
    [
        b"/Filter /FlateDecSde",
        b"/Filter /JBIG2Decode",
        b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 7 >>",
    ],
)
def test_a_filter_that_is_not_known_is_no_failure_of_ours(how: bytes) -> None:
    """In a cross-reference stream, which every reader needs: it ended the worker."""
    data = sealed("B-LT")
    previous = re.findall(rb"startxref\s+(\d+)", data)[-1]
    rows = zlib.compress(b"\x0f" + bytes(7))
    entries = b"/Type /XRef /Size 99 /W [ 1 4 2 ] /Index [ 98 1 ] /Root 1 0 R /Prev %s" % previous
    out = data + b"98 0 obj\n<< %s %s /Length %d >>\nstream\n" % (entries, how, len(rows))
    out += rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(data)
    report = judge(out)
    assert report.structure is Structure.BROKEN
    assert "exception" not in report.notes
    assert report.identifiers == (IDENTIFIER,)


def test_a_dss_with_too_many_items() -> None:
    catalogue = FORM[:-2] + b"/DSS << /Certs [" + b"2 0 R " * 100 + b"] >> >>"
    field = b"[<< /T (a) /FT /Sig /V << /Type /Sig /ByteRange [0 1 2 3] /Contents <3000> >> >>]"
    assert judge(pdf(catalogue, PAGES, field)).notes == ("limit_dss",)


def test_an_encryption_dictionary_appended_to_an_unparsable_file() -> None:
    assert judge(b"%PDF-1.7 /Encrypt 5 0 R").structure is Structure.ENCRYPTED
    assert judge(b"%PDF-1.7 /Encrypt 5 0 R /ByteRange").structure is Structure.BROKEN


def test_a_file_beyond_the_limit() -> None:
    report = judge(sealed("B-LT"), Limits(file_bytes=1000))
    assert report.structure is Structure.LIMIT
    assert report.notes == ("limit_size",)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cuts=st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 200)), max_size=3),
    inserts=st.lists(
        st.tuples(
            st.integers(0, 40_000),
            st.sampled_from([b"/ByteRange [0 1 2 3]", b"<<", b"]", b"endobj", b"R", b"\0" * 40,
                             b"stream", b"/V 1 0 R", b"-1", b"9" * 30, b"(" * 50, b"<"]),
        ),
        max_size=3,
    ),
    flips=st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 255)), max_size=5),
)  # fmt: skip
def test_mutations_never_raise_and_never_pass_unnoticed(
    cuts: list[tuple[int, int]], inserts: list[tuple[int, bytes]], flips: list[tuple[int, int]]
) -> None:
    original = sealed("B-LT")
    data = bytearray(original)
    for position, length in cuts:
        del data[position : position + length]
    for position, text in inserts:
        data[position:position] = text
    for position, mask in flips:
        if position < len(data):
            data[position] ^= mask
    report = judge(bytes(data))
    assert report.structure is not Structure.UNSIGNED or not look(bytes(data)).strong_traces
    if report.structure is Structure.SIGNED and not is_refused(report):
        start, end = gaps(original)[0]
        assert data[:start] == original[:start]
        assert data[end:] == original[end:]
        assert report.signatures[0].kind is SignatureKind.SEAL


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"%PDF-1.7\n", b"%PDF-1.7 /ByteRange"]))
def test_noise_never_raises(noise: bytes, head: bytes) -> None:
    report = judge(head + noise)
    assert report.structure in (Structure.NOT_A_PDF, Structure.BROKEN)


def test_reports_on_broken_files_keep_the_identifier() -> None:
    assert judge(blank()[:-100]).identifiers == (IDENTIFIER,)
