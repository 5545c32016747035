"""Parsing of one licence's fields from a JSON object in a file or a request's body."""

from collections.abc import Callable, Mapping
from datetime import date

from registry.model import Application
from registry.types.licence_type import LicenceType
from registry.types.photos import ReadPhoto
from registry.types.row_check import check_row

LoadPhoto = Callable[[str], bytes]
"""Returns the bytes of a photo by its name. Raises `BadValueError`."""


def judge_record(
    licence_type: LicenceType,
    record: Mapping[str, str],
    load_photo: LoadPhoto,
    read_photo: ReadPhoto,
    *,
    today: date,
    source: str,
) -> Application:
    """Return the application that a record holds, its fields by key or by Chinese label.

    `source` is how errors call the record, `read_photo` makes a photo anew. Raises `RowProblems`,
    and what `load_photo` raises.
    """
    field = licence_type.photo_field
    name = None if field is None else record.get(field.key) or record.get(field.label.zh)
    photo = load_photo(name) if name else None
    return check_row(licence_type, record, photo, today, source, read_photo=read_photo)
