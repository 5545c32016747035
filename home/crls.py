"""The CRLs of a home's CAs, signed without the rest of the hierarchy."""

from ca.hierarchy.steps import CaSteps
from ca.issuing.crl import CrlIssuer
from core.ids import IssuerId
from home.wiring import Home


def open_crls(home: Home, issuer: IssuerId) -> CrlIssuer:
    """Return what makes an issuer's CRLs, its key opened. Raises what the key store raises.

    It needs no more than the issuer: a hierarchy whose OCSP or TSA certificate was revoked must
    still be able to say so.
    """
    return CaSteps(home.ca_parts, home.root_keys, home.keys).crls(issuer)
