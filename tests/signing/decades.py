"""A hierarchy that is looked after for decades: new CRLs, responders, TSA units, issuing CAs."""

from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding

from ca.crl import ROOT_CRL_TIMES, CrlIssuer
from ca.hierarchy import ROOT_KEY, TSA_KEY, Hierarchy, open_hierarchy
from ca.issue import CertificateAuthority, Issuer
from ca.issuers import ROOT, IssuerRecord, IssuerRole, IssuerState
from ca.profiles import ProfileKind, validate_profile
from ca.service_keys import ocsp_key
from core.ids import IssuerId, KeyId
from keys.model import KeyAlgorithm, KeyPurpose
from signing.sealing_archive import Archiver
from signing.trust import TrustMaterial
from tests.ca.world import NAMES
from tests.signing.sealing_world import SealingWorld

YEAR = timedelta(days=365)


class Decades(SealingWorld):
    """One root; everything below it is replaced as it comes of age."""

    def pass_time(self, by: timedelta) -> None:
        """Let time pass; the root signs a CRL, and each CA certifies its responder anew."""
        self.ca.clock.move(by)
        self._publish_root_crl()
        for record in self.ca.ledger.list_issuers():
            ended = record.x509.not_valid_after_utc <= self.ca.clock.now()
            if record.role is IssuerRole.ISSUING and not ended:
                key_id = ocsp_key(record.issuer)
                self._certify(record, key_id, KeyPurpose.OCSP, ProfileKind.OCSP_RESPONDER)

    def roll_over(self, name: str) -> None:
        """Found another issuing CA; it is the active one from now on."""
        now, key_id = self.ca.clock.now(), KeyId(name)
        self.ca.keys.generate(key_id, KeyPurpose.ISSUING_CA, KeyAlgorithm.ECDSA_P384)
        key = self.ca.keys.open(key_id, KeyPurpose.ISSUING_CA).public_key
        root = self._root_authority()
        subject = NAMES.subject(f"电子证照签发证书 {name}")
        certificate = root.issue(root.prepare(validate_profile(ProfileKind.ISSUING), subject, key))
        record = IssuerRecord(
            IssuerId(name), IssuerRole.ISSUING, ROOT, key_id, IssuerState.ACTIVE, now, certificate
        )
        self.ca.ledger.save_issuer(record, now)
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

    @property
    def trust(self) -> TrustMaterial:
        """Return the root alone, as somebody outside trusts it."""
        return TrustMaterial((self.root.public_bytes(Encoding.DER),))

    def _certify(
        self, record: IssuerRecord, key_id: KeyId, purpose: KeyPurpose, kind: ProfileKind
    ) -> None:
        if key_id not in self.ca.keys.keys:
            self.ca.keys.generate(key_id, purpose, KeyAlgorithm.ECDSA_P256)
        issuer = Issuer.of_certificate(record.issuer, record.x509)
        signer = self.ca.keys.open(record.key_id, KeyPurpose.ISSUING_CA)
        authority = CertificateAuthority(issuer, signer, self.ca.parts)
        subject = NAMES.subject(f"{kind} of {record.issuer}")
        key = self.ca.keys.open(key_id, purpose).public_key
        authority.issue(authority.prepare(validate_profile(kind), subject, key))

    def _root_authority(self) -> CertificateAuthority:
        signer = self.ca.root_keys.open(ROOT_KEY, KeyPurpose.ROOT_CA)
        return CertificateAuthority(Issuer.of_certificate(ROOT, self.root), signer, self.ca.parts)

    def _publish_root_crl(self) -> None:
        signer = self.ca.root_keys.open(ROOT_KEY, KeyPurpose.ROOT_CA)
        CrlIssuer(ROOT, self.root, signer, ROOT_CRL_TIMES, self.ca.parts).publish()
