"""A sheet with the columns of a licence type and nothing in it, for people to fill in."""

import csv
import io

from registry.types.licence_type import LicenceType
from registry.types.validity import VALID_FROM


def blank_sheet(licence_type: LicenceType) -> bytes:
    """Return a CSV file with the headings; those that must be filled in have a star.

    Spreadsheets take it for UTF-8 by its first characters alone; stars are no part of a name.
    """
    required = {rule.label.zh for rule in licence_type.ordered if rule.required}
    optional = {rule.label.zh for rule in licence_type.ordered} - required
    optional |= {licence_type.label_of(VALID_FROM)}
    names = [label for label, key in licence_type.columns.items() if label != key]
    text = io.StringIO()
    csv.writer(text).writerow(one if one in optional else f"{one}*" for one in names)
    return text.getvalue().encode("utf-8-sig")
