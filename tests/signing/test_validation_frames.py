"""The frame of a signature, odd formats, algorithms that we cannot verify."""

# mypy: disable-error-code="no-untyped-call"

import io
import re

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from signing.limits import Limits
from signing.report import (
    Coverage,
    Indication,
    LaterChanges,
    SignatureReport,
    Structure,
    ValidationReport,
)
from signing.structure import look
from signing.validation import validate_pdf
from tests.der_length import encoded_length
from tests.signing.inspection.updates import updated
from tests.signing.material import How, blank, pki, sealed, sign
from tests.signing.test_validation import SOON, only


def judge(data: bytes, limits: Limits = Limits()) -> ValidationReport:  # noqa: B008
    return validate_pdf(data, pki().trust(), SOON, limits)


def gap_of(data: bytes) -> tuple[int, int]:
    return look(data).byte_ranges[0].gap


def der_of(data: bytes) -> bytes:
    start, end = gap_of(data)
    raw = bytes.fromhex(data[start + 1 : end - 1].decode())
    return raw[: encoded_length(raw)]


def with_contents(data: bytes, raw: bytes) -> bytes:
    """Write other bytes into /Contents, filled up with zeros."""
    start, end = gap_of(data)
    room = (end - start - 2) // 2
    return data[: start + 1] + raw.ljust(room, b"\0").hex().encode() + data[end - 1 :]


def assert_altered(signature: SignatureReport, note: str) -> None:
    assert signature.intact is False
    assert signature.indication is Indication.TOTAL_FAILED
    assert signature.notes == (note,)


def test_writing_the_same_contents_changes_nothing() -> None:
    data = sealed("B-LT")
    assert only(with_contents(data, der_of(data))).indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("garbage", [b"\x01", b"\x00\x00\x01", b"\x30\x00"])
def test_what_follows_the_cms_in_contents_is_noted(garbage: bytes) -> None:
    """Nothing covers it, and nothing shows it."""
    data = sealed("B-LT")
    seal = only(with_contents(data, der_of(data) + garbage))
    assert (seal.intact, seal.notes) == (True, ("contents_rest",))
    assert seal.indication is Indication.TOTAL_PASSED
    assert seal.level == "B-LT"


def test_rest_at_the_end_of_the_padding() -> None:
    data = sealed("B-LT")
    _, end = gap_of(data)
    seal = only(data[: end - 2] + b"1" + data[end - 1 :])
    assert (seal.intact, seal.notes) == (True, ("contents_rest",))


@pytest.mark.parametrize("replacement", [b"(", b"g", b">"])
def test_contents_that_are_no_plain_hexadecimal_string(replacement: bytes) -> None:
    data = sealed("B-LT")
    _, end = gap_of(data)
    report = judge(data[: end - 9] + replacement + data[end - 8 :])
    assert report.structure in (Structure.SIGNED, Structure.BROKEN)
    assert all(signature.intact is not True for signature in report.signatures)


def test_white_space_within_the_hexadecimal_string() -> None:
    """ISO 32000-1 7.3.4.3: it is ignored."""
    data = sealed("B-LT")
    _, end = gap_of(data)
    seal = only(data[: end - 9] + b"\n" + data[end - 8 :])
    assert (seal.intact, seal.notes) == (True, ("contents_spaced",))


def test_mixed_case_is_noted() -> None:
    data = sealed("B-LT")
    start, end = gap_of(data)
    digits = data[start:end]
    position = start + digits.index(b"A" if b"A" in digits else b"a")
    forged = data[:position] + data[position : position + 1].swapcase() + data[position + 1 :]
    report = judge(forged)
    assert report.notes == ("contents_mixed_case",)
    assert report.signatures[0].intact is True


def test_swapped_contents() -> None:
    other = sign(blank(text="another"), pki(), How("B-LT"))
    seal = only(with_contents(sealed("B-LT"), der_of(other)))
    assert seal.intact is False
    assert seal.indication is Indication.TOTAL_FAILED
    assert seal.sub_indication == "HASH_FAILURE"


def numbers(data: bytes, change: list[int]) -> bytes:
    """Write another /ByteRange of the same length."""
    match = re.search(rb"/ByteRange \[[^\]]*\]", data)
    assert match
    text = b"/ByteRange [" + b" ".join(b"%d" % n for n in change) + b"]"
    return data.replace(match.group(), text.ljust(len(match.group())))


@pytest.mark.parametrize("flaw", ["start", "gap_wider", "gap_narrower", "short", "overlap", "long"])
def test_a_byte_range_that_is_not_the_whole_file_but_contents(flaw: str) -> None:
    data = sealed("B-LT")
    a, b, c, d = look(data).byte_ranges[0].numbers
    change = {
        "start": [1, b - 1, c, d],
        "gap_wider": [a, b - 5, c, d],
        "gap_narrower": [a, b + 1, c, d],
        "short": [a, b, c, d - 10],
        "overlap": [a, c, b, d],
        "long": [a, b, c, d + 1],
    }[flaw]
    report = judge(numbers(data, change))
    assert report.structure is Structure.SIGNED
    for signature in report.signatures:
        assert signature.intact is False
        assert signature.indication is Indication.TOTAL_FAILED
        assert signature.sub_indication == "HASH_FAILURE"


@pytest.mark.parametrize(
    "text", [b"[0 1 2]", b"[0 1 2 3 4 5]", b"[ ]", b"null", b"(x)", b"[0 -1 2 3]"]
)
def test_a_byte_range_that_is_none(text: bytes) -> None:
    data = sealed("B-LT")
    match = re.search(rb"/ByteRange \[[^\]]*\]", data)
    assert match
    forged = data.replace(match.group(), (b"/ByteRange " + text).ljust(len(match.group())))
    report = judge(forged)
    assert report.structure is Structure.SIGNED
    (signature,) = report.signatures
    assert (signature.intact, signature.notes) == (None, ("byte_range",))
    assert signature.later_changes is None


def test_an_altered_ca_certificate_on_the_signers_way() -> None:
    """Its signature is invalid under the root's key, which fits: proof."""
    data = sealed("B-LT")
    contents, ca = der_of(data), pki().issuing.der
    for position, note in (
        (contents.index(ca), "certificate_altered"),
        (contents.rindex(ca), "timestamp_altered"),  # there it is on the TSA's way
    ):
        forged = bytearray(contents)
        forged[position + len(ca) - 20] ^= 0x01
        assert_altered(only(with_contents(data, bytes(forged))), note)


def test_an_altered_certificate_beside_the_signers_way_does_not_count() -> None:
    """Its key was changed, so that it fits no longer; the right one stands in the DSS."""
    data = sealed("B-LT")
    forged = bytearray(der_of(data))
    key = (
        pki()
        .issuing.certificate.public_key()
        .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    forged[forged.index(key) + 20] ^= 0x01
    seal = only(with_contents(data, bytes(forged)))
    assert (seal.intact, seal.indication) == (True, Indication.TOTAL_PASSED)


def test_an_altered_signing_certificate() -> None:
    data = sealed("B-LT")
    forged = bytearray(der_of(data))
    forged[forged.index(pki().seal.der) + 200] ^= 0x01
    assert only(with_contents(data, bytes(forged))).intact is False


def test_an_altered_timestamp() -> None:
    data = sealed("B-LT")
    forged = bytearray(der_of(data))
    forged[-10] ^= 0x01  # in the TSA's signature value
    assert_altered(only(with_contents(data, bytes(forged))), "timestamp_altered")


SM2_SIGNATURE = bytes.fromhex("06082a811ccf55018375")
SM3_DIGEST = bytes.fromhex("06082a811ccf55018311")


@pytest.mark.parametrize("what", ["digest", "mechanism"])
def test_sm2_and_sm3_are_unsupported_not_broken(what: str) -> None:
    info = cms.ContentInfo.load(der_of(sealed("B-B")))
    signer_info = info["content"]["signer_infos"][0]
    if what == "mechanism":
        signer_info["signature_algorithm"] = {"algorithm": "1.2.156.10197.1.501"}
    else:
        signer_info["digest_algorithm"] = {"algorithm": "1.2.156.10197.1.401"}
    seal = only(with_contents(sealed("B-B"), info.dump(force=True)))
    assert seal.indication is Indication.INDETERMINATE
    assert seal.notes == ("sm2_sm3", "unsupported_algorithm")
    assert (seal.intact, seal.later_changes) == (None, None)


def dictionary_with(
    subfilter: str, contents: bytes, kind: str = "/Sig"
) -> generic.DictionaryObject:
    return generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Sig"),
            pdf_name("/Filter"): pdf_name("/Adobe.PPKLite"),
            pdf_name("/SubFilter"): pdf_name(subfilter),
            pdf_name("/Contents"): generic.ByteStringObject(contents),
            pdf_name("/ByteRange"): generic.ArrayObject(map(generic.NumberObject, (0, 10, 20, 10))),
        }
    )


def with_dictionary(signature: generic.PdfObject, *, in_field: bool = True) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        reference = writer.add_object(signature)
        if in_field:
            field = {
                pdf_name("/FT"): pdf_name("/Sig"),
                pdf_name("/T"): generic.TextStringObject("Old"),
                pdf_name("/V"): reference,
            }
            fields = [writer.add_object(generic.DictionaryObject(field))]
            form = {pdf_name("/Fields"): generic.ArrayObject(fields)}
            writer.root[pdf_name("/AcroForm")] = generic.DictionaryObject(form)
            writer.update_root()

    return updated(blank(), change)


@pytest.mark.parametrize("subfilter", ["/adbe.pkcs7.sha1", "/adbe.x509.rsa_sha1", "/GM.sm2seal"])
def test_old_and_foreign_subfilters_are_reported(subfilter: str) -> None:
    """pyHanko leaves them out of its lists."""
    report = judge(with_dictionary(dictionary_with(subfilter, b"\x04\x02\x00\x00")))
    assert report.structure is Structure.SIGNED
    (signature,) = report.signatures
    assert signature.field == "Old"
    assert signature.indication is Indication.INDETERMINATE
    assert (signature.intact, signature.notes) == (None, ("unsupported_subfilter",))
    assert signature.coverage is Coverage.PART


@pytest.mark.parametrize("value", ["number", "empty", "self", "missing"])
def test_fields_with_odd_values_are_reported(value: str) -> None:
    odd: generic.PdfObject = {
        "number": generic.NumberObject(7),
        "empty": generic.DictionaryObject(),
        "self": generic.ArrayObject(),
        "missing": generic.TextStringObject("x"),
    }[value]
    report = judge(with_dictionary(odd))
    assert report.structure is Structure.SIGNED
    assert len(report.signatures) == 1
    assert report.signatures[0].indication is not Indication.TOTAL_PASSED


def test_an_orphaned_signature_dictionary_is_reported() -> None:
    report = judge(
        with_dictionary(dictionary_with("/ETSI.CAdES.detached", b"\x30\x00"), in_field=False)
    )
    assert report.structure is Structure.SIGNED
    (signature,) = report.signatures
    assert (signature.intact, signature.later_changes) == (None, None)
    assert signature.notes == ("malformed_signature", "orphaned")


def test_a_seal_whose_field_was_removed_is_reported() -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        del writer.root["/AcroForm"]
        writer.update_root()

    report = judge(updated(sealed("B-LT"), change))
    (seal,) = report.signatures
    assert seal.notes == ("signature_removed",)
    assert seal.indication is Indication.INDETERMINATE
    assert seal.later_changes is LaterChanges.CONTENT_CHANGED


def test_a_signed_pdf_that_is_merely_attached_is_not_the_files_signature() -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.StreamObject(stream_data=sealed("B-LT"))
        writer.root[pdf_name("/Attached")] = writer.add_object(stream)
        writer.update_root()

    report = judge(updated(blank(), change))
    assert report.signatures == ()


def test_an_empty_signature_field_is_no_signature() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(blank()))
    append_signature_field(writer, SigFieldSpec("Sign here"))
    out = io.BytesIO()
    writer.write(out)
    report = judge(out.getvalue())
    assert report.structure is Structure.UNSIGNED


def test_an_encrypted_file_says_so() -> None:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(blank())))
    writer.encrypt("owner", "user")
    out = io.BytesIO()
    writer.write(out)
    assert judge(out.getvalue()).structure is Structure.ENCRYPTED
