"""Looking into parsed PDF objects without trusting them."""

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

READ_ERRORS = (
    PdfError,
    ValueError,
    AssertionError,
    LookupError,
    AttributeError,
    TypeError,
    OSError,
    RecursionError,
    ArithmeticError,
)
"""What pyHanko and asn1crypto raise on hostile objects."""


def raw(dictionary: generic.DictionaryObject, key: str) -> generic.PdfObject | None:
    """Return an entry as it stands, references unresolved; None where there is none."""
    value: generic.PdfObject | None = dict.get(dictionary, key)
    return value


def resolved(dictionary: generic.DictionaryObject, key: str) -> generic.PdfObject | None:
    """Return an entry with its reference followed; None where there is none to be read."""
    value = raw(dictionary, key)
    if value is None:
        return None
    try:
        found: generic.PdfObject = value.get_object()
    except READ_ERRORS:
        return None
    return found


def items(array: generic.ArrayObject) -> list[generic.PdfObject]:
    """Return an array's entries as they stand, references unresolved."""
    return list(list.__iter__(array))
