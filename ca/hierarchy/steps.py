"""The steps by which CAs come to be; founding, ceremonies and roll-overs are made of them.

Each step looks first whether it was done: keys by their ids, CAs, certificates and CRLs in the
ledger. A run that was cut off anywhere can therefore be repeated, and continues with the same keys;
a certificate that was signed and not recorded was never handed out, and its intent stays on record.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ca.errors import IssuanceError, NotFoundedError
from ca.hierarchy import messages
from ca.hierarchy.service_keys import PURPOSES, free_service_key, issued_certificates
from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.issuing.crl import ISSUING_CRL_TIMES, ROOT_CRL_TIMES, CrlIssuer
from ca.issuing.issue import CertificateAuthority, Issuer
from ca.issuing.parts import CaParts
from ca.ledger import CertificateState
from ca.profiles.profiles import Profile, ProfileKind
from ca.profiles.public_keys import spki_fingerprint
from core.ids import IssuerId, KeyId
from core.permits import Permit
from keys.model import KeyAlgorithm, KeyInfo, KeyNotFoundError, KeyPurpose, KeyStore, Signer

_PURPOSES = {IssuerRole.ROOT: KeyPurpose.ROOT_CA, IssuerRole.ISSUING: KeyPurpose.ISSUING_CA}


@dataclass(frozen=True, slots=True)
class NewCa:
    """A CA that is to be."""

    issuer: IssuerId
    subject: x509.Name
    profile: Profile
    algorithm: KeyAlgorithm
    parent: IssuerId | None = None
    """Which root certifies it; None for a root."""
    crl_shards: int = 1

    @property
    def key_id(self) -> KeyId:
        """Its key bears its name."""
        return KeyId(self.issuer)


class CaSteps:
    """Operations on a ledger and the keys of roots and issuing CAs.

    The key of a CA is opened only where something is left to be signed with it.
    """

    def __init__(self, parts: CaParts, root_keys: KeyStore, keys: KeyStore) -> None:
        self._parts = parts
        self._stores = {IssuerRole.ROOT: root_keys, IssuerRole.ISSUING: keys}

    def find(self, issuer: IssuerId) -> IssuerRecord | None:
        """Return the record of a CA."""
        records = self._parts.ledger.list_issuers()
        return next((one for one in records if one.issuer == issuer), None)

    def get(self, issuer: IssuerId) -> IssuerRecord:
        """Return a CA. Raises `NotFoundedError`."""
        record = self.find(issuer)
        if record is None:
            raise NotFoundedError(messages.no_such_ca(issuer), issuer=issuer)
        return record

    def make_root(self, new: NewCa, permit: Permit) -> IssuerRecord:
        """Make a root: its key and its self-signed certificate."""
        record = self.find(new.issuer)
        if record is not None and record.certificate is not None:
            return record
        certificate = self._find(new.issuer, ProfileKind.ROOT)
        if certificate is None:
            key = self._prepare(new, IssuerRole.ROOT, permit)
            issuer = Issuer.founding(new.issuer, new.subject, key)
            authority = CertificateAuthority(issuer, self._root(new.key_id), self._parts)
            token = authority.prepare(new.profile, new.subject, key, permit)
            certificate = authority.issue(token)
        return self._save(new, IssuerRole.ROOT, IssuerState.ACTIVE, certificate, permit)

    def prepare_issuing(self, new: NewCa, permit: Permit) -> IssuerRecord:
        """Make an issuing CA's key; it is PREPARED until it has a certificate."""
        self._prepare(new, IssuerRole.ISSUING, permit)
        return self.get(new.issuer)

    def certify_issuing(
        self,
        new: NewCa,
        permit: Permit,
        public_key: CertificatePublicKeyTypes | None = None,
        state: IssuerState = IssuerState.ACTIVE,
    ) -> IssuerRecord:
        """Certify an issuing CA by its parent; its key is made here unless one is handed in."""
        record = self.find(new.issuer)
        if record is not None and record.certificate is not None:
            return record
        key = public_key or self._prepare(new, IssuerRole.ISSUING, permit)
        assert new.parent is not None
        certificate = self._certify(self.get(new.parent), new.profile, new.subject, key, permit)
        return self._save(new, IssuerRole.ISSUING, state, certificate, permit)

    def cross_certify(
        self,
        subject: IssuerId,
        by: IssuerId,
        permit: Permit,
        validity: timedelta | None = None,
    ) -> bytes:
        """Certify a root's name and key by another root, to its end at most; return it (DER)."""
        profile = self._parts.profiles[ProfileKind.CROSS]
        target = self.get(subject).x509
        remaining = target.not_valid_after_utc - self._parts.clock.now()
        profile = replace(profile, validity=min(validity or profile.validity, remaining))
        key = target.public_key()
        return self._certify(self.get(by), profile, target.subject, key, permit)

    def crls(self, issuer: IssuerId) -> CrlIssuer:
        """Return the signer of a CA's CRLs; opens its key."""
        record = self.get(issuer)
        is_root = record.role is IssuerRole.ROOT
        signer = self._stores[record.role].open(record.key_id, _PURPOSES[record.role])
        times = ROOT_CRL_TIMES if is_root else ISSUING_CRL_TIMES
        return CrlIssuer(issuer, record.x509, signer, times, self._parts, shards=record.crl_shards)

    def first_crls(self, issuer: IssuerId) -> None:
        """Sign the CRLs that a CA does not have yet."""
        ledger, shards = self._parts.ledger, self.get(issuer).crl_shards
        missing = [n for n in range(shards) if ledger.find_crl(issuer, n) is None]
        if missing:
            crls = self.crls(issuer)
            for shard in missing:
                crls.publish(shard)

    def furnish(self, issuer: IssuerId, ocsp: x509.Name, tsa: x509.Name, permit: Permit) -> None:
        """Give an issuing CA its first CRLs, an OCSP responder and a time-stamping unit.

        One that has waited longer than its responder's certificate lasts gets another.
        """
        self.first_crls(issuer)
        record, now = self.get(issuer), self._parts.clock.now()
        for kind, subject in ((ProfileKind.OCSP_RESPONDER, ocsp), (ProfileKind.TSA, tsa)):
            known = issued_certificates(self._parts.ledger, issuer, kind)
            if not any(one.not_valid_after_utc > now for one in known):
                profile = self._parts.profiles[kind]
                store = self._stores[record.role]
                key_id = free_service_key(self._parts.ledger, store, issuer, kind)
                info = _ensure(store, key_id, PURPOSES[kind], profile.algorithm)
                self._certify(record, profile, subject, _public_key(info), permit)

    def set_state(self, issuer: IssuerId, state: IssuerState, permit: Permit) -> IssuerRecord:
        """Let a CA issue, or issue no more."""
        record = replace(self.get(issuer), state=state)
        self._parts.ledger.save_issuer(record, self._parts.clock.now(), permit)
        return record

    def _prepare(self, new: NewCa, role: IssuerRole, permit: Permit) -> CertificatePublicKeyTypes:
        info = _ensure(self._stores[role], new.key_id, _PURPOSES[role], new.algorithm)
        if self.find(new.issuer) is None:
            self._save(new, role, IssuerState.PREPARED, None, permit)
        return _public_key(info)

    def _certify(
        self,
        by: IssuerRecord,
        profile: Profile,
        subject: x509.Name,
        key: CertificatePublicKeyTypes,
        permit: Permit,
    ) -> bytes:
        """Return a CA's certificate for a key, issued now unless it was before."""
        found = self._find(by.issuer, profile.kind, subject, spki_fingerprint(key))
        if found is not None:
            return found
        if by.state is IssuerState.RETIRED:
            raise IssuanceError(messages.ca_retired(by.issuer))
        signer = self._stores[by.role].open(by.key_id, _PURPOSES[by.role])
        issuer = Issuer.of_certificate(by.issuer, by.x509, by.crl_shards)
        authority = CertificateAuthority(issuer, signer, self._parts)
        return authority.issue(authority.prepare(profile, subject, key, permit))

    def _find(
        self,
        issuer: IssuerId,
        kind: ProfileKind,
        subject: x509.Name | None = None,
        spki_sha256: str | None = None,
    ) -> bytes | None:
        name = None if subject is None else subject.rfc4514_string()
        for entry in reversed(self._parts.ledger.list_entries(issuer, profile=kind)):
            fits = spki_sha256 in (None, entry.intent.spki_sha256)
            named = name in (None, entry.intent.subject)
            if fits and named and entry.state is CertificateState.ISSUED:
                return entry.certificate
        return None

    def _save(
        self,
        new: NewCa,
        role: IssuerRole,
        state: IssuerState,
        certificate: bytes | None,
        permit: Permit,
    ) -> IssuerRecord:
        now = self._parts.clock.now()
        known = self.find(new.issuer)
        record = IssuerRecord(
            issuer=new.issuer,
            role=role,
            parent=new.parent,
            key_id=new.key_id,
            state=state,
            created_at=now if known is None else known.created_at,
            certificate=certificate,
            crl_shards=new.crl_shards,
        )
        self._parts.ledger.save_issuer(record, now, permit)
        return record

    def _root(self, key_id: KeyId) -> Signer:
        return self._stores[IssuerRole.ROOT].open(key_id, KeyPurpose.ROOT_CA)


def _ensure(
    store: KeyStore, key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm
) -> KeyInfo:
    """Return the key, made now unless a run that was cut off made it."""
    try:
        return store.find(key_id)
    except KeyNotFoundError:
        return store.generate(key_id, purpose, algorithm)


def _public_key(info: KeyInfo) -> CertificatePublicKeyTypes:
    return load_der_public_key(info.spki)  # type: ignore[return-value]  # a kind we generate
