"""Countersigners of a document, from a file of options.

order = "given"              # or "any"
deadline = 2026-12-31

[[countersigner]]
authority = "qinglan-health" # one that is here
keyword = "卫健委盖章"

[[countersigner]]
name = "青岚热力有限公司"     # one that signs with software of its own
certificate = "…"            # SHA-256 of its signing certificate; or uscc
page = 3
at = "150,240"
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from core.ids import AuthorityId
from registry.granting.document_orders import CountersignerAsked, RoundAsked
from signing.intake.places import PlaceAsked

ROUND_KEYS: Final = ("countersigner", "order", "deadline")
_NAMED: Final = ("authority", "name", "certificate", "uscc")
_PLACED: Final = ("page", "at", "keyword", "occurrence", "field")
_WAYS: Final = ("at", "keyword", "field")


def round_of(
    values: dict[str, Any], place_of: Callable[[dict[str, Any]], PlaceAsked]
) -> RoundAsked:
    """Return the round that a file asks for. Raises `ValueError`."""
    listed, order, last = (values.get(key) for key in ROUND_KEYS)
    if listed is None:
        if order is not None or last is not None:
            raise ValueError("[[countersigner]]")
        return RoundAsked()
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ValueError("[[countersigner]]")
    if order not in (None, "given", "any"):
        raise ValueError('order = "given" | "any"')
    if last is not None and (isinstance(last, datetime) or not isinstance(last, date)):
        raise ValueError("deadline = YYYY-MM-DD")
    signers = tuple(_signer(one, place_of) for one in listed)
    return RoundAsked(signers, order != "any", last)


def _signer(
    held: dict[str, Any], place_of: Callable[[dict[str, Any]], PlaceAsked]
) -> CountersignerAsked:
    unknown = sorted(held.keys() - {*_NAMED, *_PLACED})
    if unknown:
        raise ValueError(", ".join(unknown))
    said = {key: held.get(key, "") for key in _NAMED}
    if not all(isinstance(one, str) for one in said.values()):
        raise ValueError(" / ".join(_NAMED))
    if not any(held.get(one) is not None for one in _WAYS):
        raise ValueError(f"[[countersigner]] {' / '.join(_WAYS)}")
    place = place_of({key: held[key] for key in _PLACED if key in held})
    authority = said["authority"].strip()
    return CountersignerAsked(
        place,
        AuthorityId(authority) if authority else None,
        said["name"].strip(),
        said["certificate"].replace(":", "").strip().lower(),
        said["uscc"].strip().upper(),
    )
