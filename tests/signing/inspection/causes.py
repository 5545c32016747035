"""Files of other makers that were called altered and are not: a builder for each cause.

Each docstring says what is peculiar. Attacks on what was widened stand in `test_causes_attacks`.
"""

# mypy: disable-error-code="no-untyped-call, method-assign, no-any-return"

import asyncio
import dataclasses
import io
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest.mock import patch

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.inspection.ber import children, header, split
from signing.structure import look
from signing.trust.anchors import TrustMaterial
from tests.der_length import encoded_length
from tests.signing.inspection.updates import updated
from tests.signing.material import (
    IDENTIFIER,
    NOW,
    Entity,
    FixedTimePdfSigner,
    How,
    Pki,
    archive,
    blank,
    make,
    name,
    pki,
    sign,
)
from tests.signing.scans import scan_with_odd_xref

PLAIN = How("B-B", docmdp=None)


@cache
def plain() -> bytes:
    """A signature without a timestamp, no certification, the whole file covered."""
    return sign(blank(), pki(), PLAIN)


def gap_of(data: bytes, which: int = 0) -> tuple[int, int]:
    return look(data).byte_ranges[which].gap


def der_of(data: bytes, which: int = 0) -> bytes:
    start, end = gap_of(data, which)
    raw = bytes.fromhex(data[start + 1 : end - 1].decode())
    return raw[: encoded_length(raw)]


def with_contents(data: bytes, raw: bytes, which: int = 0) -> bytes:
    """Write other bytes into /Contents, filled up with zeros."""
    start, end = gap_of(data, which)
    room = (end - start - 2) // 2
    assert len(raw) <= room
    return data[: start + 1] + raw.ljust(room, b"\0").hex().encode() + data[end - 1 :]


def with_name(kind: _ASN1Type, text: str) -> bytes:
    """The signer's common name in another string type, whose codec Python loads when asked."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "EE"),
            x509.NameAttribute(NameOID.COMMON_NAME, text, _type=kind),
        ]
    )
    return sign(blank(), pki(), PLAIN, make(subject, pki().issuing))


def e_mail_name() -> bytes:
    """An e-mail address in the subject: IA5String, and asn1crypto's idna for its domain."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Jüri Tamm"),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "juri@näide.example".encode("idna").decode()),
        ]
    )
    return sign(blank(), pki(), PLAIN, make(subject, pki().issuing))


def chinese_reason() -> bytes:
    """A /Reason in UTF-16, and a Chinese /Producer."""
    writer = IncrementalPdfFileWriter(io.BytesIO(blank()))
    writer.trailer["/Info"][pdf_name("/Producer")] = generic.TextStringObject("某某阅读器")
    writer.update_container(writer.trailer["/Info"])
    metadata = signers.PdfSignatureMetadata(field_name="Seal", reason="同意", location="某某市")
    out = io.BytesIO()
    FixedTimePdfSigner(metadata, signer=pki().signer()).sign_pdf(writer, output=out)
    return out.getvalue()


# The CMS


def indefinite() -> bytes:
    """The frames of the CMS with indefinite lengths (BER), as streaming writers make them."""
    oid, tagged = children(der_of(plain()))
    (signed_data,) = children(tagged)
    body = b"".join(children(signed_data))
    end = b"\0\0"
    ber = b"\x30\x80" + oid + b"\xa0\x80\x30\x80" + body + end * 3
    return with_contents(plain(), ber)


def overlong() -> bytes:
    """The outermost length in five octets, of which one would do: BER, not DER."""
    der = der_of(plain())
    body = b"".join(children(der))
    return with_contents(plain(), b"\x30\x84" + len(body).to_bytes(4) + body)


def token_in_pieces() -> bytes:
    """A document timestamp whose TSTInfo is an OCTET STRING in pieces, in BER frames."""
    stamped = archive(plain(), pki(), NOW)
    oid, tagged = children(der_of(stamped, 1))
    (signed_data,) = children(tagged)
    version, digests, content, *rest = children(signed_data)
    kind, explicit = children(content)
    (octets,) = children(explicit)
    text = octets[-(len(octets) - len(octets[:2]) - (octets[1] & 0x7F if octets[1] > 127 else 0)) :]
    pieces = b"".join(header(4, len(part)) + part for part in (text[:40], text[40:]))
    content = b"\x30\x80" + kind + b"\xa0\x80\x24\x80" + pieces + b"\0\0" * 3
    body = version + digests + content + b"".join(rest)
    ber = b"\x30\x80" + oid + b"\xa0\x80\x30\x80" + body + b"\0\0" * 3
    return with_contents(stamped, ber, 1)


def rest_in_contents() -> bytes:
    """Some signers write over a longer CMS and leave its end behind."""
    return with_contents(plain(), der_of(plain()) + b"left over")


def resigned(
    change: Callable[[cms.SignerInfo], None],
    value: Callable[[bytes], bytes] | None = None,
    data: bytes | None = None,
) -> bytes:
    """Change a SignerInfo, and sign its attributes again, by `value` where one is given."""
    data = data or plain()
    info = cms.ContentInfo.load(der_of(data))
    signer_info = info["content"]["signer_infos"][0]
    change(signer_info)
    body = signer_info["signed_attrs"].untag().dump(force=True)
    if value is not None:
        signer_info["signature"] = value(body)
    return with_contents(data, info.dump(force=True))


def ecdsa(body: bytes) -> bytes:
    key = pki().seal.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.sign(body, ec.ECDSA(hashes.SHA256()))


def unsorted_attributes() -> bytes:
    """Signed attributes in descending order, signed as they stand; OpenSSL would sort them."""
    der = der_of(plain())
    info = cms.ContentInfo.load(der)
    parts = split(info["content"]["signer_infos"][0]["signed_attrs"].contents)
    body = b"".join(sorted(parts, reverse=True))
    found = info["content"]["signer_infos"][0]
    found["signature"] = ecdsa(header(0x31, len(body)) + body)
    raw = info.dump(force=True)
    return with_contents(plain(), raw.replace(b"".join(sorted(parts)), body))


def sm2_with_sm3() -> bytes:
    """SM2 over SM3, as most signatures in China are: `cryptography` has no SM2."""

    def change(signer_info: cms.SignerInfo) -> None:
        signer_info["digest_algorithm"] = {"algorithm": "1.2.156.10197.1.401"}
        signer_info["signature_algorithm"] = {"algorithm": "1.2.156.10197.1.501"}

    return resigned(change)


def gost() -> bytes:
    """GOST R 34.10-2012 with its own digest."""

    def change(signer_info: cms.SignerInfo) -> None:
        signer_info["digest_algorithm"] = {"algorithm": "1.2.643.7.1.1.2.2"}
        signer_info["signature_algorithm"] = {"algorithm": "1.2.643.7.1.1.3.2"}

    return resigned(change)


def plain_ecdsa() -> bytes:
    """ECDSA with r and s side by side (BSI TR-03111), as German cards sign."""

    def change(signer_info: cms.SignerInfo) -> None:
        signer_info["signature_algorithm"] = {"algorithm": "0.4.0.127.0.7.1.1.4.1.3"}

    def value(body: bytes) -> bytes:
        r, s = decode_dss_signature(ecdsa(body))
        return r.to_bytes(32) + s.to_bytes(32)

    return resigned(change, value)


@cache
def rsa_signer() -> Entity:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return make(name("RSA signer"), pki().issuing, key=key)


def rsa_with_sha3() -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA3-256 (OID 2.16.840.1.101.3.4.3.14), which asn1crypto lacks."""
    key = rsa_signer().key
    assert isinstance(key, rsa.RSAPrivateKey)
    data = sign(blank(), pki(), PLAIN, rsa_signer())
    numbers = look(data).byte_ranges[0].numbers
    hasher = hashes.Hash(hashes.SHA3_256())
    hasher.update(data[: numbers[1]] + data[numbers[2] :])
    digest = hasher.finalize()

    def change(signer_info: cms.SignerInfo) -> None:
        signer_info["digest_algorithm"] = {"algorithm": "sha3_256"}
        signer_info["signature_algorithm"] = {"algorithm": "2.16.840.1.101.3.4.3.14"}
        kept = [
            attribute
            for attribute in signer_info["signed_attrs"]
            if attribute["type"].native not in ("message_digest", "cms_algorithm_protection")
        ]
        stated = cms.CMSAttribute({"type": "message_digest", "values": [digest]})
        ordered = sorted((*kept, stated), key=lambda one: one.dump())
        signer_info["signed_attrs"] = cms.CMSAttributes(ordered)

    return resigned(
        change, lambda body: key.sign(body, padding.PKCS1v15(), hashes.SHA3_256()), data
    )


def sha1_digest() -> bytes:
    """SHA-1 over the document, as until 2013."""
    return signed_with("sha1")


def md5_digest() -> bytes:
    """MD5 over the document: anyone makes two documents with one MD5."""
    return signed_with("md5")


def signed_with(algorithm: str) -> bytes:
    """An RSA signature with an old digest, made by hand since `pyhanko` would not."""
    data = sign(blank(), pki(), PLAIN, rsa_signer())
    key = rsa_signer().key
    assert isinstance(key, rsa.RSAPrivateKey)
    kind: Any = {"sha1": hashes.SHA1, "md5": hashes.MD5}[algorithm]
    numbers = look(data).byte_ranges[0].numbers
    hasher = hashes.Hash(kind())
    hasher.update(data[: numbers[1]] + data[numbers[2] :])
    digest = hasher.finalize()

    def change(signer_info: cms.SignerInfo) -> None:
        signer_info["digest_algorithm"] = {"algorithm": algorithm}
        signer_info["signature_algorithm"] = {"algorithm": f"{algorithm}_rsa"}
        kept = [
            attribute
            for attribute in signer_info["signed_attrs"]
            if attribute["type"].native not in ("message_digest", "cms_algorithm_protection")
        ]
        stated = cms.CMSAttribute({"type": "message_digest", "values": [digest]})
        ordered = sorted((*kept, stated), key=lambda one: one.dump())
        signer_info["signed_attrs"] = cms.CMSAttributes(ordered)

    return resigned(change, lambda body: key.sign(body, padding.PKCS1v15(), kind()), data)


# Certificates


class Loaded:
    """What `sign` needs of an entity whose certificate `cryptography` would not make."""

    def __init__(self, der: bytes, entity: Entity) -> None:
        self.asn1 = asn1_x509.Certificate.load(der)
        self.asn1_key = entity.asn1_key


def changed_certificate(
    change: Callable[[asn1_x509.TbsCertificate], None], world: Pki | None = None
) -> bytes:
    """Sign with a certificate that was changed and then signed by its CA."""
    world = world or pki()
    leaf = make(name("Odd signer"), world.issuing)
    loaded = asn1_x509.Certificate.load(leaf.der)
    change(loaded["tbs_certificate"])
    loaded["signature_algorithm"] = loaded["tbs_certificate"]["signature"]
    body = loaded["tbs_certificate"].dump(force=True)
    key = world.issuing.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    old = loaded["signature_algorithm"]["algorithm"].native == "sha1_ecdsa"
    loaded["signature_value"] = key.sign(body, ec.ECDSA(hashes.SHA1() if old else hashes.SHA256()))
    odd: Any = Loaded(loaded.dump(force=True), leaf)
    return sign(blank(), world, PLAIN, odd)


def sha1_certificate() -> bytes:
    """The signer's certificate is signed with SHA-1, which `cryptography` refuses to check."""

    def change(tbs: asn1_x509.TbsCertificate) -> None:
        tbs["signature"] = algos.SignedDigestAlgorithm({"algorithm": "sha1_ecdsa"})

    return changed_certificate(change)


def path_length_without_ca() -> bytes:
    """basicConstraints with cA=FALSE and a pathLenConstraint, which RFC 5280 4.2.1.9 forbids."""

    def change(tbs: asn1_x509.TbsCertificate) -> None:
        for extension in tbs["extensions"]:
            if extension["extn_id"].native == "basic_constraints":
                extension["extn_value"] = core.ParsableOctetString(b"\x30\x03\x02\x01\x00")

    return changed_certificate(change)


def visible_string() -> bytes:
    """A common name as VisibleString, which is no DirectoryString (RFC 5280 4.1.2.4)."""
    entity = rsa_signer()
    body = asn1_x509.Certificate.load(entity.der)["tbs_certificate"].dump()
    utf8, visible = b"\x0c\x0aRSA signer", b"\x1a\x0aRSA signer"
    assert body.count(utf8) == 1
    certificate = _signed_by_ca(body.replace(utf8, visible))
    return _with_certificate(sign(blank(), pki(), PLAIN, entity), entity, certificate)


def _signed_by_ca(tbs: bytes) -> bytes:
    """A certificate by the issuing CA over any bytes."""
    key = pki().issuing.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()
    value = core.OctetBitString(key.sign(tbs, ec.ECDSA(hashes.SHA256()))).dump()
    inner = tbs + algorithm + value
    return header(0x30, len(inner)) + inner


def negative_modulus() -> bytes:
    """An RSA modulus without its leading octet of zeros, as on old Estonian cards."""
    entity = rsa_signer()
    modulus = entity.key.public_key().public_numbers().n.to_bytes(256)  # type: ignore[union-attr]
    loaded = asn1_x509.Certificate.load(entity.der)
    info = loaded["tbs_certificate"]["subject_public_key_info"]
    exponent = b"\x02\x03\x01\x00\x01"
    integers = b"\x02\x82\x01\x00" + modulus + exponent
    key = header(0x30, len(integers)) + integers
    bits = header(0x03, len(key) + 1) + b"\0" + key
    odd_info = (
        header(0x30, len(info["algorithm"].dump()) + len(bits)) + info["algorithm"].dump() + bits
    )
    fields = [
        odd_info if part == info.dump() else part
        for part in children(loaded["tbs_certificate"].dump())
    ]
    body = b"".join(fields)
    certificate = _signed_by_ca(header(0x30, len(body)) + body)
    data = sign(blank(), pki(), PLAIN, entity)
    return _with_certificate(data, entity, certificate)


def _with_certificate(data: bytes, entity: Entity, certificate: bytes) -> bytes:
    """Put another certificate of the same key, issuer and serial into a CMS, and sign anew."""
    key = entity.key
    assert isinstance(key, rsa.RSAPrivateKey)
    info = cms.ContentInfo.load(der_of(data))
    signed_data = info["content"]
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate)
    signer_info = signed_data["signer_infos"][0]
    kept = [
        attribute
        for attribute in signer_info["signed_attrs"]
        if not attribute["type"].native.startswith("signing_certificate")
    ]
    signer_info["signed_attrs"] = cms.CMSAttributes(sorted(kept, key=lambda one: one.dump()))
    body = signer_info["signed_attrs"].untag().dump(force=True)
    signer_info["signature"] = key.sign(body, padding.PKCS1v15(), hashes.SHA256())
    version, digests, content, *_ = children(signed_data.untag().dump())
    certificates = certificate + pki().issuing.der
    infos = signer_info.dump(force=True)
    body = version + digests + content + header(0xA0, len(certificates)) + certificates
    body += header(0x31, len(infos)) + infos
    body = header(0x30, len(body)) + body
    body = info["content_type"].dump() + header(0xA0, len(body)) + body
    return with_contents(data, header(0x30, len(body)) + body)


def self_signed_root_with_sha1() -> bytes:
    """The chain in the CMS ends with a root whose own signature is by SHA-1."""
    root = asn1_x509.Certificate.load(pki().root.der)
    algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha1_ecdsa"})
    root["tbs_certificate"]["signature"] = root["signature_algorithm"] = algorithm
    key = pki().root.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    body = root["tbs_certificate"].dump(force=True)
    root["signature_value"] = key.sign(body, ec.ECDSA(hashes.SHA1()))
    info = cms.ContentInfo.load(der_of(plain()))
    held = info["content"]["certificates"]
    held.append(
        cms.CertificateChoices("certificate", asn1_x509.Certificate.load(root.dump(force=True)))
    )
    return with_contents(plain(), info.dump(force=True))


# Timestamps


def token_without_certificate(data: bytes, which: int) -> bytes:
    """A token without the TSA's certificate (certReq=false, RFC 3161 2.4.1)."""
    info = cms.ContentInfo.load(der_of(data, which))
    token = info["content"]
    if which == 0:
        (attribute,) = (
            one
            for one in token["signer_infos"][0]["unsigned_attrs"]
            if one["type"].native == "signature_time_stamp_token"
        )
        token = attribute["values"][0]["content"]
    token["certificates"] = cms.CertificateSet([])
    return with_contents(data, info.dump(force=True), which)


def bare_stamp() -> bytes:
    """A document timestamp without the TSA's certificate anywhere in the file."""
    return token_without_certificate(archive(plain(), pki(), NOW, update_dss=False), 1)


def bare_stamp_with_dss() -> bytes:
    """The same, but the certificate stands in the DSS that the stamp covers."""
    return token_without_certificate(archive(plain(), pki(), NOW), 1)


def bare_token() -> bytes:
    """A signature timestamp without the TSA's certificate anywhere."""
    return token_without_certificate(sign(blank(), pki(), How("B-T", docmdp=None)), 0)


# Fields


def prepared() -> bytes:
    """A field that was prepared for another system to sign: /Contents all zeros."""
    return with_contents(plain(), b"")


def usage_rights() -> bytes:
    """Usage rights for Adobe Reader (/Perms /UR3): a signature dictionary that no field holds."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        signature = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Sig"),
                pdf_name("/Filter"): pdf_name("/Adobe.PPKLite"),
                pdf_name("/SubFilter"): pdf_name("/adbe.pkcs7.detached"),
                pdf_name("/Contents"): generic.ByteStringObject(b"\x30\x03\x02\x01\x00"),
                pdf_name("/ByteRange"): generic.ArrayObject(
                    map(generic.NumberObject, (0, 10, 20, 10))
                ),
            }
        )
        rights = generic.DictionaryObject({pdf_name("/UR3"): writer.add_object(signature)})
        writer.root[pdf_name("/Perms")] = rights
        writer.update_root()

    return updated(blank(), change)


def signature_written_again() -> bytes:
    """A later revision writes the signature dictionary again as it was."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.update_container(writer.root["/AcroForm"]["/Fields"][0]["/V"])

    return updated(plain(), change)


def signature_cleared() -> bytes:
    """A later revision empties the object that was the signature dictionary: it was removed."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        reference = writer.root["/AcroForm"]["/Fields"][0].raw_get("/V").reference
        writer.objects[(reference.generation, reference.idnum)] = generic.DictionaryObject()

    return updated(plain(), change)


# Encryption


def encrypted(user: str) -> bytes:
    """An encrypted file, signed; most are so with an empty user password, against editing."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(blank())))
    writer.encrypt(owner_pass="owner", user_pass=user)
    out = io.BytesIO()
    writer.write(out)
    later = IncrementalPdfFileWriter(io.BytesIO(out.getvalue()))
    later.encrypt(user_pwd=user)
    signed = io.BytesIO()
    metadata = signers.PdfSignatureMetadata(field_name="Seal", md_algorithm="sha256")
    FixedTimePdfSigner(metadata, signer=pki().signer()).sign_pdf(later, output=signed)
    return signed.getvalue()


def encrypt_that_is_null() -> bytes:
    """A trailer with /Encrypt null, as one maker writes it; pyHanko would not sign such a one."""
    start = blank()
    position = start.rindex(b"/Size")
    data = start[:position] + b"/Encrypt null\n" + start[position:]
    with patch.object(PdfFileReader, "encrypt_dict", None):
        return sign(data, pki(), PLAIN)


# Frames


def by_hand(*, direct: bool = False, brackets: bool = False, spaced: bool = False) -> bytes:
    """A PDF written by hand and signed: the dictionary direct in its field, the brackets of
    /Contents signed along, or white space in the hexadecimal string.
    """
    room = 4096
    digits = b"0" * (2 * room)
    string = b"<" + (digits[:64] + b"\n" + digits[64:] if spaced else digits) + b">"
    signature = (
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached\n"
        b"/ByteRange [" + b" " * 40 + b"]\n/Contents " + string + b" >>"
    )
    value = signature if direct else b"5 0 R"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << >> >>",
        b"<< /FT /Sig /T (Hand) /V " + value + b" >>",
        b"null" if direct else signature,
    ]
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"xref\n0 6\n0000000000 65535 f \n" + table
    out += b"trailer\n<< /Root 1 0 R /Size 6 >>\nstartxref\n%d\n%%%%EOF\n" % out.index(b"xref\n0")
    first = out.index(string) + brackets
    second = out.index(string) + len(string) - brackets
    numbers = b"[0 %d %d %d" % (first, second, len(out) - second)
    out = out.replace(b"[" + b" " * 40, numbers.ljust(41))
    digest = hashes.Hash(hashes.SHA256())
    digest.update(out[:first] + out[second:])
    info = asyncio.run(
        pki()
        .signer()
        .async_sign(digest.finalize(), "sha256", use_pades=True, signed_attr_settings=None)
    )
    filled = info.dump().hex().encode().ljust(2 * room, b"0")
    filled = filled[:64] + b"\n" + filled[64:] if spaced else filled
    return out.replace(string, b"<" + filled + b">")


# Properties


def rewritten_identifier(place: str) -> bytes:
    """Our identifier as another tool writes it: in UTF-16, or in XMP that it deflated."""
    foreign = blank().replace(b"/Keywords", b"/Subjects")
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(foreign)))
    writer._update_meta = lambda: None
    info = generic.DictionaryObject()
    if place == "/Info":
        info[pdf_name("/Keywords")] = generic.TextStringObject("证照 " + IDENTIFIER)
    else:
        xmp = f"<x:xmpmeta><dc:identifier>{IDENTIFIER}</dc:identifier></x:xmpmeta>".encode()
        stream = generic.StreamObject(stream_data=xmp)
        stream.compress()
        writer.root[pdf_name("/Metadata")] = writer.add_object(stream)
    writer.set_info(writer.add_object(info))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# Reading


def signed_scan() -> bytes:
    """A scan with a generation beyond 65535 in its free list, signed as it is."""
    return _signed_leniently(scan_with_odd_xref())


def signed_scan_with_an_update() -> bytes:
    """The same, and then an update: what is read by guessing explains nothing."""
    writer = IncrementalPdfFileWriter(io.BytesIO(signed_scan()), strict=False)
    writer._update_meta = lambda: None
    DocumentSecurityStore.supply_dss_in_writer(writer, None, **pki().validation_data(NOW))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _signed_leniently(data: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    metadata = signers.PdfSignatureMetadata(
        field_name="Seal", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    out = io.BytesIO()
    FixedTimePdfSigner(metadata, signer=pki().signer()).sign_pdf(writer, output=out)
    return out.getvalue()


# Load


def same_named_cas(count: int) -> bytes:
    """Many CA certificates of one name and one key in the CMS: each may stand above each."""
    key = ec.generate_private_key(ec.SECP256R1())
    cas = [
        make(name("Maze"), key=key, ca=True, usage=frozenset({"key_cert_sign"}))
        for _ in range(count)
    ]
    world = dataclasses.replace(pki(), issuing=cas[0])
    how = dataclasses.replace(PLAIN, bytes_reserved=131072)
    data = sign(blank(), world, how, make(name("Lost"), cas[0]))
    info = cms.ContentInfo.load(der_of(data))
    info["content"]["certificates"] = cms.CertificateSet(
        [
            *info["content"]["certificates"],
            *(cms.CertificateChoices("certificate", one.asn1) for one in cas[1:]),
        ]
    )
    return with_contents(data, info.dump(force=True))


def maze_with_a_way_out(count: int) -> tuple[bytes, TrustMaterial]:
    """The same, below a root that is trusted: there are more ways to it than anyone can try.

    Each CA certificate is issued by the CA's own key, and one by the root; none of the ways passes,
    since no revocation data is there.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    usage = frozenset({"key_cert_sign"})
    out = make(name("Maze"), pki().root, key=key, ca=True, usage=usage)
    own = [make(name("Maze"), key=key, ca=True, usage=usage) for _ in range(count)]
    world = dataclasses.replace(pki(), issuing=out)
    how = dataclasses.replace(PLAIN, bytes_reserved=131072)
    data = sign(blank(), world, how, make(name("Found"), own[0]))
    info = cms.ContentInfo.load(der_of(data))
    info["content"]["certificates"] = cms.CertificateSet(
        [
            *info["content"]["certificates"],
            *(cms.CertificateChoices("certificate", one.asn1) for one in own),
        ]
    )
    return with_contents(data, info.dump(force=True)), pki().bare_trust()


def many_signatures(count: int) -> bytes:
    """A document that passed through many hands."""
    data = blank()
    for number in range(count):
        how = How("B-B", docmdp=None, field=f"S{number}", bytes_reserved=8192)
        data = sign(data, pki(), how)
    return data
