"""Sealing of licences that were taken over: of all that they say of their holders."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.privacy.codes import Privacy
from registry.privacy.records import NUMBER_MARK, SEALED_IN, revealed, sealed_secret

Values = Mapping[str, Any] | RowMapping
_SAID: Final = ("holders", "data", "salt", "stated_sha256")
_HIDDEN_NUMBER: Final = "***"


def place_of(accession_id: str) -> str:
    """Return the place to which its secret is bound."""
    return f"accessions\0{accession_id}\0{SEALED_IN}"


def hidden_values(privacy: Privacy, row: Values) -> dict[str, Any]:
    """Return a record's columns as they are stored. Raises `PrivacyKeyMissingError`."""
    index = privacy.index
    hidden = {name: row[name] for name in _SAID}
    stored = {
        **row,
        "holders": [],
        "data": {},
        "salt": "",
        "stated_sha256": index.blinded(str(row["stated_sha256"])),
    }
    shown = None
    if row["personal"]:
        hidden["number"], stored["number"] = row["number"], index.number(str(row["number"]))
        shown = _HIDDEN_NUMBER
    place = place_of(str(row["accession_id"]))
    return stored | {SEALED_IN: sealed_secret(privacy, place, hidden, shown=shown)}


def revealed_row(privacy: Privacy, row: Values) -> dict[str, Any]:
    """Return a record's columns as far as the process may know them."""
    found = revealed(privacy, place_of(str(row["accession_id"])), row)
    found.pop(NUMBER_MARK, None)
    return found
