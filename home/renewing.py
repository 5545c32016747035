"""Renewing OCSP and TSA certificates in a home, as far as its keys are within reach."""

import logging
from dataclasses import dataclass

from cryptography import x509

from ca.hierarchy.hierarchy import Hierarchy, open_hierarchy
from ca.hierarchy.renewal import CertificateRenewal, Requester, RequestIssuer
from ca.issuing.parts import CaParts
from core.errors import XinyinError
from home.outside import fetch_crls
from identity.people.permits import service_permit
from keys.life import OutsideDomainError
from keys.model import KeyNotFoundError, KeyPurpose
from keys.ring import KeyRing
from registry.db.database import Database
from registry.ledger.certificate_requests import SqlRequestDesk
from registry.ledger.ledger import SqlLedger

_SERVICES = (KeyPurpose.OCSP, KeyPurpose.TSA)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceRenewal:
    """Renews what the services of the CA work with; opens no key before it must."""

    keys: KeyRing
    ca_parts: CaParts
    database: Database
    ledger: SqlLedger
    policy: str
    """Timestamp policy, dotted decimal."""

    def renew(self, *, force: bool = False) -> list[x509.Certificate]:
        """Ask for what is due and certify what is asked for; return what was issued.

        On a hierarchy of its own, read now. A process asks only where it holds services' keys
        already, and certifies only where it holds a CA's.
        """
        hierarchy = open_hierarchy(self.keys, self.ca_parts, self.policy)
        desk = SqlRequestDesk(self.database)
        requester = issuer = None
        if any(info.purpose in _SERVICES for info in self.keys.list_keys()):
            requester = Requester(hierarchy, self.keys, self.ca_parts, desk)
        if self._has_ca_key(hierarchy):
            issuer = RequestIssuer(hierarchy, self.ca_parts, desk)
        permit = service_permit()
        return CertificateRenewal(requester, issuer).run(permit, force=force)

    def renew_before_use(self) -> None:
        """Renew what is due before a command seals; what fails is told, and stops nothing by
        itself: whether what there is may still be used is said when it is used.
        """
        for do in (self.renew, lambda: fetch_crls(self.ledger, self.ca_parts.clock)):
            try:
                do()
            except XinyinError as error:
                _log.warning("renewal: %s", error.text.en, extra={"code": error.code})

    def _has_ca_key(self, hierarchy: Hierarchy) -> bool:
        try:
            self.keys.find(hierarchy.active.record.key_id)
        except (KeyNotFoundError, OutsideDomainError):
            return False
        return True
