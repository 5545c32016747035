"""Looking into parsed PDF objects without trusting them."""

import zlib
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
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
    NotImplementedError,
    ArithmeticError,
    zlib.error,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
)
"""What pyHanko, asn1crypto, cryptography and zlib raise on hostile objects."""


def raw(dictionary: generic.DictionaryObject, key: str) -> generic.PdfObject | None:
    """Return an entry as it stands, references unresolved; None where there is none."""
    value: generic.PdfObject | None = dict.get(dictionary, key)
    return None if value is None else _plain(value)


def _plain(value: generic.PdfObject) -> generic.PdfObject:
    """Return the decrypted object where pyHanko hands out a proxy."""
    if not isinstance(value, generic.DecryptedObjectProxy):
        return value
    found: generic.PdfObject = value.decrypted
    return found


def target(value: Any) -> generic.PdfObject:
    """Follow a reference; anything else is its own target. Raises one of `READ_ERRORS`."""
    found: generic.PdfObject = value.get_object()
    return found


def is_name(value: generic.PdfObject | None, name: str) -> bool:
    """Tell whether an entry is that name."""
    return isinstance(value, generic.NameObject) and str(value) == name


def resolved(dictionary: generic.DictionaryObject, key: str) -> generic.PdfObject | None:
    """Return an entry with its reference followed; None where there is none to be read."""
    value = raw(dictionary, key)
    if value is None:
        return None
    try:
        return target(value)
    except READ_ERRORS:
        return None


def items(array: generic.ArrayObject) -> list[generic.PdfObject]:
    """Return an array's entries as they stand, references unresolved."""
    return [_plain(item) for item in list.__iter__(array)]


def same(one: generic.PdfObject | None, other: generic.PdfObject | None) -> bool:
    """Tell whether two objects are equal as written; references by number, not by target."""
    if isinstance(one, generic.IndirectObject) and isinstance(other, generic.IndirectObject):
        return (one.idnum, one.generation) == (other.idnum, other.generation)
    if isinstance(one, generic.DictionaryObject) and isinstance(other, generic.DictionaryObject):
        return one.keys() == other.keys() and all(
            same(raw(one, key), raw(other, key)) for key in one
        )
    if isinstance(one, generic.ArrayObject) and isinstance(other, generic.ArrayObject):
        return len(one) == len(other) and all(
            same(left, right) for left, right in zip(items(one), items(other), strict=True)
        )
    strings = (generic.TextStringObject, generic.ByteStringObject)
    if isinstance(one, strings) and isinstance(other, strings):
        return bool(one.original_bytes == other.original_bytes)
    return type(one) is type(other) and bool(one == other)


def dictionary(entries: dict[str, generic.PdfObject]) -> generic.DictionaryObject:
    """Make a dictionary."""
    make: Any = generic.DictionaryObject  # untyped
    made: generic.DictionaryObject = make(
        {generic.NameObject(key): value for key, value in entries.items()}
    )
    return made


def pointer(reference: generic.Reference) -> generic.IndirectObject:
    """Make a reference to an object."""
    make: Any = generic.IndirectObject  # untyped
    made: generic.IndirectObject = make(reference.idnum, reference.generation, reference.pdf)
    return made
