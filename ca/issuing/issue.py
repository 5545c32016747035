"""The only module that signs certificates.

Issuing a certificate, in order:

1. `prepare`: the key and its past are judged, the profile's certificate is built and signed with a
   throw-away key, and that is linted. The caller gets a token that can be used once, with this CA,
   soon.
2. `issue`: the intent is recorded in the ledger, durably, before the CA's key is touched.
3. The CA's key signs.
4. What was signed is compared, byte for byte, with what was linted, and the signature verified.
5. The certificate is recorded in the ledger and returned.
"""

import hashlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
    CertificatePublicKeyTypes,
)
from cryptography.hazmat.primitives.serialization import Encoding

from ca.addresses import shard_of
from ca.errors import IssuanceError, LintError
from ca.issuing import messages
from ca.issuing.key_history import check_key_history
from ca.issuing.parts import CaParts
from ca.ledger import Intent
from ca.profiles.extensions import ExtensionContext, build_extensions
from ca.profiles.profiles import Profile, ProfileKind
from ca.profiles.public_keys import check_public_key, spki_fingerprint, verify_signature
from ca.profiles.rights import RIGHTS
from ca.profiles.words import kind_zh
from core.ids import IssuerId
from core.permits import Permit
from core.text import Text
from keys.algorithms import digest_of, generate_private_key
from keys.model import Signer

TOKEN_LIFETIME = timedelta(minutes=5)
"""From `prepare` to `issue`: the dates in the certificate must still be true when it is signed."""
_SERIAL_OCTETS = 16
_PERSONS = frozenset({ProfileKind.OFFICER, ProfileKind.OFFICER_SHORT})
_SERIAL_MARK = 1 << (8 * _SERIAL_OCTETS)
"""Set above 128 random bits: a positive serial of 17 octets, always (RFC 5280 4.1.2.2: ≤ 20)."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Subject name and key of a certificate."""

    issuer: IssuerId
    name: x509.Name
    key_identifier: bytes
    not_after: datetime | None
    """End of its certificate; None for a root that has none yet."""
    crl_shards: int = 1
    """Into how many CRLs its certificates are divided."""

    def shard_of(self, serial: int) -> int:
        """Return which CRL will speak of a certificate."""
        return shard_of(serial, self.crl_shards)

    @classmethod
    def of_certificate(
        cls, issuer: IssuerId, certificate: x509.Certificate, crl_shards: int
    ) -> "Issuer":
        """Return the issuer that a CA certificate describes."""
        identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        return cls(
            issuer,
            certificate.subject,
            identifier.value.key_identifier,
            certificate.not_valid_after_utc,
            crl_shards,
        )

    @classmethod
    def founding(
        cls, issuer: IssuerId, name: x509.Name, key: CertificatePublicKeyTypes
    ) -> "Issuer":
        """Return a root without a certificate: it can issue its own, and nothing else."""
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)
        return cls(issuer, name, identifier.key_identifier, None)


class IssuanceToken:
    """A certificate that was linted and may be signed once, by the CA that prepared it."""

    __slots__ = ("_builder", "_ca", "_prepared_at", "_spent", "_tbs", "intent", "permit")

    def __init__(  # noqa: PLR0917  # each of another type
        self,
        ca: "CertificateAuthority",
        permit: Permit,
        builder: x509.CertificateBuilder,
        tbs: bytes,
        intent: Intent,
        prepared_at: datetime,
    ) -> None:
        self.intent = intent
        self.permit = permit
        self._ca = ca
        self._builder = builder
        self._tbs = tbs
        self._prepared_at = prepared_at
        self._spent = False

    def spend(
        self, ca: "CertificateAuthority", now: datetime
    ) -> tuple[x509.CertificateBuilder, bytes]:
        """Return builder and TBSCertificate, once. Raises `IssuanceError`."""
        if ca is not self._ca:
            raise _refused(messages.TOKEN_OF_ANOTHER_CA)
        if self._spent:
            raise _refused(messages.TOKEN_ALREADY_USED)
        self._spent = True
        if not timedelta(0) <= now - self._prepared_at <= TOKEN_LIFETIME:
            raise _refused(messages.TOKEN_STALE)
        return self._builder, self._tbs


class CertificateAuthority:
    """One issuer with its opened key."""

    def __init__(self, issuer: Issuer, signer: Signer, parts: CaParts) -> None:
        self._issuer = issuer
        self._signer = signer
        self._parts = parts
        self._lock = threading.Lock()
        """Guards that a token is spent once."""

    def prepare(
        self,
        profile: Profile,
        subject: x509.Name,
        public_key: CertificatePublicKeyTypes,
        permit: Permit,
        *,
        identity_issuer: str | None = None,
    ) -> IssuanceToken:
        """Build and lint a certificate without touching the CA's key.

        Of the requester, only the public key is taken; names come from verified records, and so
        does `identity_issuer`, who vouched for a person. Raises `NotAllowedError`, `WeakKeyError`,
        `UsedKeyError`, `LintError`, `IssuanceError`.
        """
        permit.require(*RIGHTS[profile.kind])
        check_public_key(profile, public_key)
        known = self._parts.ledger.find_by_key(spki_fingerprint(public_key))
        check_key_history(known, profile.kind, subject)
        self._check_kind(profile, subject, public_key)
        if identity_issuer is not None and profile.kind not in _PERSONS:
            raise _refused(
                messages.ca_cannot_issue_profile(
                    profile_zh=kind_zh(profile.kind), profile=profile.kind
                )
            )
        builder = self._build(profile, subject, public_key, identity_issuer)
        linted = self._sign(builder, generate_private_key(self._signer.info.algorithm))
        self._parts.linter.check_certificate(profile.kind, linted.public_bytes(Encoding.DER))
        tbs = linted.tbs_certificate_bytes
        intent = self._intent(profile, subject, linted)
        return IssuanceToken(self, permit, builder, tbs, intent, self._parts.clock.now())

    def issue(self, token: IssuanceToken) -> bytes:
        """Sign what was prepared and return the certificate (DER), which stands in the ledger.

        Raises `IssuanceError` for a token that is spent, stale or another CA's, `LintError` if
        what was signed is not what was linted.
        """
        ledger, clock = self._parts.ledger, self._parts.clock
        with self._lock:
            builder, tbs = token.spend(self, clock.now())
        intent, permit = token.intent, token.permit
        ledger.record_intent(intent, clock.now(), permit)
        certificate = self._sign(builder, self._signer.builder_key())
        self._check_signed(certificate, tbs)
        der = certificate.public_bytes(Encoding.DER)
        ledger.record_issued(intent.issuer, intent.serial, der, clock.now(), permit)
        return der

    def _check_kind(
        self, profile: Profile, subject: x509.Name, public_key: CertificatePublicKeyTypes
    ) -> None:
        founding = self._issuer.not_after is None
        if founding != (profile.kind is ProfileKind.ROOT):
            raise _refused(
                messages.ca_cannot_issue_profile(
                    profile_zh=kind_zh(profile.kind), profile=profile.kind
                ),
            )
        if founding and (subject != self._issuer.name or public_key != self._signer.public_key):
            raise _refused(messages.ROOT_NOT_SELF_SIGNED)

    def _build(
        self,
        profile: Profile,
        subject: x509.Name,
        public_key: CertificatePublicKeyTypes,
        identity_issuer: str | None,
    ) -> x509.CertificateBuilder:
        not_before, not_after = self._validity(profile)
        serial = _SERIAL_MARK | int.from_bytes(self._parts.random(_SERIAL_OCTETS))
        builder = (
            x509.CertificateBuilder()
            .serial_number(serial)
            .issuer_name(self._issuer.name)
            .subject_name(subject)
            .public_key(public_key)
            .not_valid_before(not_before)
            .not_valid_after(not_after)
        )
        context = ExtensionContext(
            profile,
            self._issuer.issuer,
            public_key,
            self._issuer.key_identifier,
            self._parts.addresses,
            self._issuer.shard_of(serial),
            identity_issuer,
        )
        for extension, critical in build_extensions(context):
            builder = builder.add_extension(extension, critical)
        return builder

    def _validity(self, profile: Profile) -> tuple[datetime, datetime]:
        """From now, never beyond the issuer's own end; X.509 encodes whole seconds."""
        not_before = self._parts.clock.now().astimezone(UTC)
        # notAfter is included in the validity (RFC 5280 4.1.2.5).
        not_after = not_before + profile.validity - timedelta(seconds=1)
        if self._issuer.not_after is not None:
            not_after = min(not_after, self._issuer.not_after)
        if not_after <= not_before:
            raise _refused(messages.ISSUER_CERTIFICATE_EXPIRED)
        return not_before, not_after

    def _sign(
        self, builder: x509.CertificateBuilder, key: CertificateIssuerPrivateKeyTypes
    ) -> x509.Certificate:
        return builder.sign(key, digest_of(self._signer.info.algorithm))  # type: ignore[arg-type]

    def _check_signed(self, certificate: x509.Certificate, tbs: bytes) -> None:
        if certificate.tbs_certificate_bytes != tbs:
            raise LintError(messages.SIGNED_CERTIFICATE_DIFFERS)
        try:
            verify_signature(
                self._signer.public_key,
                certificate.signature,
                certificate.tbs_certificate_bytes,
                certificate.signature_hash_algorithm,
            )
        except InvalidSignature as error:
            raise LintError(messages.CERTIFICATE_SIGNATURE_INVALID) from error

    def _intent(
        self, profile: Profile, subject: x509.Name, certificate: x509.Certificate
    ) -> Intent:
        return Intent(
            issuer=self._issuer.issuer,
            serial=certificate.serial_number,
            profile=profile.kind,
            subject=subject.rfc4514_string(),
            spki_sha256=spki_fingerprint(certificate.public_key()),
            tbs_sha256=hashlib.sha256(certificate.tbs_certificate_bytes).hexdigest(),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            shard=self._issuer.shard_of(certificate.serial_number),
        )


def _refused(text: Text) -> IssuanceError:
    return IssuanceError(messages.issuance_refused(text))
