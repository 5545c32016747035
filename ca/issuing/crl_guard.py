"""Guard at the place where a CRL is recorded: no list may know less than the one before it.

A list that leaves a revocation out un-revokes a certificate for everybody who fetches it, whatever
the cause: two lists made at once, a restore that lost something, a shard mixed up. Boulder's
crl-storer refuses the same way.
"""

from collections.abc import Callable

from cryptography import x509

from ca.errors import CaError
from ca.issuing import messages
from ca.ledger import SignedCrl


class StaleCrlError(CaError):
    """A CRL that knows less than the last one, or bears no greater number; make another."""

    code = "crl_guard"


def check_follows(
    last: SignedCrl | None, new: SignedCrl, is_revoked: Callable[[int], bool]
) -> None:
    """Raise `StaleCrlError` unless `new` may follow `last` in the same issuer's shard.

    `is_revoked` tells how the ledger sees a serial now, in the transaction that records the CRL: an
    entry may be missing only where it was a hold that has been lifted (RFC 5280 5.3.1). Entries of
    certificates that have expired stay as well (ExpiredCertsOnCRL, X.509 8.5.2.12).
    """
    if last is None:
        return
    if new.number <= last.number:
        raise StaleCrlError(
            messages.crl_number_not_increasing(number=new.number, recorded_number=last.number)
        )
    kept = {one.serial_number for one in x509.load_der_x509_crl(new.crl)}
    for entry in x509.load_der_x509_crl(last.crl):
        serial = entry.serial_number
        if serial not in kept and (not _is_hold(entry) or is_revoked(serial)):
            raise StaleCrlError(
                messages.crl_lacks_certificate(
                    number=new.number, serial=serial, recorded_number=last.number
                ),
            )


def _is_hold(entry: x509.RevokedCertificate) -> bool:
    try:
        told = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return False
    return told is x509.ReasonFlags.certificate_hold
