"""Taking in what came back from an offline root: hostile until every check has passed.

A certificate or CRL is adopted only if

1. it is signed by a root that is on record, or is the root that the operator named by SHA-256;
2. it passes the linter of its kind, as if we were to sign it ourselves;
3. a certificate is for the key of an issuing CA that waits for one, and carries the addresses that
   the root's other certificates would carry; a cross-certificate, for a root on record;
4. a CRL is later and of a greater number than the one on record, and not of the future.

All of a folder is judged before any of it is recorded.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import CaError
from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.issuing.parts import CaParts
from ca.ledger import CertificateState, Intent
from ca.outside import messages
from ca.outside.adoption_crl import CLOCK_TOLERANCE, Adopted, PendingCrl, judge_crl
from ca.outside.exchange import read_small, refused
from ca.outside.path import check_known
from ca.profiles.describe import describe_name, fingerprint
from ca.profiles.profiles import ProfileKind
from ca.profiles.public_keys import spki_fingerprint
from core.ids import IssuerId, KeyId
from core.permits import Permit
from keys.model import KeyNotFoundError, KeyStore

MAX_FILES: Final = 100
MAX_CERTIFICATE_BYTES: Final = 64 * 1024


class Adoption:
    """Judges a folder, and records it."""

    def __init__(self, parts: CaParts, keys: KeyStore, root_sha256: str | None = None) -> None:
        """`root_sha256`: of the certificate (DER) of a root to trust from now on."""
        self._parts = parts
        self._keys = keys
        self._pinned = root_sha256
        self._issuers = {one.issuer: one for one in parts.ledger.list_issuers()}

    def adopt(self, directory: Path, permit: Permit) -> list[Adopted]:
        """Take in a folder's certificates (.cer) and CRLs (.crl); return what was new.

        Raises `ExchangeError`; nothing is recorded then.
        """
        files = sorted(p for p in directory.iterdir() if p.suffix in {".cer", ".crl"})
        if len(files) > MAX_FILES:
            raise refused(messages.too_many_files(directory))
        certificates = [
            (path.name, _load_certificate(path)) for path in files if path.suffix == ".cer"
        ]
        # Roots first: the others are judged by them.
        certificates.sort(key=lambda one: one[1].subject != one[1].issuer)
        pending = [self._judge_certificate(name, one) for name, one in certificates]
        pending += [
            judge_crl(self._parts, path, self._roots()) for path in files if path.suffix == ".crl"
        ]
        found = [one for one in pending if one is not None]
        for one in found:
            one.record(permit)
        return [one.adopted for one in found]

    def trust(self, path: Path, permit: Permit) -> str:
        """Take in a root's certificate that the operator vouches for; return its SHA-256.

        Raises `ExchangeError`.
        """
        certificate = _load_certificate(path)
        der = certificate.public_bytes(Encoding.DER)
        self._pinned = fingerprint(der)
        if (pending := self._judge_root(path.name, certificate, der)) is not None:
            pending.record(permit)
        return self._pinned

    def _judge_certificate(self, name: str, certificate: x509.Certificate) -> PendingCrl | None:
        der = certificate.public_bytes(Encoding.DER)
        if certificate.subject == certificate.issuer:
            return self._judge_root(name, certificate, der)
        root = self._signed_by(certificate)
        if self._is_known(root.issuer, certificate, der):
            return None
        target = self._target(certificate)
        kind = ProfileKind.CROSS if target.role is IssuerRole.ROOT else ProfileKind.ISSUING
        self._lint(name, kind, der)
        self._check_addresses(name, certificate, root)
        now = self._parts.clock.now()
        if not certificate.not_valid_before_utc - CLOCK_TOLERANCE <= now:
            raise refused(messages.certificate_not_valid_yet(name))
        if certificate.not_valid_after_utc <= now:
            raise refused(messages.certificate_expired(name))

        def record(permit: Permit) -> None:
            record_adopted(self._parts, root.issuer, kind, certificate, permit)
            if kind is ProfileKind.ISSUING:
                done = replace(target, parent=root.issuer, certificate=der)
                self._parts.ledger.save_issuer(done, now, permit)

        return PendingCrl(_adopted(name, kind, certificate, der), record)

    def _judge_root(
        self, name: str, certificate: x509.Certificate, der: bytes
    ) -> PendingCrl | None:
        if any(one.certificate == der for one in self._issuers.values()):
            return None
        if self._pinned is not None and fingerprint(der) != self._pinned:
            raise refused(messages.root_sha256_mismatch(name=name, fingerprint=fingerprint(der)))
        if self._pinned is None:
            raise refused(messages.root_not_on_record(name=name, fingerprint=fingerprint(der)))
        try:
            certificate.verify_directly_issued_by(certificate)
        except (InvalidSignature, ValueError, TypeError) as error:
            raise refused(messages.self_signature_invalid(name)) from error
        self._lint(name, ProfileKind.ROOT, der)
        issuer = IssuerId(Path(name).stem)
        if issuer in self._issuers:
            raise refused(messages.ca_has_another_certificate(issuer))
        now = self._parts.clock.now()
        record = IssuerRecord(
            issuer, IssuerRole.ROOT, None, KeyId(issuer), IssuerState.ACTIVE, now, der
        )
        self._issuers[issuer] = record

        def save(permit: Permit) -> None:
            record_adopted(self._parts, issuer, ProfileKind.ROOT, certificate, permit)
            self._parts.ledger.save_issuer(record, now, permit)

        return PendingCrl(_adopted(name, ProfileKind.ROOT, certificate, der), save)

    def _signed_by(self, certificate: x509.Certificate) -> IssuerRecord:
        for record in self._roots():
            try:
                certificate.verify_directly_issued_by(record.x509)
            except (InvalidSignature, ValueError, TypeError):
                continue
            return record
        subject = describe_name(certificate.subject)
        raise refused(messages.certificate_not_from_known_root(subject))

    def _target(self, certificate: x509.Certificate) -> IssuerRecord:
        """Return the CA whose key a certificate is for."""
        spki = spki_fingerprint(certificate.public_key())
        for record in self._issuers.values():
            if record.certificate is None:
                if self._key_of(record) == spki:
                    return record
            elif (
                spki_fingerprint(record.x509.public_key()) == spki
                and record.role is IssuerRole.ROOT
                and record.x509.subject == certificate.subject
            ):
                return record
        subject = describe_name(certificate.subject)
        raise refused(messages.no_ca_awaits_certificate(subject))

    def _key_of(self, record: IssuerRecord) -> str | None:
        try:
            return fingerprint(self._keys.find(record.key_id).spki)
        except KeyNotFoundError:
            return None

    def _check_addresses(
        self, name: str, certificate: x509.Certificate, root: IssuerRecord
    ) -> None:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        told = [str(n.value) for point in points for n in point.full_name or ()]
        if told != [self._parts.addresses.crl(root.issuer)]:
            raise refused(messages.crl_address_differs(name))

    def _lint(self, name: str, kind: ProfileKind, der: bytes) -> None:
        try:
            self._parts.linter.check_certificate(kind, der)
        except CaError as error:
            raise refused(
                messages.certificate_rejected(name=name, error_text=error.text, error=error)
            ) from error

    def _is_known(self, root: IssuerId, certificate: x509.Certificate, der: bytes) -> bool:
        entry = self._parts.ledger.find(root, certificate.serial_number)
        if entry is None or entry.certificate != der:
            return False
        # A crash may have left an issuing CA's certificate in the ledger and not with its CA.
        is_cross = entry.intent.profile == ProfileKind.CROSS
        return is_cross or any(one.certificate == der for one in self._issuers.values())

    def _roots(self) -> Iterable[IssuerRecord]:
        return [
            one
            for one in self._issuers.values()
            if one.role is IssuerRole.ROOT and one.certificate is not None
        ]


def record_adopted(
    parts: CaParts,
    issuer: IssuerId,
    kind: ProfileKind,
    certificate: x509.Certificate,
    permit: Permit,
) -> None:
    """Put a certificate that was signed elsewhere into the ledger, as its issuer has it."""
    ledger, now, serial = parts.ledger, parts.clock.now(), certificate.serial_number
    entry = ledger.find(issuer, serial)
    if entry is None:
        intent = Intent(
            issuer=issuer,
            serial=serial,
            profile=kind,
            subject=certificate.subject.rfc4514_string(),
            spki_sha256=spki_fingerprint(certificate.public_key()),
            tbs_sha256=fingerprint(certificate.tbs_certificate_bytes),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )
        ledger.record_intent(intent, now, permit)
    if entry is None or entry.state is CertificateState.INTENDED:
        encoded = certificate.public_bytes(Encoding.DER)
        ledger.record_issued(issuer, serial, encoded, now, permit)


def _load_certificate(path: Path) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(read_small(path, MAX_CERTIFICATE_BYTES))
    except ValueError as error:
        raise refused(messages.file_not_certificate(path.name)) from error
    check_known(certificate)
    return certificate


def _adopted(name: str, kind: str, certificate: x509.Certificate, der: bytes) -> Adopted:
    return Adopted(name, kind, describe_name(certificate.subject), fingerprint(der))
