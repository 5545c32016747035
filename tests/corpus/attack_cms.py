"""The CMS tampered with: forged values, foreign signers, transplanted signatures."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from tests.corpus import der
from tests.corpus.attack_forgery import tampered
from tests.corpus.certificates import (
    ECDSA_SHA256,
    RSA_SHA256,
    Algorithm,
    Issued,
    Key,
    digest_identifier,
    ec_key,
    issue,
    issuing,
    rsa_key,
    second_signer,
    signer,
    simple,
)
from tests.corpus.cms import (
    MESSAGE_DIGEST,
    PADES,
    TIMESTAMP_TOKEN,
    Style,
    attribute,
    signed_data,
    signer_info,
    token,
)
from tests.corpus.honest_cms import attributes_of
from tests.corpus.model import (
    NOT_GOOD,
    OURS,
    PROVEN,
    UNSEEN,
    Base,
    Pattern,
    Required,
    attack,
    sound,
)
from tests.corpus.papers import APPROVED, CERTIFIED_1, NOTE, note
from tests.corpus.pdf import Pdf, load
from tests.corpus.signing import Mark, cms_of, gap_of, sign, with_cms

NEW = Base("new", lambda _: note())
"""The note unsigned; the attack signs it in its own manner."""
STAMPED_NOTE = Base(
    "stamped",
    lambda _: sign(note(), Mark(cms=partial(signed_data, style=replace(PADES, token=token)))),
)
STILL_SOUND: Required = (*sound("none"), *sound("none", "cms_ber"), *NOT_GOOD)
"""New bytes without any key: of a foreign file the signature still holds; of ours it is proof."""


def signed(pdf: Pdf, style: Style = PADES, who: Issued | None = None) -> bytes:
    return sign(pdf, Mark(cms=partial(signed_data, who=who, style=style))).data


def der_of(data: bytes) -> bytes:
    cms = cms_of(data)
    return cms[: sum(der.header(cms))]


def changed(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return with_cms(data, change(der_of(data)))


def info_of(cms: bytes) -> list[bytes]:
    """Return the elements of the first SignerInfo."""
    inner = der.elements(der.content(der.elements(der.content(cms))[1]))[0]
    infos = der.elements(der.content(inner))[-1]
    return der.elements(der.content(der.elements(der.content(infos))[0]))


def with_info(cms: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """Return the CMS with another first SignerInfo, all lengths set right."""
    kind, outer = der.elements(der.content(cms))
    parts = der.elements(der.content(der.content(outer)))
    first, *rest = der.elements(der.content(parts[-1]))
    made = der.sequence(*change(der.elements(der.content(first))))
    inner = der.sequence(*parts[:-1], der.tlv(0x31, made, *rest))
    return der.sequence(kind, der.explicit(0, inner))


def _value_at(parts: list[bytes]) -> int:
    """Return the place of the signature's value among a SignerInfo's elements."""
    return max(index for index, part in enumerate(parts) if part[0] == 0x04)


def with_value(cms: bytes, change: Callable[[bytes], bytes]) -> bytes:
    def swap(parts: list[bytes]) -> list[bytes]:
        at = _value_at(parts)
        parts[at] = der.octets(change(der.content(parts[at])))
        return parts

    return with_info(cms, swap)


@attack(NOTE, APPROVED, CERTIFIED_1, OURS, foreign=PROVEN, shown_by=UNSEEN)
def value_flipped(pdf: Pdf) -> bytes:
    """One bit of the signature's value is flipped."""

    def flip(value: bytes) -> bytes:
        return value[:-1] + bytes([value[-1] ^ 1])

    return changed(pdf.data, lambda cms: with_value(cms, flip))


@attack(NOTE, OURS, foreign=PROVEN, shown_by=UNSEEN)
def value_of_zeros(pdf: Pdf) -> bytes:
    """ECDSA's r and s are both zero ("psychic signatures", CVE-2022-21449)."""
    zeros = der.sequence(der.integer(0), der.integer(0))
    return changed(pdf.data, lambda cms: with_value(cms, lambda _: zeros))


@attack(NOTE, OURS, foreign=STILL_SOUND, shown_by=UNSEEN)
def value_s_turned(pdf: Pdf) -> bytes:
    """ECDSA's s is replaced by n - s: another valid value, made without the key."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

    def turn(value: bytes) -> bytes:
        r, s = decode_dss_signature(value)
        return encode_dss_signature(r, order - s)

    return changed(pdf.data, lambda cms: with_value(cms, turn))


@attack(NOTE, OURS, foreign=STILL_SOUND, shown_by=UNSEEN)
def encoded_anew_as_ber(pdf: Pdf) -> bytes:
    """The CMS is encoded anew with indefinite lengths: the same signature in new bytes."""

    def anew(cms: bytes) -> bytes:
        kind, outer = der.elements(der.content(cms))
        parts = der.elements(der.content(der.content(outer)))
        inner = der.indefinite(0x30, *parts)
        return der.indefinite(0x30, kind, der.indefinite(0xA0, inner))

    return changed(pdf.data, anew)


@attack(STAMPED_NOTE, OURS, foreign=STILL_SOUND, shown_by=UNSEEN)
def timestamp_stripped(pdf: Pdf) -> bytes:
    """The unsigned attributes, the timestamp among them, are taken away."""
    return changed(
        pdf.data, lambda cms: with_info(cms, lambda parts: parts[: _value_at(parts) + 1])
    )


@attack(NOTE, OURS, foreign=STILL_SOUND, shown_by=UNSEEN)
def certificate_slipped_in(pdf: Pdf) -> bytes:
    """A certificate of somebody else is slipped among the unsigned certificates."""
    gap = gap_of(pdf.data)
    stranger, room = second_signer().certificate, (gap.end - gap.start - 2) // 2

    def slip(cms: bytes) -> bytes:
        kind, outer = der.elements(der.content(cms))
        parts = der.elements(der.content(der.content(outer)))
        held = der.elements(der.content(parts[3]))
        if len(cms) + len(stranger) > room:
            held = held[1:]
        parts[3] = der.tlv(0xA0, *held, stranger)
        return der.sequence(kind, der.explicit(0, der.sequence(*parts)))

    return changed(pdf.data, slip)


@attack(NOTE, OURS, foreign=(*STILL_SOUND, *sound("none", "contents_rest")), shown_by=UNSEEN)
def bytes_hidden_behind_cms(pdf: Pdf) -> bytes:
    """Bytes are hidden in the zeros behind the CMS, which nothing signs."""
    return changed(pdf.data, lambda cms: cms + b"hidden message")


@attack(NOTE, OURS, foreign=STILL_SOUND, shown_by=UNSEEN)
def digits_in_other_case(pdf: Pdf) -> bytes:
    """The digits of /Contents are written in the other case: new bytes, the same signature."""
    gap = gap_of(pdf.data)
    digits = pdf.data[gap.start : gap.end].swapcase()
    return pdf.data[: gap.start] + digits + pdf.data[gap.end :]


@attack(APPROVED, NOTE, OURS, foreign=PROVEN, shown_by=UNSEEN)
def transplanted(pdf: Pdf) -> bytes:
    """The CMS of another document by the same signer stands in /Contents."""
    other = sign(note(b"<< /Title (Another) >>"), Mark()).data
    return with_cms(pdf.data, der_of(other))


@attack(NOTE, foreign=PROVEN)
def digest_set_right_without_key(pdf: Pdf) -> bytes:
    """The page is changed and the messageDigest attribute set right; the value is the old one."""
    data = tampered(pdf)
    gap = gap_of(data)
    covered = data[: gap.start] + data[gap.end :]
    before = pdf.data[: gap.start] + pdf.data[gap.end :]
    old, new = (hashlib.sha256(one).digest() for one in (before, covered))
    return changed(data, lambda cms: cms.replace(old, new))


@attack(NOTE, OURS, foreign=NOT_GOOD)
def attributes_as_content(pdf: Pdf) -> bytes:
    """The old signed attributes stand in the file as the signed content, without attributes.

    The value that signed the attributes signs them as content just as well.
    """
    cms = der_of(pdf.data)
    attributes = der.tlv(0x31, attributes_of(cms))
    data = tampered(pdf) + b"% " + attributes + b"\n"
    at = data.rindex(attributes)
    made = with_info(cms, lambda parts: [part for part in parts if part[0] != 0xA0])
    gap = gap_of(data)
    numbers = b"/ByteRange [%d %d %d 0]" % (at, len(attributes), len(data))
    room = gap.range_end - gap.range_start + 12
    data = data[: gap.range_start] + numbers.ljust(room) + data[gap.range_start + room :]
    shown = made.ljust((gap.end - gap.start - 2) // 2, b"\x00").hex().encode()
    return data[: gap.start + 1] + shown + data[gap.end - 1 :]


@attack(NEW, shown_by=UNSEEN)
def two_signers(pdf: Pdf) -> bytes:
    """The CMS has two SignerInfos, the second over other content."""
    other = signer_info(b"other content", second_signer(), PADES)
    return signed(pdf, replace(PADES, more_infos=(other,)))


@attack(NEW, shown_by=UNSEEN)
def no_signer(pdf: Pdf) -> bytes:
    """The CMS has no SignerInfo at all, certificates alone."""

    def bare(covered: bytes) -> bytes:
        kind, outer = der.elements(der.content(signed_data(covered)))
        parts = der.elements(der.content(der.content(outer)))
        inner = der.sequence(*parts[:-1], der.tlv(0x31))
        return der.sequence(kind, der.explicit(0, inner))

    return sign(pdf, Mark(cms=bare)).data


@attack(NEW, shown_by=UNSEEN)
def wrong_content_type(pdf: Pdf) -> bytes:
    """The contentType attribute says something else than the content's type."""
    return signed(pdf, replace(PADES, stated_type="1.2.840.113549.1.7.3"))


@attack(NEW, shown_by=UNSEEN)
def content_type_of_timestamp(pdf: Pdf) -> bytes:
    """A signature whose content is of the type TSTInfo."""
    return signed(pdf, replace(PADES, content_type="1.2.840.113549.1.9.16.1.4"))


@attack(NEW, shown_by=UNSEEN)
def digest_attribute_twice(pdf: Pdf) -> bytes:
    """Two messageDigest attributes, one of them right."""
    wrong = attribute(MESSAGE_DIGEST, der.octets(b"\x00" * 32))
    return signed(pdf, replace(PADES, more=(wrong,)))


@attack(NEW, shown_by=UNSEEN)
def digest_attribute_of_two_values(pdf: Pdf) -> bytes:
    """One messageDigest attribute with two values, one of them right."""

    def two(covered: bytes) -> bytes:
        right = hashlib.sha256(covered).digest()
        one = attribute(MESSAGE_DIGEST, der.octets(right))
        both = attribute(MESSAGE_DIGEST, der.octets(right), der.octets(b"\x01" * 32))
        made = signed_data(covered)

        def swap(parts: list[bytes]) -> list[bytes]:
            body = der.content(parts[3]).replace(one, both)
            body = b"".join(sorted(der.elements(body)))
            value = ECDSA_SHA256.sign(signer().key, der.tlv(0x31, body))
            return [*parts[:3], der.tlv(0xA0, body), parts[4], der.octets(value)]

        return with_info(made, swap)

    return sign(pdf, Mark(cms=two)).data


@attack(NEW, foreign=PROVEN, shown_by=UNSEEN)
def digest_of_other_content(pdf: Pdf) -> bytes:
    """The signer signed a messageDigest that is not the content's."""
    return signed(pdf, replace(PADES, signed_digest=hashlib.sha256(b"other").digest()))


@attack(NEW, shown_by=UNSEEN)
def content_enclosed(pdf: Pdf) -> bytes:
    """The CMS encloses another content, over which it holds; the file's bytes are not signed."""
    made = signed_data(b"other content", style=replace(PADES, enclosed=b"other content"))
    return sign(pdf, Mark(cms=lambda _: made)).data


@attack(NEW, shown_by=UNSEEN)
def no_digest_attribute(pdf: Pdf) -> bytes:
    """The signed attributes lack messageDigest: nothing ties them to the content."""

    def lacking(covered: bytes) -> bytes:
        def drop(parts: list[bytes]) -> list[bytes]:
            kept = [
                one
                for one in der.elements(der.content(parts[3]))
                if der.oid(MESSAGE_DIGEST) not in one
            ]
            body = b"".join(kept)
            value = ECDSA_SHA256.sign(signer().key, der.tlv(0x31, body))
            return [*parts[:3], der.tlv(0xA0, body), parts[4], der.octets(value)]

        return with_info(signed_data(covered), drop)

    return sign(pdf, Mark(cms=lacking)).data


@attack(NEW, shown_by=UNSEEN)
def signing_certificate_of_another(pdf: Pdf) -> bytes:
    """The signing-certificate attribute names another certificate than the signer's."""
    from tests.corpus.cms import signing_certificate_v2  # noqa: PLC0415

    other = second_signer().certificate
    named = replace(PADES, certificate_attribute=lambda _: signing_certificate_v2(other))
    return signed(pdf, named)


@attack(NOTE, shown_by=UNSEEN)
def certificate_swapped_for_namesake(pdf: Pdf) -> bytes:
    """The signer's certificate is swapped for another one with the same key and other names."""
    who = signer()
    rogue = issue(simple("The Mayor"), who.key, ECDSA_SHA256, serial=who.serial)

    def swap(parts: list[bytes]) -> list[bytes]:
        return [parts[0], rogue.sid, *parts[2:]]

    def slip(cms: bytes) -> bytes:
        kind, outer = der.elements(der.content(with_info(cms, swap)))
        parts = der.elements(der.content(der.content(outer)))
        parts[3] = der.tlv(0xA0, rogue.certificate)
        return der.sequence(kind, der.explicit(0, der.sequence(*parts)))

    return changed(pdf.data, slip)


@attack(NEW, foreign=PROVEN, shown_by=UNSEEN)
def key_of_another(pdf: Pdf) -> bytes:
    """Another key signed than the certificate's, whose names are the registrar's."""
    return signed(pdf, who=replace(signer(), key=ec_key("mallory")))


def _short(key: Key, data: bytes) -> bytes:
    """A PKCS #1 v1.5 block with rubbish behind the hash, made for an exponent of 3."""
    from tests.corpus.certificates import rsa_raw  # noqa: PLC0415

    info = der.sequence(
        digest_identifier("sha256", null=True), der.octets(hashlib.sha256(data).digest())
    )
    block = b"\x00\x01" + b"\xff" * 8 + b"\x00" + info
    return rsa_raw(key, block.ljust(256, b"\x5a"))


@attack(NEW, foreign=PROVEN, shown_by=UNSEEN)
def rubbish_in_padding(pdf: Pdf) -> bytes:
    """An RSA block with short padding and rubbish behind the hash (Bleichenbacher 2006)."""
    key = rsa_key("three", 2048, 3)
    forging = Algorithm(RSA_SHA256.identifier, "sha256", _short)
    who = issue(simple("Three"), key, RSA_SHA256, issuing(), serial=9001)
    return signed(pdf, who=replace(who, algorithm=forging))


@attack(NEW, foreign=PROVEN, shown_by=UNSEEN)
def block_without_padding(pdf: Pdf) -> bytes:
    """An RSA value that is the bare hash, not padded at all."""
    from tests.corpus.certificates import rsa_raw  # noqa: PLC0415

    bare = Algorithm(
        RSA_SHA256.identifier,
        "sha256",
        lambda key, data: rsa_raw(key, hashlib.sha256(data).digest().rjust(256, b"\x00")),
    )
    who = issue(simple("Bare"), rsa_key(), RSA_SHA256, issuing(), serial=9002)
    return signed(pdf, who=replace(who, algorithm=bare))


@attack(STAMPED_NOTE, OURS, shown_by=UNSEEN)
def timestamp_of_other_signature(pdf: Pdf) -> bytes:
    """The timestamp token is over another signature's value."""
    stray = attribute(TIMESTAMP_TOKEN, token(b"another value"))

    def swap(parts: list[bytes]) -> list[bytes]:
        return [*parts[: _value_at(parts) + 1], der.tlv(0xA1, stray)]

    return changed(pdf.data, lambda cms: with_info(cms, swap))


@attack(NEW, shown_by=UNSEEN)
def timestamp_token_flipped(pdf: Pdf) -> bytes:
    """The timestamp token's own signature does not verify."""

    def flip(value: bytes) -> bytes:
        return value[:-1] + bytes([value[-1] ^ 1])

    return signed(pdf, replace(PADES, token=partial(token, after_sign=flip)))


@attack(NEW, shown_by=UNSEEN, foreign=(*NOT_GOOD, Pattern(("passed",), ("not_issued_here",))))
def timestamp_by_no_authority(pdf: Pdf) -> bytes:
    """A document signer signed the timestamp token: the bytes are sound, the time is worthless."""
    return signed(pdf, replace(PADES, token=partial(token, who=second_signer())))


@attack(NEW, foreign=PROVEN)
def document_timestamp_of_other_bytes(pdf: Pdf) -> bytes:
    """After a sound signature and a changed page, a document timestamp over the old bytes."""
    from tests.corpus.attack_saving import forged  # noqa: PLC0415
    from tests.corpus.signing import STAMP  # noqa: PLC0415

    first = sign(pdf, Mark())
    stale = token(first.data)
    return sign(first.update(forged(first)), replace(STAMP, cms=lambda _: stale)).data


@attack(OURS)
def our_seal_on_forged_page(pdf: Pdf) -> bytes:
    """Our licence's seal field, CMS and all, stands in a file with another page."""
    forged_file = sign(note(), Mark(reserved=(gap_of(pdf.data).end - gap_of(pdf.data).start) // 2))
    return with_cms(forged_file.data, der_of(pdf.data))


@attack(OURS)
def our_identifier_under_foreign_seal(pdf: Pdf) -> bytes:
    """Another page bears our identifier in its properties and is soundly signed by a stranger."""
    return sign(note(pdf.objects[pdf.info]), Mark()).data


@attack(OURS, shown_by=UNSEEN)
def our_licence_resigned_by_stranger(pdf: Pdf) -> bytes:
    """Our licence's seal is replaced by a stranger's, over the same pages."""
    from tests.corpus.pdf import write  # noqa: PLC0415

    objects = {n: body for n, body in pdf.objects.items() if n != pdf.signature}
    objects.update({pdf.widget: pdf.set(pdf.widget, V=None)[pdf.widget]})
    objects.update(pdf.set(pdf.root, Perms=None, DSS=None))
    trailer = {key: pdf.trailer[key] for key in ("/Root", "/Info", "/ID") if key in pdf.trailer}
    made = write(b"%PDF-1.7\n", {}, objects, trailer, size=pdf.size)
    return sign(load(made.data), Mark(into=pdf.widget)).data
