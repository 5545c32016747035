"""Second opinion on a path of certificates from outside: another implementation of RFC 5280 6.

What is taken in once cannot be undone, since every seal stands on it; so a path that our own rules
accept is also validated by pyhanko-certvalidator, as verifiers of our documents will do. It follows
name and policy constraints, which our rules only bound.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.validate import async_validate_path

from ca.outside import messages
from ca.outside.exchange import refused


def check_independently(path: Sequence[x509.Certificate], now: datetime) -> None:
    """Raise `ExchangeError` unless the library validates the path, the leaf first, as of `now`.

    Revocation is judged from CRLs elsewhere (`ca.outside.crls`).
    """
    leaf, *above, anchor = (
        asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in path
    )
    trusted = CertTrustAnchor(anchor)
    context = ValidationContext(trust_roots=[trusted], moment=now, revocation_mode="soft-fail")
    chain = ValidationPath(trusted, list(reversed(above)), leaf)
    try:
        asyncio.run(async_validate_path(context, chain))
    except (InvalidSignature, PathError, ValidationError, ValueError, TypeError) as error:
        raise refused(
            messages.chain_validation_failed(name=type(error).__name__, error=error)
        ) from error
