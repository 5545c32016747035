"""Linting of certificates, CRLs and OCSP answers: pkilint's findings, and checks of our own.

pkilint takes half a second to import, so it is imported when the first lint is asked for.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from ca.errors import LintError
from ca.profiles import messages
from ca.profiles.lint_own import LintFinding, own_findings
from ca.profiles.profiles import ProfileKind


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that may stand."""

    reason: str
    demo_only: bool = False


_SHORT_TERM_REASON = (
    "RFC 9608 3: beside noRevAvail a certificate must name neither CRL nor OCSP responder"
)
_LOOPBACK_REASON = "a demo's addresses are on loopback"
_PERSONAL = (ProfileKind.SEAL, ProfileKind.OFFICER, ProfileKind.OFFICER_SHORT)

_ML_DSA_REASON = (
    "TS 119 312 does not list ML-DSA yet; GEN-4.2.2-1 and 4.2.5-1 let national recommendations "
    "supersede it, and our own checks hold the algorithms to RFC 9881"
)

ACCEPTED: dict[tuple[str, str], Accepted] = {
    **{
        (kind, "etsi.internal_domain_name"): Accepted(_LOOPBACK_REASON, demo_only=True)
        for kind in _PERSONAL
    },
    **{
        (kind, f"etsi.en_319_412_2.{code}"): Accepted(_ML_DSA_REASON)
        for kind in _PERSONAL
        for code in (
            "gen-4.2.5-1.discouraged_public_key_type",
            "gen-4.2.2-1.discouraged_signature_algorithm",
        )
    },
    (
        ProfileKind.OFFICER_SHORT,
        "etsi.en_319_412_2.gen-4.3.11-2.crldp_extension_missing",
    ): Accepted(_SHORT_TERM_REASON),
    (
        ProfileKind.OFFICER_SHORT,
        "etsi.en_319_412_2.gen-4.4.1-8.ocsp_aia_access_method_absent",
    ): Accepted(_SHORT_TERM_REASON),
}
"""By what was linted (a profile kind, `crl` or `ocsp-answer`) and the finding's code. A test takes
each entry away and sees the finding come back, so that none outlives its reason."""


def is_public_name(host: str) -> bool:
    """Tell whether a certificate may name a host; loopback, internal and IP addresses it may not.

    The same rule as `etsi.internal_domain_name`.
    """
    return _public_suffixes(accept_unknown=False).publicsuffix(host) is not None


@functools.cache
def _public_suffixes(*, accept_unknown: bool) -> Any:
    """Return pkilint's list of public suffixes, read once: it takes a tenth of a second.

    Nothing changes it afterwards, and threads may share it.
    """
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 (slow to import)

    return PublicSuffixList(accept_unknown=accept_unknown)


def is_address(address: str) -> bool:
    """Tell whether a certificate may hold an address: the rule of `pkix.invalid_uri_syntax`."""
    from pkilint.pkix.general_name import UriSyntaxValidator  # noqa: PLC0415  # takes a while

    return bool(UriSyntaxValidator().validate_value(SimpleNamespace(pdu=address)))


class Linter:
    """Lints with the profile that belongs to each kind; `demo` accepts loopback addresses."""

    def __init__(self, *, demo: bool = False) -> None:
        self._demo = demo

    def check_certificate(self, kind: ProfileKind, certificate: bytes) -> None:
        """Raise `LintError` unless everything found in this certificate (DER) is accepted."""
        findings = [*_pkilint(_certificate_linter(kind), certificate)]
        self._check(kind, [*findings, *own_findings(kind, certificate)])

    def check_crl(self, crl: bytes) -> None:
        """Raise `LintError` unless everything found in this CRL (DER) is accepted."""
        self._check("crl", _pkilint(_crl_linter(), crl))

    def check_ocsp(self, response: bytes) -> None:
        """Raise `LintError` unless everything found in this OCSPResponse (DER) is accepted."""
        self._check("ocsp-answer", _pkilint(_ocsp_linter(), response))

    def _check(self, what: str, findings: Iterable[LintFinding]) -> None:
        refused = [f for f in findings if not self._is_accepted(what, f.code)]
        if refused:
            listed = "; ".join(f"{f.severity} {f.code} {f.message}".strip() for f in refused)
            raise LintError(
                messages.linting_failed(subject=what, findings=listed),
                findings=len(refused),
            )

    def _is_accepted(self, what: str, code: str) -> bool:
        accepted = ACCEPTED.get((what, code))
        return accepted is not None and (self._demo or not accepted.demo_only)


@dataclass(frozen=True, slots=True)
class _PkilintLinter:
    """A pkilint validator with the loader of the documents that it judges."""

    load: Callable[[bytes], Any]
    validator: Any
    filters: Any = None


def _pkilint(linter: _PkilintLinter, der: bytes) -> Iterable[LintFinding]:
    from pkilint import finding_filter  # noqa: PLC0415 (slow to import)
    from pkilint.validation import ValidationFindingSeverity  # noqa: PLC0415

    try:
        results = linter.validator.validate(linter.load(der).root)
    except Exception as error:  # noqa: BLE001  # what could not be linted is not signed
        yield LintFinding("FATAL", "pkilint.failed", type(error).__name__)
        return
    if linter.filters is not None:
        results, _ = finding_filter.filter_results(linter.filters, results)
    for result in results:
        for description in result.finding_descriptions:
            finding = description.finding
            if finding.severity <= ValidationFindingSeverity.NOTICE:
                yield LintFinding(finding.severity.name, finding.code, description.message or "")


@functools.cache
def _certificate_linter(kind: ProfileKind) -> _PkilintLinter:
    """ETSI's NCP profiles for seals and officers; on other kinds they contradict their RFCs."""
    if kind is ProfileKind.SEAL:
        return _etsi_linter("NCP_LEGAL_PERSON_CERTIFICATE")
    if kind in {ProfileKind.OFFICER, ProfileKind.OFFICER_SHORT}:
        return _etsi_linter("NCP_NATURAL_PERSON_CERTIFICATE")
    return _pkix_linter()


@functools.cache
def _etsi_linter(type_name: str) -> _PkilintLinter:
    from pkilint import etsi, loader  # noqa: PLC0415 (slow to import)
    from pkilint.common import alternative_name  # noqa: PLC0415
    from pkilint.etsi.etsi_constants import CertificateType  # noqa: PLC0415
    from pkilint.pkix import certificate  # noqa: PLC0415

    # Each of its rules about domain names would read the list again, five of them for each type.
    alternative_name.publicsuffixlist = SimpleNamespace(PublicSuffixList=_public_suffixes)
    ncp = CertificateType[type_name]
    validator = certificate.create_pkix_certificate_validator_container(
        etsi.create_decoding_validators(ncp), etsi.create_validators(ncp)
    )
    return _PkilintLinter(
        loader.load_der_certificate, validator, etsi.create_etsi_finding_filters(ncp)
    )


@functools.cache
def _pkix_linter() -> _PkilintLinter:
    from pkilint import loader  # noqa: PLC0415 (slow to import)
    from pkilint.pkix import certificate, extension, name  # noqa: PLC0415

    validator = certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(
            name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS
        ),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
    return _PkilintLinter(loader.load_der_certificate, validator)


@functools.cache
def _crl_linter() -> _PkilintLinter:
    from pkilint import loader, pkix  # noqa: PLC0415 (slow to import)
    from pkilint.pkix import crl, extension, name  # noqa: PLC0415

    validator = crl.create_pkix_crl_validator_container(
        [
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )
    return _PkilintLinter(loader.load_der_crl, validator)


@functools.cache
def _ocsp_linter() -> _PkilintLinter:
    from pkilint import loader, pkix  # noqa: PLC0415 (slow to import)
    from pkilint.pkix import extension, name, ocsp  # noqa: PLC0415

    validator = ocsp.create_pkix_ocsp_response_validator_container(
        [
            ocsp.create_response_decoder(),
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [],
    )
    return _PkilintLinter(loader.load_der_ocsp_response, validator)
