"""Founding a hierarchy: keys, certificates, first CRLs.

Every step looks first whether it was done: keys by their ids, certificates and CRLs in the ledger.
A founding that was cut off anywhere can therefore be run again, and continues with the same keys;
a certificate that was signed and not recorded was never handed out, and its intent stays on record.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from ca.crl import ISSUING_CRL_TIMES, ROOT_CRL_TIMES, CrlIssuer, CrlTimes
from ca.hierarchy import (
    ISSUING_KEY,
    OCSP_KEY,
    ROOT_KEY,
    TSA_KEY,
    Hierarchy,
    find_certificate,
    open_hierarchy,
)
from ca.issue import CertificateAuthority, Issuer
from ca.issuers import FIRST_ISSUING, ROOT, IssuerRecord, IssuerRole, IssuerState
from ca.names import LegalSubject
from ca.parts import CaParts
from ca.profiles import ProfileKind
from core.ids import IssuerId, KeyId
from keys.model import KeyAlgorithm, KeyInfo, KeyNotFoundError, KeyPurpose, KeyStore, Signer


@dataclass(frozen=True, slots=True)
class HierarchyNames:
    """Who runs the hierarchy, and the common names of its four certificates."""

    organization: str
    uscc: str
    root: str = "电子证照根证书 1"
    issuing: str = "电子证照签发证书 1"
    ocsp: str = "电子证照证书状态服务 1"
    tsa: str = "电子证照时间戳服务 1"

    def subject(self, name: str) -> x509.Name:
        """Return one of them as a subject. Raises `BadSubjectError`."""
        return LegalSubject(name, self.organization, self.uscc).to_name()


@dataclass(frozen=True, slots=True)
class _NewKey:
    """A key that is made only when its certificate is still to be issued: where the root's key
    is kept elsewhere, running a founding again must not make another one.
    """

    store: KeyStore
    key_id: KeyId
    purpose: KeyPurpose
    algorithm: KeyAlgorithm

    def ensure(self) -> KeyInfo:
        """Return the key, made now unless a founding that was cut off made it."""
        try:
            return self.store.find(self.key_id)
        except KeyNotFoundError:
            return self.store.generate(self.key_id, self.purpose, self.algorithm)


@dataclass(frozen=True, slots=True)
class _Step:
    """A certificate of the hierarchy: who issues it, and for which key."""

    issuer: IssuerId
    kind: ProfileKind
    subject: x509.Name
    key: _NewKey


def found_hierarchy(
    names: HierarchyNames,
    *,
    root_keys: KeyStore,
    keys: KeyStore,
    parts: CaParts,
    crl_shards: int = 1,
) -> Hierarchy:
    """Make what is missing of the hierarchy and return it, with the root's key left behind.

    `root_keys` is opened only if the root still has something to sign; `crl_shards` says into how
    many CRLs the issuing CA's certificates are divided, for good.
    Raises `BadSubjectError`, `LintError`, and what the key stores and the ledger raise.
    """
    return _Founder(names, root_keys, keys, parts, crl_shards=crl_shards).run()


class _Founder:
    def __init__(
        self,
        names: HierarchyNames,
        root_keys: KeyStore,
        keys: KeyStore,
        parts: CaParts,
        *,
        crl_shards: int,
    ) -> None:
        self._names = names
        self._root_keys = root_keys
        self._keys = keys
        self._parts = parts
        self._profiles = parts.profiles
        self._shards = {ROOT: 1, FIRST_ISSUING: crl_shards}

    def run(self) -> Hierarchy:
        names = self._names
        subjects = {
            ProfileKind.ROOT: names.subject(names.root),
            ProfileKind.ISSUING: names.subject(names.issuing),
            ProfileKind.OCSP_RESPONDER: names.subject(names.ocsp),
            ProfileKind.TSA: names.subject(names.tsa),
        }  # all names are judged before anything is made
        root_algorithm = self._algorithm(ProfileKind.ROOT)
        root_key = _NewKey(self._root_keys, ROOT_KEY, KeyPurpose.ROOT_CA, root_algorithm)
        root = self._certificate(
            _Step(ROOT, ProfileKind.ROOT, subjects[ProfileKind.ROOT], root_key), None
        )
        self._record(ROOT, IssuerRole.ROOT, None, ROOT_KEY, root)
        issuing_algorithm = self._algorithm(ProfileKind.ISSUING)
        issuing_key = _NewKey(self._keys, ISSUING_KEY, KeyPurpose.ISSUING_CA, issuing_algorithm)
        issuing = self._certificate(
            _Step(ROOT, ProfileKind.ISSUING, subjects[ProfileKind.ISSUING], issuing_key), root
        )
        self._record(FIRST_ISSUING, IssuerRole.ISSUING, ROOT, ISSUING_KEY, issuing)
        self._crl(ROOT, root, ROOT_CRL_TIMES)
        self._crl(FIRST_ISSUING, issuing, ISSUING_CRL_TIMES)
        for kind, key_id, purpose in (
            (ProfileKind.OCSP_RESPONDER, OCSP_KEY, KeyPurpose.OCSP),
            (ProfileKind.TSA, TSA_KEY, KeyPurpose.TSA),
        ):
            key = _NewKey(self._keys, key_id, purpose, self._algorithm(kind))
            self._certificate(_Step(FIRST_ISSUING, kind, subjects[kind], key), issuing)
        return open_hierarchy(self._keys, self._parts)

    def _algorithm(self, kind: ProfileKind) -> KeyAlgorithm:
        return self._profiles[kind].algorithm

    def _certificate(self, step: _Step, issuer: x509.Certificate | None) -> x509.Certificate:
        """Return the step's certificate, issued now unless it was before."""
        found = find_certificate(self._parts.ledger, step.issuer, step.kind)
        if found is not None:
            return found
        public_key = _public_key(step.key.ensure())
        described = (
            Issuer.founding(step.issuer, step.subject, public_key)
            if issuer is None
            else Issuer.of_certificate(step.issuer, issuer, self._shards[step.issuer])
        )
        authority = CertificateAuthority(described, self._signer(step.issuer), self._parts)
        token = authority.prepare(self._profiles[step.kind], step.subject, public_key)
        return x509.load_der_x509_certificate(authority.issue(token))

    def _record(
        self,
        issuer: IssuerId,
        role: IssuerRole,
        parent: IssuerId | None,
        key_id: KeyId,
        certificate: x509.Certificate,
    ) -> None:
        """Record a CA once it has its certificate, unless it was before."""
        if issuer in {one.issuer for one in self._parts.ledger.list_issuers()}:
            return
        now = self._parts.clock.now()
        encoded = certificate.public_bytes(Encoding.DER)
        shards = self._shards[issuer]
        record = IssuerRecord(
            issuer, role, parent, key_id, IssuerState.ACTIVE, now, encoded, crl_shards=shards
        )
        self._parts.ledger.save_issuer(record, now)

    def _crl(self, issuer: IssuerId, certificate: x509.Certificate, times: CrlTimes) -> None:
        ledger, shards = self._parts.ledger, self._shards[issuer]
        missing = [n for n in range(shards) if ledger.find_crl(issuer, n) is None]
        if missing:
            signer = self._signer(issuer)
            crls = CrlIssuer(issuer, certificate, signer, times, self._parts, shards)
            for shard in missing:
                crls.publish(shard)

    def _signer(self, issuer: IssuerId) -> Signer:
        if issuer == ROOT:
            return self._root_keys.open(ROOT_KEY, KeyPurpose.ROOT_CA)
        return self._keys.open(ISSUING_KEY, KeyPurpose.ISSUING_CA)


def _public_key(info: KeyInfo) -> CertificatePublicKeyTypes:
    return load_der_public_key(info.spki)  # type: ignore[return-value]  # a kind we generate
