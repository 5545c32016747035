"""Renewing OCSP and TSA certificates in a home, as far as its keys are within reach."""

import logging
from typing import TYPE_CHECKING

from cryptography import x509

from ca.hierarchy.hierarchy import Hierarchy, open_hierarchy
from ca.hierarchy.renewal import Renewal, Requester, RequestIssuer
from ca.profiles.profiles import DEFAULT_TIMESTAMP_POLICY
from core.errors import XinyinError
from home.outside import fetch_crls
from keys.life import OutsideDomainError
from keys.model import KeyNotFoundError, KeyPurpose
from registry.ledger.certificate_requests import SqlRequestDesk

if TYPE_CHECKING:
    from home.wiring import Home

_SERVICES = (KeyPurpose.OCSP, KeyPurpose.TSA)
_log = logging.getLogger(__name__)


def renew(home: "Home", *, force: bool = False) -> list[x509.Certificate]:
    """Ask for what is due and certify what is asked for; return what was issued.

    On a hierarchy of its own, read now. A process asks only where it holds services' keys already,
    and certifies only where it holds a CA's.
    """
    policy = home.settings.ca.timestamp_policy or DEFAULT_TIMESTAMP_POLICY
    hierarchy = open_hierarchy(home.keys, home.ca_parts, policy)
    desk = SqlRequestDesk(home.database)
    requester = issuer = None
    if any(info.purpose in _SERVICES for info in home.keys.list_keys()):
        requester = Requester(hierarchy, home.keys, home.ca_parts, desk)
    if _has_ca_key(home, hierarchy):
        issuer = RequestIssuer(hierarchy, home.ca_parts, desk)
    return Renewal(requester, issuer).run(force=force)


def renew_before_use(home: "Home") -> None:
    """Renew what is due before a command seals; what fails is told, and stops nothing by itself.

    Whether what there is may still be used is said when it is used.
    """
    for do in (renew, fetch_crls):
        try:
            do(home)
        except XinyinError as error:
            _log.warning("renewal: %s", error.text.en, extra={"code": error.code})


def _has_ca_key(home: "Home", hierarchy: Hierarchy) -> bool:
    try:
        home.keys.find(hierarchy.active.record.key_id)
    except (KeyNotFoundError, OutsideDomainError):
        return False
    return True
