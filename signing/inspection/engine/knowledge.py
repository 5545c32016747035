"""Inputs that a validation may believe: the caller's trust material and the document's own DSS.

Only the caller's anchors are trusted; the system's store is never asked. Everything from the
document is material that must prove itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.sign.general import (
    MultivaluedAttributeError,
    NonexistentAttributeError,
    find_unique_cms_attribute,
)
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator.authority import CertTrustAnchor, TrustQualifiers
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from signing.inspection.engine.shared import parse_shared
from signing.inspection.fields import LimitReachedError
from signing.inspection.objects import READ_ERRORS, items, resolved, target
from signing.inspection.reader import SealedReader
from signing.limits import Limits
from signing.trust.anchors import AnchorScope, AnchorService, TrustMaterial


@dataclass(frozen=True, slots=True)
class RevocationFact:
    """A certificate is known to be revoked."""

    at: datetime
    """Its invalidity date where one is stated and earlier, else the date of the revocation."""
    key_compromised: bool
    """The reason is keyCompromise or not stated: nothing that the key made can be believed."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Certificates and revocation data, from the caller or from a document."""

    certificates: tuple[asn1_x509.Certificate, ...] = ()
    crls: tuple[CRLContainer, ...] = ()
    ocsps: tuple[OCSPContainer, ...] = ()
    loaded_crls: tuple[x509.CertificateRevocationList, ...] = ()
    """The same CRLs for looking up a serial, which `cryptography` does without parsing them all."""

    def __add__(self, other: "Knowledge") -> "Knowledge":
        return Knowledge(
            self.certificates + other.certificates,
            self.crls + other.crls,
            self.ocsps + other.ocsps,
            self.loaded_crls + other.loaded_crls,
        )

    def as_local(self) -> LocalKnowledge:
        """Return the form that pyHanko takes."""
        return LocalKnowledge(
            known_ocsps=list(self.ocsps),
            known_crls=list(self.crls),
            known_certs=list(self.certificates),
        )


@dataclass(frozen=True, slots=True)
class LoadedTrust:
    """Trust material, parsed once."""

    anchors: tuple[asn1_x509.Certificate, ...]
    manager: SimpleTrustManager
    """For signers: without the anchors that a list recognises for timestamps alone."""
    timestamp_manager: SimpleTrustManager
    knowledge: Knowledge
    scopes: Mapping[str, AnchorScope] = field(default_factory=dict)
    """Limits of anchors, by the SHA-256 of their certificates."""

    def recognises(self, anchor: asn1_x509.Certificate, at: datetime) -> bool:
        """Tell whether an anchor vouches for signers, and did so at an instant."""
        scope = self.scopes.get(anchor.sha256.hex())
        return scope is None or (
            scope.service is not AnchorService.TIMESTAMPS and scope.is_recognised(at)
        )


@lru_cache(maxsize=4)
def load_trust(trust: TrustMaterial) -> LoadedTrust:
    """Parse trust material; the last few are kept, since it changes with each CRL only.

    Raises `ValueError` where the caller's material cannot be parsed.
    """
    anchors = tuple(parse_shared(der, asn1_x509.Certificate) for der in trust.anchors)
    return LoadedTrust(
        anchors=anchors,
        manager=_manager(anchors, trust, without=AnchorService.TIMESTAMPS),
        timestamp_manager=_manager(anchors, trust, without=None),
        knowledge=Knowledge(
            certificates=tuple(
                parse_shared(der, asn1_x509.Certificate) for der in trust.certificates
            ),
            crls=tuple(
                CRLContainer(parse_shared(der, asn1_crl.CertificateList)) for der in trust.crls
            ),
            ocsps=tuple(_ocsp_containers(trust.ocsps)),
            loaded_crls=_loaded_crls(trust.crls),
        ),
        scopes={scope.sha256: scope for scope in trust.scopes},
    )


def _manager(
    anchors: Iterable[asn1_x509.Certificate], trust: TrustMaterial, without: AnchorService | None
) -> SimpleTrustManager:
    """Return the anchors, each with the time within which a list recognises it."""
    scopes = {scope.sha256: scope for scope in trust.scopes}
    roots = []
    for anchor in anchors:
        scope = scopes.get(anchor.sha256.hex(), AnchorScope(""))
        if without is None or scope.service is not without:
            limits = TrustQualifiers(
                valid_from=scope.recognised_from, valid_until=scope.recognised_until
            )
            roots.append(CertTrustAnchor(anchor, limits))
    return SimpleTrustManager.build(trust_roots=roots)


def _ocsp_containers(responses: Iterable[bytes]) -> Iterator[OCSPContainer]:
    for der in responses:
        yield from OCSPContainer.load_multi(parse_shared(der, asn1_ocsp.OCSPResponse))


def read_dss(reader: SealedReader, limits: Limits) -> Knowledge:
    """Return the contents of the document security store (ETSI EN 319 142-1 5.4.2.2).

    Items that cannot be parsed are left out; a path that needed them will not be found.
    Raises `LimitReachedError`.
    """
    dss = resolved(reader.root, "/DSS")
    if not isinstance(dss, generic.DictionaryObject):
        return Knowledge()
    raw_crls = _streams(dss, "/CRLs", DecodePurpose.CRL, limits)
    responses = _streams(dss, "/OCSPs", DecodePurpose.OCSP_RESPONSE, limits)
    certificates = _streams(dss, "/Certs", DecodePurpose.CERTIFICATE, limits)
    return Knowledge(
        certificates=tuple(_parsed(certificates, asn1_x509.Certificate)),
        crls=tuple(CRLContainer(crl) for crl in _parsed(raw_crls, asn1_crl.CertificateList)),
        ocsps=tuple(
            container
            for response in _parsed(responses, asn1_ocsp.OCSPResponse)
            for container in OCSPContainer.load_multi(response)
        ),
        loaded_crls=_loaded_crls(raw_crls),
    )


def _streams(
    dss: generic.DictionaryObject, key: str, purpose: DecodePurpose, limits: Limits
) -> list[bytes]:
    array = resolved(dss, key)
    if not isinstance(array, generic.ArrayObject):
        return []
    if len(array) > limits.dss_items:
        raise LimitReachedError("limit_dss")
    found = []
    for item in items(array):
        try:
            stream = target(item)
            if isinstance(stream, generic.StreamObject):
                found.append(stream.read_data(purpose))
        except READ_ERRORS:
            continue
    return found


def _parsed(ders: Iterable[bytes], kind: Any) -> Iterator[Any]:
    """Parse DER values far enough that nothing fails later; leave out what is not DER."""
    for der in ders:
        try:
            yield parse_shared(der, kind)
        except READ_ERRORS:
            continue


def read_revocation_attribute(signer_info: cms.SignerInfo) -> Knowledge:
    """Return the contents of Adobe's revocation attribute (ISO 32000-1 12.8.3.3.2)."""
    try:
        value = find_unique_cms_attribute(
            signer_info["signed_attrs"], "adobe_revocation_info_archival"
        )
        crls, ocsps = value["crl"], value["ocsp"]
    except (NonexistentAttributeError, MultivaluedAttributeError):
        return Knowledge()
    return Knowledge(
        crls=tuple(CRLContainer(crl) for crl in crls),
        ocsps=tuple(cont for answer in ocsps for cont in OCSPContainer.load_multi(answer)),
        loaded_crls=_loaded_crls(crl.dump() for crl in crls),
    )


def find_revocation(
    certificate: asn1_x509.Certificate, knowledge: Knowledge
) -> RevocationFact | None:
    """Return the earliest revocation of a certificate that any source states.

    pyHanko stops at the first source that says "good"; a revocation stated elsewhere counts here.
    """
    found = [*_crl_revocations(certificate, knowledge), *_ocsp_revocations(certificate, knowledge)]
    return min(found, key=lambda revocation: revocation.at, default=None)


def _crl_revocations(
    certificate: asn1_x509.Certificate, knowledge: Knowledge
) -> Iterator[RevocationFact]:
    issuer = certificate.issuer.dump()
    for crl in knowledge.loaded_crls:
        if crl.issuer.public_bytes() != issuer:
            continue
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is None:
            continue
        try:
            reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        except (x509.ExtensionNotFound, *READ_ERRORS):
            reason = x509.ReasonFlags.unspecified
        if reason is not x509.ReasonFlags.remove_from_crl:
            since = min(entry.revocation_date_utc, _invalidity_date(entry))
            yield RevocationFact(since, _compromised(reason.value))


def _invalidity_date(entry: x509.RevokedCertificate) -> datetime:
    """Return since when the key is not to be believed (RFC 5280 5.3.2), where it is stated."""
    try:
        found = entry.extensions.get_extension_for_class(x509.InvalidityDate)
    except (x509.ExtensionNotFound, *READ_ERRORS):
        return entry.revocation_date_utc
    return found.value.invalidity_date_utc


def _loaded_crls(ders: Iterable[bytes]) -> tuple[x509.CertificateRevocationList, ...]:
    """Load CRLs; one that cannot be loaded states nothing."""
    loaded = []
    for der in ders:
        try:
            crl = x509.load_der_x509_crl(der)
            _ = crl.issuer  # names are parsed when they are asked for
        except READ_ERRORS:
            continue
        loaded.append(crl)
    return tuple(loaded)


def _ocsp_revocations(
    certificate: asn1_x509.Certificate, knowledge: Knowledge
) -> Iterator[RevocationFact]:
    for container in knowledge.ocsps:
        single = container.extract_single_response()
        if single is None or single["cert_status"].name != "revoked":
            continue
        cert_id = single["cert_id"]
        if cert_id["serial_number"].native != certificate.serial_number:
            continue
        algorithm = cert_id["hash_algorithm"]["algorithm"].native
        if cert_id["issuer_name_hash"].native != getattr(certificate.issuer, algorithm, None):
            continue
        status = single["cert_status"].chosen
        reason = status["revocation_reason"].native or "unspecified"
        yield RevocationFact(status["revocation_time"].native.astimezone(UTC), _compromised(reason))


def _compromised(reason: str) -> bool:
    return reason in {
        "unspecified",
        "keyCompromise",
        "key_compromise",
        "cACompromise",
        "ca_compromise",
        "aACompromise",
        "aa_compromise",
    }
