"""CRLs of CAs outside that a home needs, fetched as they are due."""

from ca.outside.crls import OutsideCrls
from core.clock import Clock
from core.ids import IssuerId
from core.web.client import get
from registry.ledger.ledger import SqlLedger


def fetch_crls(ledger: SqlLedger, clock: Clock, *, force: bool = False) -> list[IssuerId]:
    """Fetch what is due of the CRLs of CAs outside; return whose are new.

    Raises `UnreachableError` or `ExchangeError` once all were tried, if one could not be had.
    """
    return OutsideCrls(ledger, clock).refresh(fetch, force=force)


def fetch(address: str) -> bytes:
    """Return the response of an http address. Raises `UnreachableError`."""
    return get(address).body
