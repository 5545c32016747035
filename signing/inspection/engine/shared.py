"""Cache of parsed certificates, CRLs and OCSP answers that many documents share.

A CA's certificates come several times with each of its documents: in the CMS, in each timestamp,
in OCSP answers, in the DSS. asn1crypto takes longest for what it does again and again (parsing,
preparing names, finding out whether anything was changed so that it must encode anew). Here the
same bytes give the same object, whose encoding is kept beside it; nothing that judges changes these
objects, so that one document cannot tell another anything by them. What is not on hand is parsed
strictly; what cannot be parsed is not kept.
"""

from functools import cache, lru_cache
from typing import Any

from asn1crypto import cms, core, crl, ocsp, tsp, x509
from pyhanko_certvalidator.revinfo.archival import OCSPContainer

from signing.inspection.objects import READ_ERRORS

_MOST_BYTES = 8192
"""What is larger is parsed anew each time, so that hostile input does not fill the memory."""
_MOST_KEPT = 256
"""A CA's documents share below ten, and bring two answers of their own."""


class _AsLoaded(core.Sequence):  # type: ignore[misc]
    """A value that is not changed any more and knows its encoding."""

    encoding: bytes | None = None

    def dump(self, force: bool = False) -> bytes:  # noqa: FBT001, FBT002 — asn1crypto's signature
        """Return the encoding; asn1crypto would walk through all that was parsed."""
        if force or self.encoding is None:
            found: bytes = super().dump(force=force)
            return found
        return self.encoding


class _Certificate(_AsLoaded, x509.Certificate):  # type: ignore[misc]
    pass


class _CertificateList(_AsLoaded, crl.CertificateList):  # type: ignore[misc]
    pass


class _OcspResponse(_AsLoaded, ocsp.OCSPResponse):  # type: ignore[misc]
    pass


_KINDS: dict[Any, Any] = {
    x509.Certificate: _Certificate,
    crl.CertificateList: _CertificateList,
    ocsp.OCSPResponse: _OcspResponse,
}


@cache
def trust_encodings() -> None:
    """Let asn1crypto take the bytes of a signing-certificate attribute as they stand.

    It makes an object of each default value that is left out (RFC 5035 4: hashAlgorithm), takes
    that for a change, and encodes all that is around it anew whenever its bytes are asked for.
    """
    changed: Any = tsp.ESSCertIDv2
    changed._is_mutated = lambda value: value._mutated  # noqa: SLF001


def parse_shared(der: bytes, kind: Any) -> Any:
    """Parse a certificate, CRL or OCSP answer far enough that nothing fails later.

    Raises one of `READ_ERRORS` for what is not DER.
    """
    return _remembered(der, kind) if len(der) <= _MOST_BYTES else _parse(der, kind)


def share_held(signed_data: cms.SignedData) -> None:
    """Let a CMS hold the shared objects of its certificates; what cannot be parsed stays."""
    if isinstance(signed_data["certificates"], core.Void):
        return
    for choice in signed_data["certificates"]:
        if choice.name == "certificate":
            choice._parsed = _shared(choice.chosen)  # noqa: SLF001


def _shared(certificate: x509.Certificate) -> x509.Certificate:
    if isinstance(certificate, _Certificate):
        return certificate
    try:
        return parse_shared(certificate.dump(), x509.Certificate)
    except READ_ERRORS:
        return certificate


def _parse(der: bytes, kind: Any) -> Any:
    value = _KINDS[kind].load(der, strict=True)
    if isinstance(value, _Certificate):
        _ = value.issuer_serial, value.public_key.algorithm, value.key_identifier
    elif isinstance(value, _OcspResponse):
        _share_responders(value)
    else:
        _ = value["tbs_cert_list"]["issuer"].hashable
    value.encoding = value.dump()
    return value


def _share_responders(response: ocsp.OCSPResponse) -> None:
    """Let an OCSP answer hold the shared objects of its certificates."""
    for container in OCSPContainer.load_multi(response)[:1]:
        basic: Any = container.extract_basic_ocsp_response()
        if not isinstance(basic["certs"], core.Void):
            for index, certificate in enumerate(basic["certs"]):
                basic["certs"].children[index] = _shared(certificate)


@lru_cache(maxsize=_MOST_KEPT)
def _remembered(der: bytes, kind: Any) -> Any:
    return _parse(der, kind)
