"""What a home needs of CAs outside: their CRLs, fetched as they are due."""

from typing import TYPE_CHECKING

from ca.outside_crl import OutsideCrls
from core.http_client import get
from core.ids import IssuerId

if TYPE_CHECKING:
    from cli.wiring import Home


def fetch_crls(home: "Home", *, force: bool = False) -> list[IssuerId]:
    """Fetch what is due of the CRLs of CAs outside; return whose are new.

    Raises `UnreachableError` once all were tried, if one could not be had.
    """
    crls = OutsideCrls(home.ledger, home.clock)
    return crls.refresh(lambda address: get(address).body, force=force)
