"""Statements of a CMS about itself, before its signature is judged."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from asn1crypto import cms, core, tsp, x509
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from signing.inspection.engine.shared import share_held
from signing.inspection.identity import readable
from signing.inspection.integrity import names_certificate
from signing.inspection.objects import READ_ERRORS

_GMT_0010 = "1.2.156.10197.6.1.4.2."
"""Arc of GM/T 0010's content types (signedData is …2.2)."""


def load_signed_data(der: bytes) -> cms.SignedData | None:
    """Return the SignedData with exactly one signer, or None if that is not what stands there."""
    try:
        info = cms.ContentInfo.load(der, strict=True)
        if info["content_type"].native != "signed_data":
            return None
        signed_data = info["content"]
        if len(signed_data["signer_infos"]) != 1:
            return None
    except READ_ERRORS:
        return None
    share_certificates(signed_data)
    return signed_data


def share_certificates(signed_data: cms.SignedData) -> None:
    """Let a CMS and its timestamps hold certificates that are parsed once for all documents.

    What cannot be parsed stays and is judged as it is.
    """
    with suppress(*READ_ERRORS):
        for one in (signed_data, *timestamp_tokens(signed_data["signer_infos"][0])):
            share_held(one)


def names_chinese_content(der: bytes) -> bool:
    """Tell whether a CMS is of GM/T 0010, which has content types of its own for SM2."""
    try:
        content_type: str = cms.ContentInfo.load(der)["content_type"].dotted
    except READ_ERRORS:
        return False
    return content_type.startswith(_GMT_0010)


def signing_certificate(
    signed_data: cms.SignedData, known: Iterable[x509.Certificate] = ()
) -> x509.Certificate | None:
    """Return the certificate that the one SignerInfo names: from the CMS, else from `known`.

    RFC 3161 2.4.1: without certReq a token comes without it. Of several by that name the one that
    the signed attributes name by its digest is meant.
    """
    try:
        (signer_info,) = signed_data["signer_infos"]
        sid = signer_info["sid"]
        for source in (embedded_certificates(signed_data), known):
            fitting = [certificate for certificate in source if _is_named(sid, certificate)]
            if fitting:
                return _meant(signer_info, fitting)
    except READ_ERRORS:
        return None
    return None


def _meant(signer_info: cms.SignerInfo, fitting: list[x509.Certificate]) -> x509.Certificate:
    attributes = signer_info["signed_attrs"]
    if len(fitting) > 1 and not isinstance(attributes, core.Void):
        for certificate in fitting:
            if names_certificate(attributes, certificate):
                return certificate
    return fitting[0]


def _is_named(sid: cms.SignerIdentifier, certificate: x509.Certificate) -> bool:
    try:
        chosen = sid.chosen
        if sid.name == "subject_key_identifier":
            return bool(certificate.key_identifier == chosen.native)
        if chosen["serial_number"].native != certificate.serial_number:
            return False
        issuer = chosen["issuer"]
        return bool(issuer.dump() == certificate.issuer.dump() or issuer == certificate.issuer)
    except READ_ERRORS:
        return False


def prepare_certificates(
    signed_data: cms.SignedData, signer: x509.Certificate, known: Iterable[x509.Certificate]
) -> None:
    """Leave in a CMS what the engine can read, with the signer's certificate among it.

    No signature covers its certificates. Of two by one issuer's name and serial the engine takes
    the first, so that a spoilt copy would stand in the way of the right one in `known`. Nothing is
    changed where nothing has to be.
    """
    held = list(embedded_certificates(signed_data))
    taken = {one.issuer_serial: one.dump() for one in known}
    taken[signer.issuer_serial] = signer.dump()
    others = [
        one
        for one in held
        if one.dump() != signer.dump()
        and readable(one)
        and taken.get(one.issuer_serial, one.dump()) == one.dump()
    ]
    if len(others) + 1 == len(held):
        return
    choices = [cms.CertificateChoices(name="certificate", value=one) for one in (signer, *others)]
    signed_data["certificates"] = cms.CertificateSet(choices)


def has_ades_attributes(signer_info: cms.SignerInfo) -> bool:
    """Tell whether the signed attributes are those of CAdES (EN 319 122-1 5.1.1, 5.2.2)."""
    attributes = signer_info["signed_attrs"]
    if isinstance(attributes, core.Void):
        return False
    names = {attribute["type"].native for attribute in attributes}
    return bool({"signing_certificate_v2", "signing_certificate"} & names) and (
        {"content_type", "message_digest"} <= names
    )


def timestamp_tokens(signer_info: cms.SignerInfo) -> list[cms.SignedData]:
    """Return the signature timestamps (EN 319 122-1 5.3)."""
    return list(extract_tst_data_iter(signer_info, signed=False))


def token_info(token: cms.SignedData) -> tsp.TSTInfo:
    """Return the TSTInfo of a timestamp token (RFC 3161 2.4.2)."""
    return token["encap_content_info"]["content"].parsed


def token_content(token: cms.SignedData) -> bytes:
    """Return the bytes that a token's messageDigest is of (RFC 5652 5.4)."""
    return bytes(token["encap_content_info"]["content"])


def embedded_certificates(signed_data: cms.SignedData) -> Iterator[x509.Certificate]:
    """Yield the certificates of a CMS, the signer's among them."""
    if isinstance(signed_data["certificates"], core.Void):
        return
    for choice in signed_data["certificates"]:
        if choice.name == "certificate":
            yield choice.chosen


def odd_headers(signed_data: cms.SignedData) -> bool:
    """Tell whether what no signature covers departs from RFC 5652 5.1 and 5.3, in tokens too.

    Some makers are careless there, so it is noted and no more.
    """
    try:
        tokens = timestamp_tokens(signed_data["signer_infos"][0])
        return any(_odd_header(item) for item in (signed_data, *tokens))
    except READ_ERRORS:
        return True


def _odd_header(signed_data: cms.SignedData) -> bool:
    (signer_info,) = signed_data["signer_infos"]
    by_name = signer_info["sid"].dump()[:1] == b"\x30"
    if signer_info["version"].native != ("v1" if by_name else "v3"):
        return True
    plain = signed_data["encap_content_info"]["content_type"].native == "data"
    if signed_data["version"].native != ("v1" if plain and by_name else "v3"):
        return True
    return signer_info["digest_algorithm"].dump() not in [
        algorithm.dump() for algorithm in signed_data["digest_algorithms"]
    ]
