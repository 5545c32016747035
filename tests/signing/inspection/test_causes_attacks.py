"""Attacks on what was widened: no file passes for being read more kindly."""

# mypy: disable-error-code="no-untyped-call"

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.inspection import document, worker
from signing.inspection.ber import children, header, split
from signing.limits import Limits
from signing.report import LaterChanges, SignatureReport, Structure, ValidationReport
from signing.sandbox import Sandbox
from signing.validation import validate_pdf
from tests.signing.inspection import causes
from tests.signing.inspection.causes import der_of, ecdsa, plain, resigned, with_contents
from tests.signing.inspection.updates import updated
from tests.signing.material import NOW, How, archive, blank, make, name, pki, sign

SOON = NOW + timedelta(minutes=1)


def judge(data: bytes) -> ValidationReport:
    return validate_pdf(data, pki().trust(), SOON)


def only(data: bytes) -> SignatureReport:
    (signature,) = judge(data).signatures
    return signature


def forged_text(data: bytes) -> bytes:
    assert data.count(b"(licence)") == 1
    return data.replace(b"(licence)", b"(license)")


@pytest.mark.parametrize(
    "build",
    [
        causes.indefinite,
        causes.overlong,
        causes.rest_in_contents,
        causes.plain_ecdsa,
        causes.rsa_with_sha3,
        causes.sha1_digest,
        causes.sha1_certificate,
        causes.visible_string,
        causes.negative_modulus,
        causes.unsorted_attributes,
    ],
)
def test_changed_text_is_proof_however_the_cms_is_written(build: Callable[[], bytes]) -> None:
    signature = only(forged_text(build()))
    assert (signature.intact, signature.sub_indication) == (False, "HASH_FAILURE")


@pytest.mark.parametrize(
    "build",
    [causes.plain_ecdsa, causes.rsa_with_sha3, causes.negative_modulus, causes.indefinite],
)
def test_a_changed_signature_value_is_proof(build: Callable[[], bytes]) -> None:
    data = build()
    contents = bytearray(der_of(data) if build is not causes.indefinite else raw_of(data))
    value = value_of(bytes(contents))
    contents[contents.index(value) + len(value) - 3] ^= 1
    signature = only(with_contents(data, bytes(contents)))
    assert (signature.intact, signature.sub_indication) == (False, "SIG_CRYPTO_FAILURE")


def raw_of(data: bytes) -> bytes:
    start, end = causes.gap_of(data)
    return bytes.fromhex(data[start + 1 : end - 1].decode()).rstrip(b"\0") + bytes(6)


def value_of(contents: bytes) -> bytes:
    info = cms.ContentInfo.load(contents)
    found: bytes = info["content"]["signer_infos"][0]["signature"].native
    return found


def test_an_encrypted_file_that_was_changed() -> None:
    data = causes.encrypted("")
    start = data.index(b"stream\n", data.index(b"/Length")) + 20
    forged = data[:start] + bytes([data[start] ^ 1]) + data[start + 1 :]
    report = judge(forged)
    assert report.structure is not Structure.SIGNED or report.signatures[0].intact is not True


def test_something_between_the_frames() -> None:
    """Some parsers would read a second content there."""
    oid, tagged = children(der_of(plain()))
    for body in (oid + tagged + b"\x04\x00", oid + tagged + tagged):
        signature = only(with_contents(plain(), header(0x30, len(body)) + body))
        assert (signature.intact, signature.notes) == (None, ("malformed_signature",))


def test_a_message_digest_in_pieces_in_the_signed_attributes() -> None:
    """BER within what was signed has two readings: as it stands, and in DER."""
    info = cms.ContentInfo.load(der_of(plain()))
    old = info["content"]["signer_infos"][0]["signed_attrs"]
    stated = next(a for a in old if a["type"].native == "message_digest")
    value = stated["values"][0].dump()
    pieces = (
        b"\x24" + bytes([len(value) + 2]) + b"\x04\x10" + value[2:18] + b"\x04\x10" + value[18:]
    )
    raw = der_of(plain())
    grown = replace_in(raw, value, pieces)
    signature = only(with_contents(plain(), grown))
    assert signature.intact is None
    assert "malformed_signature" in signature.notes


def replace_in(raw: bytes, old: bytes, new: bytes) -> bytes:
    """Replace a value deep within, with the lengths around it set right."""
    if raw == old:
        return new
    if not raw[0] & 0x20 or old not in raw:
        return raw
    body = b"".join(replace_in(part, old, new) for part in children(raw))
    return header(raw[0], len(body)) + body


def message_digests(signer_info: cms.SignerInfo, *values: list[bytes]) -> None:
    kept = [a for a in signer_info["signed_attrs"] if a["type"].native != "message_digest"]
    stated = [cms.CMSAttribute({"type": "message_digest", "values": one}) for one in values]
    ordered = sorted((*kept, *stated), key=lambda one: one.dump())
    signer_info["signed_attrs"] = cms.CMSAttributes(ordered)


def right_digest() -> bytes:
    signature = only(plain())
    assert signature.signed_digest is not None
    return bytes.fromhex(signature.signed_digest)


@pytest.mark.parametrize("which", ["twice", "two values", "none"])
def test_message_digests_that_are_not_one(which: str) -> None:
    right, wrong = right_digest(), bytes(32)
    values = {"twice": [[right], [wrong]], "two values": [[right, wrong]], "none": []}[which]
    signature = only(resigned(lambda info: message_digests(info, *values), ecdsa))
    assert (signature.intact, signature.notes) == (None, ("malformed_signature",))


def test_a_signature_algorithm_with_another_digest() -> None:
    """The value is by SHA-1, and digestAlgorithm says SHA-256."""
    data = sign(blank(), pki(), causes.PLAIN, causes.rsa_signer())
    key = causes.rsa_signer().key
    assert isinstance(key, rsa.RSAPrivateKey)

    def change(signer_info: cms.SignerInfo) -> None:
        signer_info["signature_algorithm"] = {"algorithm": "sha1_rsa"}
        kept = [
            attribute
            for attribute in signer_info["signed_attrs"]
            if attribute["type"].native != "cms_algorithm_protection"
        ]
        signer_info["signed_attrs"] = cms.CMSAttributes(kept)

    forged = resigned(change, lambda body: key.sign(body, padding.PKCS1v15(), hashes.SHA1()), data)
    signature = only(forged)
    assert (signature.intact, signature.notes) == (None, ("malformed_signature",))


def test_another_certificate_for_the_same_key() -> None:
    """The signed attributes name the certificate; another would name another signer."""
    other = make(name("Somebody else"), pki().issuing, key=pki().seal.key)
    info = cms.ContentInfo.load(der_of(plain()))
    signer_info = info["content"]["signer_infos"][0]
    signer_info["sid"] = cms.SignerIdentifier(
        "issuer_and_serial_number",
        {"issuer": other.asn1.issuer, "serial_number": other.asn1.serial_number},
    )
    info["content"]["certificates"] = cms.CertificateSet(
        [cms.CertificateChoices("certificate", other.asn1)]
    )
    signature = only(with_contents(plain(), info.dump(force=True)))
    assert (signature.intact, signature.notes) == (None, ("certificate_mismatch",))
    assert signature.sub_indication == "NO_SIGNING_CERTIFICATE_FOUND"


def unsorted_token(info: Any, token: Any) -> bytes:
    raw: bytes = info.dump()
    held = token["signer_infos"][0]["signed_attrs"].contents
    parts = split(held)
    return raw.replace(held, b"".join(sorted(parts, reverse=True)))


def test_a_document_timestamp_with_unsorted_attributes() -> None:
    data = archive(plain(), pki(), NOW)
    info = cms.ContentInfo.load(der_of(data, 1))
    _, stamp = judge(with_contents(data, unsorted_token(info, info["content"]), 1)).signatures
    assert (stamp.intact, stamp.notes) == (None, ("malformed_signature",))


def test_a_signature_timestamp_with_unsorted_attributes() -> None:
    data = sign(blank(), pki(), How("B-T", docmdp=None))
    info = cms.ContentInfo.load(der_of(data))
    (attribute,) = info["content"]["signer_infos"][0]["unsigned_attrs"]
    token = attribute["values"][0]["content"]
    signature = only(with_contents(data, unsorted_token(info, token)))
    assert (signature.intact, signature.notes) == (True, ("timestamp_malformed",))
    assert (signature.level, signature.best_time) == ("B-B", None)


def test_objects_beside_contents_in_the_gap() -> None:
    """Signature wrapping: the gap is wider than /Contents, and holds what nobody signed."""
    data = plain()
    start, end = causes.gap_of(data)
    hidden = b"\n99 0 obj\n<< /Type /Page >>\nendobj\n"
    widened = data[:end] + hidden + data[end:]
    numbers = widened[widened.index(b"/ByteRange") :]
    old = numbers[: numbers.index(b"]") + 1]
    new = b"/ByteRange [0 %d %d %d]" % (start, end + len(hidden), len(data) - end)
    forged = widened.replace(old, new.ljust(len(old)))
    report = judge(forged)
    assert all(signature.intact is not True for signature in report.signatures)


def test_a_seal_called_usage_rights_is_still_a_seal() -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        reference = writer.root["/AcroForm"]["/Fields"][0].raw_get("/V")
        rights = generic.DictionaryObject({pdf_name("/UR3"): reference})
        writer.root[pdf_name("/Perms")] = rights
        writer.update_root()

    signature = only(updated(plain(), change))
    assert signature.later_changes is LaterChanges.UNCLEAR
    assert signature.notes == ("structure_unclear",)


def test_an_exception_in_judging_one_signature_is_no_finding(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> NoReturn:
        raise ImportError("secret text of the document")

    monkeypatch.setattr(document, "judge_bytes", fail)
    report = judge(plain())
    (signature,) = report.signatures
    assert (signature.intact, signature.notes) == (None, ("exception",))
    assert signature.later_changes is None
    assert report.notes == ("exception",)
    assert "ImportError" in caplog.text
    assert "secret" not in caplog.text


def test_an_exception_while_parsing_is_our_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise RuntimeError

    monkeypatch.setattr(document, "find_signatures", fail)
    report = judge(plain())
    assert (report.structure, report.notes) == (Structure.FAILED, ("exception",))


def test_an_attempt_to_open_is_our_failure() -> None:
    """Whatever came of it: the file was judged without something that was needed."""
    report, failures = worker._judge(plain(), pki().trust(), SOON, Limits(), ["open"])
    assert (report.structure, report.notes) == (Structure.FAILED, ("exception",))
    assert report.signatures == ()
    assert failures == ("open",)


def test_an_exception_is_told_by_its_type(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    script = (
        "import sys\n"
        "from signing.inspection import document, worker\n"
        "real = document.judge_bytes\n"
        "def fail(subject, case):\n"
        "    if case.at.minute == 13:\n"
        "        raise ImportError('secret')\n"
        "    return real(subject, case)\n"
        "document.judge_bytes = fail\n"
        "worker.main(sys.argv[1:])\n"
    )
    real: Any = subprocess.Popen

    def popen(command: list[str], **more: Any) -> Any:
        return real([sys.executable, "-I", "-c", script, command[-1]], **more)

    monkeypatch.setattr("signing.workers.process.subprocess.Popen", popen)
    with Sandbox(workers=1) as box:
        assert box.validate(plain(), pki().trust(), SOON).signatures[0].intact is True
        report = box.validate(plain(), pki().trust(), SOON.replace(minute=13))
        assert report.notes == ("exception",)
        assert report.signatures[0].intact is None
        assert box.validate(plain(), pki().trust(), SOON).signatures[0].intact is True
    assert "ImportError" in caplog.text
    assert "secret" not in caplog.text
