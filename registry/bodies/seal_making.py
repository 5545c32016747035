"""Making a seal: its key, its certificate, its record; whatever was made before is found again."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from sqlalchemy import Connection

from ca.issuing.issue import CertificateAuthority
from ca.ledger import CertificateState, Ledger
from ca.outside.exchange import make_csr, refused
from ca.outside.seal import check_seal
from ca.profiles.names import LegalSubject
from ca.profiles.profiles import Profile, ProfileKind
from ca.profiles.public_keys import spki_fingerprint
from core.clock import Clock
from core.ids import AuthorityId, KeyId, SealId
from core.permits import Action, Permit
from identity.people.permits import certifying_permit
from keys.model import KeyAlgorithm, KeyInfo, KeyNotFoundError, KeyPurpose, KeyStore
from registry.bodies import messages
from registry.bodies.appearances import appearance_of
from registry.bodies.authorities import add_seal, find_authority, find_seal
from registry.bodies.seal_history import earlier_certificates, replace_certificate
from registry.db.database import Database
from registry.model import Authority, ConflictError, NotFoundError, Seal


@dataclass(frozen=True, slots=True)
class SealOrder:
    """Seal that is to get a certificate from a CA outside."""

    seal_id: SealId
    authority_id: AuthorityId | None = None
    """Whose a new seal is."""
    name: str = ""
    """Of a new special seal."""


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
        permit: Permit,
        algorithm: KeyAlgorithm | None = None,
        *,
        within: Callable[[Connection], None] = lambda _: None,
    ) -> Seal:
        """Make a seal, or finish one whose making was cut short.

        Without an `algorithm`, its key gets the profile's first. `within` is done in the
        transaction that records the seal.

        Raises `NotFoundError` for an unknown authority, `ConflictError` if the seal is on record,
        `FieldTooLongError` and `MissingGlyphError` where its ring cannot hold the names.
        """
        permit.require(Action.MANAGE_SEAL, authority_id=authority_id)
        with self._database.reading() as connection:
            owner = find_authority(connection, authority_id)
        appearance_of(owner, name)  # before there is a key, not at the first grant
        key_id = KeyId(f"seal-{seal_id}")
        certificate = self._certify(key_id, algorithm, (owner, name), permit)
        seal = Seal(seal_id, authority_id, name, key_id, certificate, self._clock.now())
        with self._database.writing() as connection:
            within(connection)
            add_seal(connection, seal, permit)
        return seal

    def renew(
        self,
        seal_id: SealId,
        permit: Permit,
        algorithm: KeyAlgorithm | None = None,
        *,
        replaces: str | None = None,
        within: Callable[[Connection], None] = lambda _: None,
    ) -> Seal:
        """Give a seal a new key and certificate, or finish a renewal that was cut short.

        `replaces`: SHA-256 (hex) of the certificate that it must have until then; `within` is as
        for `make`.

        The earlier certificate stays on record, unrevoked, so that what it sealed verifies.
        Raises `NotFoundError`, and `ConflictError` if another renewal came first.
        """
        with self._database.reading() as connection:
            seal = find_seal(connection, seal_id)
            owner = find_authority(connection, seal.authority_id)
            generation = len(earlier_certificates(connection, seal_id)) + 2
        rights = Action.MANAGE_SEAL, Action.HANDLE_COMPROMISE
        permit.require(*rights, authority_id=seal.authority_id)
        if replaces not in (None, hashlib.sha256(seal.certificate).hexdigest()):
            raise ConflictError(messages.seal_certificate_just_changed(seal_id))
        key_id = KeyId(f"seal{generation}-{seal_id}")
        certificate = self._certify(key_id, algorithm, (owner, seal.name), permit)
        renewed = replace(seal, key_id=key_id, certificate=certificate)
        with self._database.writing() as connection:
            within(connection)
            replace_certificate(connection, seal, renewed, permit, self._clock.now())
        return renewed

    def request(self, order: SealOrder, algorithm: KeyAlgorithm | None = None) -> bytes:
        """Make the key of a seal, new or to be renewed, and ask a CA outside to certify it (PEM).

        Raises `NotFoundError`, and what `make` raises of names that its ring cannot hold.
        """
        owner, seal, key_id = self._find(order)
        appearance_of(owner, order.name if seal is None else seal.name)
        subject = LegalSubject(order.name or owner.name, owner.name, owner.uscc).to_name()
        self._ensure_key(key_id, algorithm)
        return make_csr(subject, self._keys.open(key_id, KeyPurpose.SEAL))

    def check(self, order: SealOrder, certificate: x509.Certificate) -> None:
        """See that a certificate is this body's, for the key that `request` made.

        Raises `NotFoundError`, `ExchangeError`, `KeyNotFoundError`.
        """
        owner, _, key_id = self._find(order)
        check_seal(certificate, owner.name, owner.uscc)
        if spki_fingerprint(certificate.public_key()) != self._fingerprint(key_id):
            raise refused(messages.CERTIFICATE_KEY_MISMATCH)

    def adopt(self, order: SealOrder, certificate: x509.Certificate, permit: Permit) -> Seal:
        """Record a certificate that a CA outside issued; the caller has recorded that CA.

        Raises `ConflictError`, and what `check` raises.
        """
        self.check(order, certificate)
        owner, seal, key_id = self._find(order)
        encoded = certificate.public_bytes(Encoding.DER)
        with self._database.writing() as connection:
            now = self._clock.now()
            if seal is not None:
                renewed = replace(seal, key_id=key_id, certificate=encoded)
                replace_certificate(connection, seal, renewed, permit, now)
                return renewed
            made = Seal(order.seal_id, owner.authority_id, order.name, key_id, encoded, now)
            add_seal(connection, made, permit)
            return made

    def _find(self, order: SealOrder) -> tuple[Authority, Seal | None, KeyId]:
        """Return whose seal it is, the seal as it is now, and its next key."""
        with self._database.reading() as connection:
            try:
                seal = find_seal(connection, order.seal_id)
            except NotFoundError:
                if order.authority_id is None:
                    raise
                owner = find_authority(connection, order.authority_id)
                return owner, None, KeyId(f"seal-{order.seal_id}")
            owner = find_authority(connection, seal.authority_id)
            generation = len(earlier_certificates(connection, order.seal_id)) + 2
        return owner, seal, KeyId(f"seal{generation}-{order.seal_id}")

    def _fingerprint(self, key_id: KeyId) -> str:
        return hashlib.sha256(self._keys.find(key_id).spki).hexdigest()

    def ensure(self, seal_id: SealId, authority_id: AuthorityId, name: str, permit: Permit) -> Seal:
        """Return the seal on record, made now unless it was before."""
        with self._database.reading() as connection:
            try:
                return find_seal(connection, seal_id)
            except NotFoundError:
                pass
        return self.make(seal_id, authority_id, name, permit)

    def _certify(
        self,
        key_id: KeyId,
        algorithm: KeyAlgorithm | None,
        named: tuple[Authority, str],
        permit: Permit,
    ) -> bytes:
        """Return the certificate of a seal's key; both are made now unless they were before.

        `named`: whose seal it is, and a special seal's name.
        """
        owner, name = named
        subject = LegalSubject(name or owner.name, owner.name, owner.uscc).to_name()
        authority = self._authority()  # opens its key: a wrong passphrase must make no key
        key = self._ensure_key(key_id, algorithm)
        issuing = certifying_permit(permit, owner.authority_id)
        return self._find_certificate(key, subject) or self._issue(authority, subject, key, issuing)

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

    def _issue(
        self,
        authority: CertificateAuthority,
        subject: x509.Name,
        key: KeyInfo,
        permit: Permit,
    ) -> bytes:
        public_key: CertificatePublicKeyTypes = load_der_public_key(key.spki)  # type: ignore[assignment]
        token = authority.prepare(self._profile, subject, public_key, permit)
        return authority.issue(token)
