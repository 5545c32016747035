"""The duty of whoever holds the issuing CAs' keys: no CRL may be older than it says it is."""

import logging

from ca.issuers import IssuerRole
from ca.issuing.revocation import CRL_DELAY
from core.errors import XinyinError
from core.schedule import Duty
from home.wiring import Home

_log = logging.getLogger(__name__)


def crl_duty(home: Home) -> Duty:
    """Return the duty to sign every issuing CA's CRLs that are due by age or by a revocation.

    One CA whose CRLs cannot be signed does not stop the others; the last error is raised then.
    """

    def sign() -> None:
        failed: XinyinError | None = None
        for record in home.ledger.list_issuers():  # read anew: one may have been added
            if record.role is not IssuerRole.ISSUING or record.certificate is None:
                continue
            try:
                home.open_crls(record.issuer).keep_current()
            except XinyinError as error:  # a key that was destroyed, a token that is away
                _log.error("CRLs of %s: %s: %s", record.issuer, error.code, error.text.en)
                failed = error
        if failed is not None:
            raise failed

    return Duty("crl", CRL_DELAY, sign)
