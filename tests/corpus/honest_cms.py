"""The CMS in /Contents, and /Contents itself, as other software writes them."""

import hashlib
from dataclasses import replace
from functools import partial

from tests.corpus import der
from tests.corpus.certificates import (
    Issued,
    digest_identifier,
    issuing,
    key_identifier,
    rsa_signer,
    signer,
)
from tests.corpus.cms import (
    ADOBE,
    PADES,
    REVOCATION,
    Style,
    attribute,
    signed_data,
    signing_certificate,
    signing_time,
)
from tests.corpus.model import SOUND, honest, not_judged, sound
from tests.corpus.papers import note
from tests.corpus.signing import Mark, sign

BER = sound("none", "cms_ber")
REST = sound("none", "contents_rest")
MALFORMED = not_judged("malformed_signature", notes=("malformed_signature",))


def styled(style: Style, mark: Mark = Mark(), who: Issued | None = None) -> bytes:  # noqa: B008
    return sign(note(), replace(mark, cms=partial(signed_data, who=who, style=style))).data


@honest(BER)
def ber_indefinite_lengths() -> bytes:
    """The outer frames of the CMS have indefinite lengths (BER), as BouncyCastle streams them."""
    return styled(replace(PADES, element=der.indefinite))


@honest(BER)
def ber_long_form_lengths() -> bytes:
    """A length in the CMS is written with more octets than needed, which BER allows."""

    def padded(tag: int, *parts: bytes) -> bytes:
        body = b"".join(parts)
        return bytes([tag, 0x84]) + len(body).to_bytes(4, "big") + body

    return styled(replace(PADES, element=padded))


@honest(BER)
def ber_with_adobe_subfilter() -> bytes:
    """A BER CMS under adbe.pkcs7.detached, room left over filled with zeros."""
    mark = Mark(subfilter=b"/adbe.pkcs7.detached", reserved=9000)
    return styled(replace(ADOBE, element=der.indefinite), mark)


@honest(REST)
def rest_after_cms() -> bytes:
    """Behind the CMS in /Contents stand bytes of an earlier, longer one, never overwritten."""
    mark = Mark(cms=lambda covered: signed_data(covered) + b"rest of a buffer\x30\x82")
    return sign(note(), mark).data


@honest((*REST, *SOUND))
def line_break_after_cms() -> bytes:
    """Behind the CMS in /Contents stands a line break."""
    return sign(note(), Mark(cms=lambda covered: signed_data(covered) + b"\r\n")).data


@honest(SOUND)
def contents_exactly_filled() -> bytes:
    """/Contents has no room left over at all."""
    size = len(signed_data(b"", rsa_signer()))
    return styled(PADES, Mark(reserved=size), rsa_signer())


@honest(SOUND)
def contents_in_upper_case() -> bytes:
    """The digits of /Contents are upper-case."""
    return sign(note(), Mark(upper=True)).data


@honest(SOUND)
def large_contents() -> bytes:
    """/Contents reserves 200 KiB, as software does that cannot know the size beforehand."""
    return sign(note(), Mark(reserved=200 * 1024)).data


@honest(not_judged("limit_contents"))
def contents_of_three_megabytes() -> bytes:
    """/Contents reserves 3 MiB: beyond what we look at, so a limit with its reason."""
    return sign(note(), Mark(reserved=3 * 1024 * 1024)).data


@honest(SOUND)
def contents_before_byte_range() -> bytes:
    """/Contents stands before /ByteRange in the dictionary."""
    return sign(note(), Mark(before=True)).data


@honest(SOUND)
def adobe_detached() -> bytes:
    """adbe.pkcs7.detached without a signing-certificate attribute, as Acrobat wrote it."""
    return styled(ADOBE, Mark(subfilter=b"/adbe.pkcs7.detached"))


@honest(SOUND)
def signing_certificate_version_one() -> bytes:
    """The signing certificate is named by SHA-1 (RFC 2634's attribute)."""
    return styled(replace(PADES, certificate_attribute=signing_certificate))


@honest((*SOUND, *not_judged()))
def no_signing_certificate_under_pades() -> bytes:
    """ETSI.CAdES.detached without a signing-certificate attribute (a PAdES fault, no change)."""
    return styled(replace(PADES, certificate_attribute=None))


@honest(SOUND)
def signing_time_under_pades() -> bytes:
    """The CMS has a signing-time attribute, which PAdES forbids and many write."""
    return styled(replace(PADES, more=(signing_time(),)))


@honest(SOUND)
def no_signed_attributes() -> bytes:
    """adbe.pkcs7.detached without signed attributes: the value signs the content itself."""
    mark = Mark(subfilter=b"/adbe.pkcs7.detached")
    return styled(replace(ADOBE, attributes=False), mark)


@honest(SOUND)
def named_by_key_identifier() -> bytes:
    """The signer is named by its key's identifier (SignerInfo version 3)."""
    sid = der.tlv(0x80, key_identifier(signer().key))
    return styled(replace(PADES, sid=sid, signer_version=3, version=3))


@honest(SOUND)
def signed_data_version_three() -> bytes:
    """The SignedData states version 3 where RFC 5652 asks for 1."""
    return styled(replace(PADES, version=3))


@honest(SOUND)
def null_parameters() -> bytes:
    """The hash has NULL parameters, which RFC 5754 tells to accept."""
    return styled(replace(PADES, null=True))


@honest(SOUND)
def revocation_archival_attribute() -> bytes:
    """Adobe's signed attribute with revocation data (empty lists)."""
    value = der.sequence(der.explicit(0, der.sequence()))
    mark = Mark(subfilter=b"/adbe.pkcs7.detached")
    return styled(replace(ADOBE, more=(signing_time(), attribute(REVOCATION, value))), mark)


@honest(SOUND)
def unknown_signed_attribute() -> bytes:
    """A signed attribute of a private arc."""
    private = attribute("1.3.6.1.4.1.99999.4", der.tlv(0x0C, b"desk 4"))
    return styled(replace(PADES, more=(private,)))


@honest(SOUND)
def unknown_unsigned_attribute() -> bytes:
    """An unsigned attribute of a private arc."""
    private = attribute("1.3.6.1.4.1.99999.5", der.tlv(0x0C, b"desk 4"))
    return styled(replace(PADES, unsigned=(private,)))


@honest(SOUND)
def commitment_and_policy() -> bytes:
    """CAdES attributes for the commitment (proof of approval) and for the signature's policy."""
    commitment = attribute(
        "1.2.840.113549.1.9.16.2.16", der.sequence(der.oid("1.2.840.113549.1.9.16.6.5"))
    )
    policy = attribute(
        "1.2.840.113549.1.9.16.2.15",
        der.sequence(
            der.oid("1.3.6.1.4.1.99999.6"),
            der.sequence(digest_identifier("sha256"), der.octets(b"\x01" * 32)),
        ),
    )
    return styled(replace(PADES, more=(commitment, policy)))


@honest((*MALFORMED, *not_judged()))
def attributes_not_in_order() -> bytes:
    """The signed attributes are not in DER's order and were signed as they stand."""
    return styled(replace(PADES, order=partial(sorted, reverse=True)))


@honest((*MALFORMED, *not_judged()))
def attributes_signed_in_other_order() -> bytes:
    """The signed attributes stand unsorted, and their sorted form was signed (RFC 5652 5.4)."""
    made: list[bytes] = []

    def cms(covered: bytes) -> bytes:
        right = signed_data(covered)
        found = attributes_of(right)
        body = b"".join(sorted(der.elements(found), reverse=True))
        made.append(right.replace(found, body))
        return made[0]

    return sign(note(), Mark(cms=cms)).data


def attributes_of(cms: bytes) -> bytes:
    """Return the content of signedAttrs."""
    info = der.elements(der.content(der.elements(der.content(cms))[1]))[0]
    infos = der.elements(der.content(info))[-1]
    return der.content(der.elements(der.content(der.elements(der.content(infos))[0]))[3])


@honest(SOUND)
def empty_certificate_revocation_lists() -> bytes:
    """The SignedData has an empty set of CRLs."""
    return styled(replace(PADES, crls=der.tlv(0xA1)))


@honest(SOUND)
def certificates_not_sorted() -> bytes:
    """The certificates stand in the chain's order, not in DER's SET OF order."""
    who = signer()
    chain = b"".join((who.certificate, issuing().certificate, *issuing().chain))
    made = sorted((who.certificate, *who.chain))
    return sign(
        note(), Mark(cms=lambda covered: signed_data(covered).replace(b"".join(made), chain))
    ).data


def _sha1(covered: bytes) -> bytes:
    return hashlib.sha1(covered, usedforsecurity=False).digest()


@honest((*SOUND, *sound("none", "weak_hash"), *not_judged("unsupported_subfilter")))
def adobe_sha1() -> bytes:
    """adbe.pkcs7.sha1: the SHA-1 of the content is enclosed and signed (ISO 32000-1 12.8.3.3)."""

    def cms(covered: bytes) -> bytes:
        hashed = _sha1(covered)
        return signed_data(hashed, rsa_signer(), replace(ADOBE, enclosed=hashed))

    return sign(note(), Mark(subfilter=b"/adbe.pkcs7.sha1", cms=cms)).data


@honest((*SOUND, *sound("none", "weak_hash"), *not_judged("unsupported_subfilter")))
def adobe_rsa_sha1() -> bytes:
    """adbe.x509.rsa_sha1: a bare PKCS #1 value, the certificate in /Cert (ISO 32000-1 12.8.3.2)."""
    from tests.corpus.certificates import RSA_SHA1  # noqa: PLC0415

    who = rsa_signer()
    certificate = b"/Cert <%s> " % who.certificate.hex().encode()
    return sign(
        note(),
        Mark(
            subfilter=b"/adbe.x509.rsa_sha1",
            signature=certificate,
            cms=lambda covered: der.octets(RSA_SHA1.sign(who.key, covered)),
        ),
    ).data


@honest(not_judged("unsupported_subfilter"))
def unknown_subfilter() -> bytes:
    """A vendor's own subfilter with a format that only its plug-in reads."""
    return sign(
        note(), Mark(subfilter=b"/Vendor.Own.Format", cms=lambda _: b"proprietary" * 20)
    ).data


@honest((*SOUND, *not_judged("unsupported_subfilter")))
def unknown_subfilter_with_cms() -> bytes:
    """A vendor's own subfilter around an ordinary detached CMS."""
    return sign(note(), Mark(subfilter=b"/Vendor.pkcs7.detached")).data


@honest((*SOUND, *not_judged()))
def unknown_filter() -> bytes:
    """/Filter names another handler than Adobe's, with a known subfilter."""
    return sign(note(), Mark(handler=b"/CICI.SignIt")).data


@honest(SOUND)
def no_type_in_dictionary() -> bytes:
    """The signature's dictionary has no /Type (ISO 32000-1 table 252: optional)."""
    return sign(note(), Mark(kind=b"")).data


@honest(SOUND)
def build_properties() -> bytes:
    """The signature's dictionary has /Prop_Build, /Name, /Reason, /ContactInfo, as Acrobat's."""
    more = (
        b"/Prop_Build << /Filter << /Name /Adobe.PPKLite /Date (Mar 1) /R 131104 >> /App << /Name "
        b"/Exchange#2DPro /OS [/Win] /R 1441792 /TrustedMode true >> >> /Name (Li Si) /Reason "
        b"(approved) /Location (Far Away) /ContactInfo (li@example.cn) /M (D:20260302080000Z) "
    )
    return sign(note(), Mark(signature=more)).data
