"""Making a seal: its key, its certificate, its record; whatever was made before is found again."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ca.issue import CertificateAuthority
from ca.ledger import CertificateState, Ledger
from ca.names import LegalSubject
from ca.profiles import Profile, ProfileKind
from core.clock import Clock
from core.ids import AuthorityId, KeyId, SealId
from keys.model import KeyAlgorithm, KeyInfo, KeyNotFoundError, KeyPurpose, KeyStore
from registry.audit import Actor
from registry.authorities import add_seal, find_authority, find_seal
from registry.database import Database
from registry.model import Authority, NotFoundError, Seal
from registry.seal_history import earlier_certificates, replace_certificate


class SealMaker:
    """Makes seals; the names in their certificates come from the authority's record alone."""

    def __init__(
        self,
        *,
        database: Database,
        keys: KeyStore,
        authority: Callable[[], CertificateAuthority],
        ledger: Ledger,
        profile: Profile,
        clock: Clock,
    ) -> None:
        self._database = database
        self._keys = keys
        self._authority = authority
        self._ledger = ledger
        self._profile = profile
        self._clock = clock

    def make(
        self,
        seal_id: SealId,
        authority_id: AuthorityId,
        name: str,
        actor: Actor,
        algorithm: KeyAlgorithm | None = None,
    ) -> Seal:
        """Make a seal, or finish one whose making was cut short.

        Without an `algorithm`, its key gets the profile's first.

        Raises `NotFoundError` for an unknown authority, `ConflictError` if the seal is on record.
        """
        with self._database.reading() as connection:
            owner = find_authority(connection, authority_id)
        key_id = KeyId(f"seal-{seal_id}")
        certificate = self._certify(key_id, algorithm, owner, name)
        seal = Seal(seal_id, authority_id, name, key_id, certificate, self._clock.now())
        with self._database.writing() as connection:
            add_seal(connection, seal, actor)
        return seal

    def renew(
        self,
        seal_id: SealId,
        actor: Actor,
        algorithm: KeyAlgorithm | None = None,
    ) -> Seal:
        """Give a seal a new key and certificate, or finish a renewal that was cut short.

        The earlier certificate stays on record, unrevoked, so that what it sealed verifies.
        Raises `NotFoundError`, and `ConflictError` if another renewal came first.
        """
        with self._database.reading() as connection:
            seal = find_seal(connection, seal_id)
            owner = find_authority(connection, seal.authority_id)
            generation = len(earlier_certificates(connection, seal_id)) + 2
        key_id = KeyId(f"seal{generation}-{seal_id}")
        certificate = self._certify(key_id, algorithm, owner, seal.name)
        renewed = replace(seal, key_id=key_id, certificate=certificate)
        with self._database.writing() as connection:
            replace_certificate(connection, seal, renewed, actor, self._clock.now())
        return renewed

    def ensure(self, seal_id: SealId, authority_id: AuthorityId, name: str, actor: Actor) -> Seal:
        """Return the seal on record, made now unless it was before."""
        with self._database.reading() as connection:
            try:
                return find_seal(connection, seal_id)
            except NotFoundError:
                pass
        return self.make(seal_id, authority_id, name, actor)

    def _certify(
        self, key_id: KeyId, algorithm: KeyAlgorithm | None, owner: Authority, name: str
    ) -> bytes:
        """Return the certificate of a seal's key; both are made now unless they were before."""
        subject = LegalSubject(name or owner.name, owner.name, owner.uscc).to_name()
        authority = self._authority()  # opens its key: a wrong passphrase must make no key
        key = self._ensure_key(key_id, algorithm)
        return self._find_certificate(key, subject) or self._issue(authority, subject, key)

    def _ensure_key(self, key_id: KeyId, algorithm: KeyAlgorithm | None) -> KeyInfo:
        try:
            return self._keys.find(key_id)
        except KeyNotFoundError:
            chosen = algorithm or self._profile.algorithm
            return self._keys.generate(key_id, KeyPurpose.SEAL, chosen)

    def _find_certificate(self, key: KeyInfo, subject: x509.Name) -> bytes | None:
        fingerprint = hashlib.sha256(key.spki).hexdigest()
        return next(
            (
                entry.certificate
                for entry in self._ledger.find_by_key(fingerprint)
                if entry.intent.profile == ProfileKind.SEAL
                and entry.intent.subject == subject.rfc4514_string()
                and entry.state is CertificateState.ISSUED
            ),
            None,
        )

    def _issue(self, authority: CertificateAuthority, subject: x509.Name, key: KeyInfo) -> bytes:
        public_key: CertificatePublicKeyTypes = load_der_public_key(key.spki)  # type: ignore[assignment]
        token = authority.prepare(self._profile, subject, public_key)
        return authority.issue(token)
