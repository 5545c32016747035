"""Taking in what roots and CAs elsewhere signed; all of it is judged before any is recorded."""

from pathlib import Path

from ca.issuers import IssuerRecord
from ca.outside.adoption import Adoption
from ca.outside.adoption_crl import Adopted
from ca.outside.exchange import refused
from ca.outside.issuing_ca import adopt_chain
from ca.outside.path import load_certificates
from ca.outside.seal import OutsideUnit, adopt_outside_ca
from core.errors import UnreachableError
from core.permits import Permit
from home.outside import fetch
from home.root_pins import pin_named_root
from home.use_cases import messages
from home.wiring import Home
from registry.bodies.seal_making import SealOrder
from registry.model import Seal


def fingerprint_of(text: str) -> str:
    """Return a SHA-256 as it is compared: lower case, without blanks."""
    return "".join(text.split()).lower()


def take_chain(
    home: Home, chain: bytes, root_sha256: str, permit: Permit
) -> tuple[IssuerRecord, UnreachableError | None]:
    """Give a waiting CA the certificate that a CA outside issued, with its chain (PEM).

    Returns the CA, and why a CRL above it could not be had. Raises what `adopt_chain` raises.
    """
    taken = adopt_chain(home.ca_parts, home.keys, chain, root_sha256, fetch, permit)
    pin_named_root(home, root_sha256)
    return taken


def take_folder(
    home: Home, directory: Path, root_sha256: str | None, permit: Permit
) -> list[Adopted]:
    """Take in certificates and CRLs of a root elsewhere; return what was new.

    `root_sha256`: of a root to trust from now on. Raises `ExchangeError`.
    """
    adopted = Adoption(home.ca_parts, home.keys, root_sha256).adopt(directory, permit)
    if root_sha256 is not None:
        pin_named_root(home, root_sha256)
    return adopted


def take_seal_certificate(  # noqa: PLR0917  # each of another type
    home: Home,
    order: SealOrder,
    certificate: bytes,
    chain: bytes,
    root_sha256: str,
    unit: OutsideUnit | None,
    permit: Permit,
) -> tuple[Seal, UnreachableError | None]:
    """Give a seal the certificate (PEM) that a CA outside issued, with its chain (PEM).

    Returns the seal, and why a CRL could not be had. Raises `ExchangeError`, `ConflictError`, and
    what `SealMaker.check` raises; nothing is recorded then.
    """
    issued = load_certificates(certificate)
    if len(issued) != 1:
        raise refused(messages.SINGLE_CERTIFICATE_REQUIRED)
    home.seal_maker.check(order, issued[0])
    unreachable = adopt_outside_ca(
        home.ledger,
        home.clock,
        load_certificates(chain),
        issued[0],
        permit,
        root_sha256=root_sha256,
        fetch=fetch,
        unit=unit,
    )
    roots = [root_sha256] if unit is None else [root_sha256, unit.root_sha256]
    for one in dict.fromkeys(map(fingerprint_of, roots)):
        pin_named_root(home, one)
    return home.seal_maker.adopt(order, issued[0], permit), unreachable
