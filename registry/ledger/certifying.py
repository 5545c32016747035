"""Certifying keys of officers and services: who had it done is on record before the key signs."""

from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from ca.issuing.issue import CertificateAuthority
from ca.profiles.profiles import ProfileKind, Profiles
from core.clock import Clock
from core.permits import Permit
from registry.audit import events as audit
from registry.db.database import Database


class Certifier:
    """Issues certificates for keys that are held elsewhere, or in the key store for officers."""

    def __init__(
        self,
        *,
        database: Database,
        authority: Callable[[], CertificateAuthority],
        profiles: Profiles,
        clock: Clock,
    ) -> None:
        self._database = database
        self._authority = authority
        self._profiles = profiles
        self._clock = clock

    def certify(
        self,
        kind: ProfileKind,
        subject: x509.Name,
        key: CertificatePublicKeyTypes,
        permit: Permit,
    ) -> x509.Certificate:
        """Issue a certificate; its names were verified by the actor, not taken from a request.

        Raises what `ca.issuing.issue.CertificateAuthority` raises.
        """
        authority = self._authority()
        token = authority.prepare(self._profiles[kind], subject, key, permit)
        with self._database.writing() as connection:
            audit.record(
                connection,
                at=self._clock.now(),
                actor=permit.actor,
                action="certificate.approved",
                subject=f"{token.intent.issuer}/{token.intent.serial:x}",
                after={"profile": kind, "spki_sha256": token.intent.spki_sha256},
            )
        return x509.load_der_x509_certificate(authority.issue(token))
