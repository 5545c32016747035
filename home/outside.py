"""What a home needs of CAs outside: their CRLs, fetched as they are due."""

from typing import TYPE_CHECKING

from ca.outside.crls import OutsideCrls
from core.ids import IssuerId
from core.web.client import get

if TYPE_CHECKING:
    from home.wiring import Home


def fetch_crls(home: "Home", *, force: bool = False) -> list[IssuerId]:
    """Fetch what is due of the CRLs of CAs outside; return whose are new.

    Raises `UnreachableError` or `ExchangeError` once all were tried, if one could not be had.
    """
    return OutsideCrls(home.ledger, home.clock).refresh(fetch, force=force)


def fetch(address: str) -> bytes:
    """Return what an http address answers. Raises `UnreachableError`."""
    return get(address).body
