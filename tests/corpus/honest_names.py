"""Certificates and documents whose names are encoded in every way that X.520 and PDF know."""

from functools import partial

from tests.corpus import der
from tests.corpus.certificates import (
    BMP,
    COMMON_NAME,
    COUNTRY,
    ECDSA_SHA256,
    EMAIL,
    IA5,
    NUMERIC,
    ORGANISATION,
    PRINTABLE,
    SERIAL_NUMBER,
    TELETEX,
    UNIT,
    UNIVERSAL,
    VISIBLE,
    ec_key,
    issue,
    issuing,
    name,
    part,
)
from tests.corpus.cms import signed_data
from tests.corpus.model import SOUND, honest, not_judged
from tests.corpus.papers import note
from tests.corpus.signing import Mark, sign

CN = part(COUNTRY, "CN", PRINTABLE)


def by(subject: bytes, info: bytes | None = None) -> bytes:
    """Return the note signed by whoever is called that."""
    who = issue(subject, ec_key("named"), ECDSA_SHA256, issuing(), serial=8001)
    pdf = note() if info is None else note(info)
    return sign(pdf, Mark(cms=partial(signed_data, who=who))).data


@honest(SOUND)
def teletex_name() -> bytes:
    """The signer's CN is a TeletexString with Latin-1 letters, as old European CAs write it."""
    return by(name(CN, part(COMMON_NAME, "Müller & Söhne GmbH", TELETEX)))


@honest(SOUND)
def bmp_name() -> bytes:
    """The signer's CN is a BMPString (UTF-16), as Chinese and Italian CAs write it."""
    return by(name(CN, part(COMMON_NAME, "青岚市不动产登记中心", BMP)))


@honest(SOUND)
def universal_name() -> bytes:
    """The signer's CN is a UniversalString (UTF-32)."""
    return by(name(CN, part(COMMON_NAME, "登记中心", UNIVERSAL)))


@honest(SOUND)
def email_in_name() -> bytes:
    """The signer's name holds an e-mail address (PKCS #9, IA5String)."""
    return by(name(CN, part(COMMON_NAME, "Zhang San"), part(EMAIL, "zhang.san@example.cn", IA5)))


@honest(SOUND)
def email_as_utf8() -> bytes:
    """The e-mail address in the signer's name is a UTF8String, against RFC 2985."""
    return by(name(CN, part(COMMON_NAME, "Zhang San"), part(EMAIL, "zhang.san@example.cn")))


@honest(SOUND)
def international_email() -> bytes:
    """The e-mail address in the signer's name has letters beyond ASCII and a Punycode domain."""
    return by(name(CN, part(COMMON_NAME, "张三"), part(EMAIL, "张三@xn--fiqs8s.cn")))


@honest(SOUND)
def visible_string_name() -> bytes:
    """The signer's CN is a VisibleString, which X.520 does not list and old CAs use."""
    return by(name(CN, part(COMMON_NAME, "Old Card 17", VISIBLE)))


@honest(SOUND)
def numeric_string_name() -> bytes:
    """The signer's serialNumber is a NumericString."""
    subject = name(CN, part(COMMON_NAME, "Li Si"), part(SERIAL_NUMBER, "0042 17", NUMERIC))
    return by(subject)


@honest((*SOUND, *not_judged()))
def teletex_with_foreign_bytes() -> bytes:
    """The signer's CN is called a TeletexString and holds UTF-8 bytes; names are not evidence."""
    return by(name(CN, part(COMMON_NAME, "登记中心".encode(), TELETEX)))


@honest((*SOUND, *not_judged()))
def broken_bmp_name() -> bytes:
    """The signer's OU is a BMPString with an odd number of bytes."""
    return by(name(CN, part(COMMON_NAME, "Li Si"), part(UNIT, b"\x4e\x2d\x56", BMP)))


@honest(SOUND)
def latin_in_printable_string() -> bytes:
    """The signer's O is a PrintableString with characters that it may not hold (@, & and *)."""
    return by(name(CN, part(ORGANISATION, "R&D @ Office*", PRINTABLE), part(COMMON_NAME, "Li")))


@honest(SOUND)
def multi_valued_name() -> bytes:
    """The signer's name has one RDN of two attributes (CN + serialNumber)."""
    pair = der.set_of([part(COMMON_NAME, "Li Si"), part(SERIAL_NUMBER, "17", PRINTABLE)])
    return by(der.sequence(der.tlv(0x31, CN), pair))


@honest(SOUND)
def unknown_attribute_in_name() -> bytes:
    """The signer's name has an attribute of a private arc that nobody knows."""
    return by(name(CN, part(COMMON_NAME, "Li Si"), part("1.3.6.1.4.1.99999.7.1", "X-17")))


@honest(SOUND)
def name_without_cn() -> bytes:
    """The signer's name has no CN, only C, O and two OUs."""
    units = (part(UNIT, "Registry"), part(UNIT, "Desk 4"))
    return by(name(CN, part(ORGANISATION, "Far Away Office"), *units))


@honest(SOUND)
def empty_subject() -> bytes:
    """The signer's subject is empty (RFC 5280 4.1.2.6 allows it beside a subjectAltName)."""
    return by(name())


@honest(SOUND)
def very_long_name() -> bytes:
    """The signer's CN has 300 characters, beyond X.520's bound of 64."""
    return by(name(CN, part(COMMON_NAME, "登记" * 150)))


@honest(SOUND)
def control_characters_in_name() -> bytes:
    """The signer's CN holds a line break and a right-to-left mark."""
    return by(name(CN, part(COMMON_NAME, "Li\nSi \u202eevil")))


def text16(text: str) -> bytes:
    return b"<" + (b"\xfe\xff" + text.encode("utf-16-be")).hex().encode() + b">"


@honest(SOUND)
def chinese_producer() -> bytes:
    """/Producer and /Title are UTF-16 texts in Chinese, as WPS writes them."""
    info = b"<< /Title %s /Producer %s >>" % (text16("通知"), text16("金山办公 PDF"))
    return by(name(CN, part(COMMON_NAME, "Li Si")), info)


@honest(SOUND)
def utf8_producer() -> bytes:
    """/Producer is a UTF-8 text with its mark (PDF 2.0)."""
    info = b"<< /Producer (\xef\xbb\xbf" + "登记软件".encode() + b") >>"
    return by(name(CN, part(COMMON_NAME, "Li Si")), info)


@honest(SOUND)
def gbk_producer() -> bytes:
    """/Producer holds raw GBK bytes without any mark, as old Chinese software writes them."""
    info = b"<< /Producer (" + "登记软件".encode("gbk") + b") >>"
    return by(name(CN, part(COMMON_NAME, "Li Si")), info)


@honest(SOUND)
def chinese_reason() -> bytes:
    """/Reason, /Location and /Name of the signature are UTF-16 texts in Chinese."""
    more = b"/Reason %s /Location %s /Name %s /M (D:20260302160000+08'00') " % (
        text16("审批通过"),
        text16("青岚市"),
        text16("张三"),
    )
    return sign(note(), Mark(signature=more)).data


@honest(SOUND)
def chinese_field_name() -> bytes:
    """The signature field's name is a literal string of UTF-16 bytes with escapes."""
    name16 = b"\xfe\xff" + "签名".encode("utf-16-be")
    escaped = b"".join(b"\\%03o" % one for one in name16)
    return sign(note(), Mark(field=escaped.decode())).data


@honest(SOUND)
def odd_signing_dates() -> bytes:
    """/M is no date that PDF knows (a month 13, words in Chinese)."""
    return sign(note(), Mark(signature=b"/M (2026.13.41 \xd6\xdc\xd2\xbb) ")).data
