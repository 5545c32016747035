"""The duty of whoever holds the issuing CAs' keys: no CRL may be older than it says it is."""

from ca.issuers import IssuerRole
from ca.revocation import CRL_DELAY
from cli.certificate_target import open_crls
from cli.wiring import Home
from core.schedule import Duty


def crl_duty(home: Home) -> Duty:
    """Return the duty to sign every issuing CA's CRLs that are due by age or by a revocation."""

    def sign() -> None:
        for record in home.ledger.list_issuers():  # read anew: one may have been added
            if record.role is IssuerRole.ISSUING and record.certificate is not None:
                open_crls(home, record.issuer).keep_current()

    return Duty("crl", CRL_DELAY, sign)
