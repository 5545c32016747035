"""Taking in a seal's certificate that a CA outside issued, with what stands above and beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ca.issuers import OutsideCa
from ca.ledger import Ledger
from ca.outside import messages
from ca.outside.crls import Fetch, OutsideCrls, outside_id
from ca.outside.exchange import refused
from ca.outside.path import Path, build_path, crl_addresses
from ca.outside.rules import is_ca, suits_documents
from ca.profiles.describe import describe_name
from ca.profiles.names import subject_of
from core.clock import Clock
from core.errors import UnreachableError
from core.permits import Permit


@dataclass(frozen=True, slots=True)
class OutsideUnit:
    """The time-stamping unit that a CA outside offers."""

    url: str
    certificates: Sequence[x509.Certificate]
    """The unit's and those above it, in any order."""
    root_sha256: str
    policy: str | None = None


def check_seal(certificate: x509.Certificate, organization: str, uscc: str) -> None:
    """Raise `ExchangeError` unless a certificate suits a seal of this body.

    It must commit to content (EN 319 412-2 4.3.2: nonRepudiation, or digitalSignature with it or
    alone), be no CA's, and name the body: by its full name, or by its code.
    """
    extensions = certificate.extensions
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as error:
        raise refused(messages.CERTIFICATE_LACKS_KEY_USAGE) from error
    suits = usage.content_commitment or usage.digital_signature
    if usage.key_cert_sign or is_ca(certificate) or not suits or not suits_documents(certificate):
        raise refused(messages.USAGE_UNFIT_FOR_SEAL)
    subject = subject_of(certificate)
    named = [str(one.value) for one in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    coded = subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    if named != [organization] and not any(uscc in str(one.value) for one in coded):
        raise refused(
            messages.certificate_subject_mismatch(
                subject=describe_name(subject), organization=organization
            ),
        )


def adopt_outside_ca(
    ledger: Ledger,
    clock: Clock,
    certificates: Sequence[x509.Certificate],
    leaf: x509.Certificate,
    permit: Permit,
    *,
    root_sha256: str,
    fetch: Fetch,
    unit: OutsideUnit | None = None,
) -> UnreachableError | None:
    """Record the CA that certified `leaf`, and its time-stamping unit's, with their CRLs.

    Returns why a CRL could not be had. Raises `ExchangeError`; nothing is recorded then.
    """
    now = clock.now()
    path = build_path(leaf, certificates, _digest(root_sha256), now)
    unit_path = None if unit is None else _unit_path(unit, now)
    ca = _outside(path, now)
    crls = OutsideCrls(ledger, clock)
    judged = [
        crls.judge_path([one.public_bytes(Encoding.DER) for one in whole], fetch)
        for whole in (_with_crl(path), () if unit_path is None else _with_crl(unit_path))
    ]
    known = {one.ca_id: one for one in ledger.list_outside_cas()}
    unit_ca = None if unit_path is None else _outside(unit_path, now)
    if unit_ca is not None and unit_ca.ca_id not in known and unit_ca.ca_id != ca.ca_id:
        ledger.save_outside_ca(unit_ca, now, permit)
    created_at = known[ca.ca_id].created_at if ca.ca_id in known else now
    recorded = OutsideCa(
        ca_id=ca.ca_id,
        certificate=ca.certificate,
        chain=ca.chain,
        created_at=created_at,
        tsa_url=None if unit is None else unit.url,
        tsa_policy=None if unit is None else unit.policy,
        tsa_ca=None if unit_ca is None else unit_ca.ca_id,
    )
    ledger.save_outside_ca(recorded, now, permit)
    wanted = {one.issuer: one for both in judged for one in both.found}  # paths share their CAs
    crls.record(list(wanted.values()))
    return next((one.unreachable for one in judged if one.unreachable is not None), None)


def _with_crl(path: Path) -> Path:
    """Leave a leaf out that names no CRL: its status is told by OCSP."""
    return path if crl_addresses(path[0]) else path[1:]


def _unit_path(unit: OutsideUnit, now: datetime) -> Path:
    leaves = [one for one in unit.certificates if _is_unit(one)]
    if len(leaves) != 1:
        raise refused(messages.TSA_CERTIFICATE_COUNT_WRONG)
    return build_path(leaves[0], unit.certificates, _digest(unit.root_sha256), now)


def _is_unit(certificate: x509.Certificate) -> bool:
    try:
        told = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return told.critical and list(told.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _outside(path: Path, now: datetime) -> OutsideCa:
    if len(path) == 1:
        raise refused(messages.CERTIFICATE_SELF_SIGNED)
    own, *above = (one.public_bytes(Encoding.DER) for one in path[1:])
    return OutsideCa(outside_id(path[1]), own, tuple(above), now)


def _digest(root_sha256: str) -> bytes:
    try:
        return bytes.fromhex(root_sha256)
    except ValueError as error:
        raise refused(messages.ROOT_SHA256_NOT_HEX) from error
