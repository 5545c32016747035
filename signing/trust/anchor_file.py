"""Certificate of an anchor to be listed: read from a file and judged fit to be one.

Read with asn1crypto alone: a certificate with an SM2 key, which `cryptography` refuses, is listed
and shown like any other; what is signed under it is named and not judged.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import pem, x509

from core.errors import UnreadableInputError
from signing.names_shown import shown_name
from signing.trust import messages
from signing.trust.anchors import AnchorService

MAX_CERTIFICATE_BYTES = 64 * 1024
_SM2 = frozenset({"1.2.156.10197.1.301", "1.2.156.10197.1.501"})
"""The curve (GM/T 0006), and SM2 with SM3 as a signature."""


class BadAnchorError(UnreadableInputError):
    """The file holds no certificate that could be an anchor."""

    code = "bad_anchor"


@dataclass(frozen=True, slots=True)
class AnchorCertificate:
    """Facts that people decide by when a certificate is listed."""

    der: bytes
    subject: str
    """As it is shown to people."""
    not_before: datetime
    not_after: datetime
    is_ca: bool
    is_sm2: bool
    """Recognised and named; signatures under it are not judged."""


def read_anchor(data: bytes) -> AnchorCertificate:
    """Read one certificate, DER or PEM. Raises `BadAnchorError`."""
    try:
        data = data[: MAX_CERTIFICATE_BYTES + 1]  # what is longer is cut off, and so is none
        der = pem.unarmor(data)[2] if pem.detect(data) else data
        certificate = x509.Certificate.load(der, strict=True)
        algorithms = {
            certificate["signature_algorithm"]["algorithm"].dotted,
            _curve(certificate),
        }
        return AnchorCertificate(
            der=certificate.dump(),
            subject=shown_name(der),
            not_before=certificate.not_valid_before.astimezone(UTC),
            not_after=certificate.not_valid_after.astimezone(UTC),
            is_ca=bool(certificate.ca),
            is_sm2=bool(algorithms & _SM2),
        )
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise BadAnchorError(messages.NO_READABLE_CERTIFICATE) from error


def check_fit(certificate: AnchorCertificate, service: AnchorService) -> None:
    """Raise `BadAnchorError` unless paths of that service may end at the certificate.

    Only a time-stamping unit may be listed by a certificate that is no CA's (ETSI TS 119 612
    5.5.3): a person's or a body's own certificate makes nobody else recognised.
    """
    if not certificate.is_ca and service is not AnchorService.TIMESTAMPS:
        raise BadAnchorError(messages.ca_certificate_required(certificate.subject))


def _curve(certificate: x509.Certificate) -> str | None:
    algorithm = certificate.public_key["algorithm"]
    if algorithm["algorithm"].native != "ec":
        return None
    named = algorithm["parameters"].chosen
    return getattr(named, "dotted", None)
