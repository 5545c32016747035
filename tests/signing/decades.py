"""A hierarchy that is looked after for decades: new CRLs, responders, TSA units, issuing CAs."""

from dataclasses import replace
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.hierarchy.hierarchy import ROOT_KEY, TSA_KEY, Hierarchy, open_hierarchy
from ca.hierarchy.service_keys import ocsp_key
from ca.hierarchy.steps import CaSteps, NewCa
from ca.issuers import FIRST_ISSUING, ROOT, IssuerRecord, IssuerRole, IssuerState
from ca.issuing.crl import ROOT_CRL_TIMES, CrlIssuer
from ca.issuing.issue import CertificateAuthority, Issuer
from ca.profiles.profiles import ProfileKind, Suite, validate_profile, validate_profiles
from ca.profiles.public_keys import spki_fingerprint
from core.ids import IssuerId, KeyId
from keys.model import KeyPurpose
from signing.sealing.archive import Archiver
from signing.trust.anchors import TrustMaterial
from tests.ca.world import NAMES
from tests.permits import MANAGE_CA, to_certify
from tests.signing.sealing.sealing_world import SealingWorld

YEAR = timedelta(days=365)


class Decades(SealingWorld):
    """One root; everything below it is replaced as it comes of age."""

    def pass_time(self, by: timedelta) -> None:
        """Let time pass; the root signs a CRL, and each CA certifies its responder anew."""
        self.ca.clock.advance(by)
        self._publish_root_crls()
        for record in self.ca.ledger.list_issuers():
            ended = record.x509.not_valid_after_utc <= self.ca.clock.now()
            if record.role is IssuerRole.ISSUING and not ended:
                key_id = ocsp_key(record.issuer)
                self._certify(record, key_id, KeyPurpose.OCSP, ProfileKind.OCSP_RESPONDER)

    def roll_over(self, name: str) -> None:
        """Found another issuing CA; it is the active one from now on."""
        now, key_id = self.ca.clock.now(), KeyId(name)
        profile = self.ca.parts.profiles[ProfileKind.ISSUING]
        self.ca.keys.generate(key_id, KeyPurpose.ISSUING_CA, profile.algorithm)
        key = self.ca.keys.open(key_id, KeyPurpose.ISSUING_CA).public_key
        root = self._root_authority()
        subject = NAMES.subject(f"电子证照签发CA {name}")
        certificate = root.issue(root.prepare(profile, subject, key, permit=to_certify(profile)))
        record = IssuerRecord(
            IssuerId(name), IssuerRole.ISSUING, ROOT, key_id, IssuerState.ACTIVE, now, certificate
        )
        self.ca.ledger.save_issuer(record, now, permit=MANAGE_CA)
        self._certify(record, ocsp_key(record.issuer), KeyPurpose.OCSP, ProfileKind.OCSP_RESPONDER)

    def rotate_tsa(self) -> None:
        """Give the TSA a new key, certified by the active CA."""
        self.ca.keys.keys.pop(TSA_KEY)
        active = self.open().active.record
        self._certify(active, TSA_KEY, KeyPurpose.TSA, ProfileKind.TSA)

    def open(self) -> Hierarchy:
        """Return the hierarchy as it stands now."""
        return open_hierarchy(self.ca.keys, self.ca.parts)

    def archiver(self) -> Archiver:
        """Return what renews archived files now."""
        hierarchy = self.open()
        return Archiver(hierarchy.timestamps, hierarchy.validation)

    def switch_to_ml_dsa(self) -> None:
        """Found an ML-DSA root and issuing CA with its services beside what there is."""
        parts = replace(self.ca.parts, profiles=validate_profiles({}, suite=Suite.ML_DSA))
        self.ca.parts = parts
        steps, root, issuing = CaSteps(parts, self.ca.root_keys, self.ca.keys), "root-2", "pq-1"
        kinds = ((root, ProfileKind.ROOT, None), (issuing, ProfileKind.ISSUING, IssuerId(root)))
        cas = [
            NewCa(
                IssuerId(name),
                NAMES.subject(name),
                parts.profiles[kind],
                parts.profiles[kind].algorithm,
                parent,
            )
            for name, kind, parent in kinds
        ]
        steps.make_root(cas[0], permit=MANAGE_CA)
        steps.first_crls(cas[0].issuer)
        steps.certify_issuing(cas[1], permit=MANAGE_CA)
        steps.cross_certify(cas[0].issuer, by=ROOT, permit=MANAGE_CA)
        steps.cross_certify(ROOT, by=cas[0].issuer, permit=MANAGE_CA)
        steps.set_state(FIRST_ISSUING, IssuerState.RETIRED, permit=MANAGE_CA)
        steps.furnish(cas[1].issuer, NAMES.subject("OCSP"), NAMES.subject("TSA"), permit=MANAGE_CA)

    @property
    def trust(self) -> TrustMaterial:
        """Return the roots alone, as somebody outside trusts them."""
        roots = (one for one in self.ca.ledger.list_issuers() if one.role is IssuerRole.ROOT)
        return TrustMaterial(tuple(one.x509.public_bytes(Encoding.DER) for one in roots))

    def _certify(
        self, record: IssuerRecord, key_id: KeyId, purpose: KeyPurpose, kind: ProfileKind
    ) -> None:
        profile = validate_profile(kind, suite=_suite_of(record.x509))
        if key_id not in self.ca.keys.keys:
            self.ca.keys.generate(key_id, purpose, profile.algorithm)
        issuer = Issuer.of_certificate(record.issuer, record.x509, 1)
        signer = self.ca.keys.open(record.key_id, KeyPurpose.ISSUING_CA)
        authority = CertificateAuthority(issuer, signer, self.ca.parts)
        key = self.ca.keys.open(key_id, purpose).public_key
        subject = self._named(key) or NAMES.subject(f"{kind} of {record.issuer}")
        authority.issue(authority.prepare(profile, subject, key, permit=to_certify(profile)))

    def _named(self, key: CertificatePublicKeyTypes) -> x509.Name | None:
        """Return the name under which a key was certified before: it can have no other."""
        known = self.ca.ledger.find_by_key(spki_fingerprint(key))
        certificates = [one.certificate for one in known if one.certificate is not None]
        return x509.load_der_x509_certificate(certificates[0]).subject if certificates else None

    def _root_authority(self) -> CertificateAuthority:
        signer = self.ca.root_keys.open(ROOT_KEY, KeyPurpose.ROOT_CA)
        return CertificateAuthority(
            Issuer.of_certificate(ROOT, self.root, 1), signer, self.ca.parts
        )

    def _publish_root_crls(self) -> None:
        for record in self.ca.ledger.list_issuers():
            if record.role is IssuerRole.ROOT:
                signer = self.ca.root_keys.open(record.key_id, KeyPurpose.ROOT_CA)
                times, parts = ROOT_CRL_TIMES, self.ca.parts
                CrlIssuer(record.issuer, record.x509, signer, times, parts).publish()


def _suite_of(certificate: x509.Certificate) -> Suite:
    classical = isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    return Suite.ECDSA if classical else Suite.ML_DSA
