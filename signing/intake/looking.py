"""Looking at objects of a foreign file as they stand, and at the files within it."""

import io
from typing import Any, TypeGuard

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.inspection.objects import READ_ERRORS, target
from signing.intake.streams import Opener

_MOST_ATTACHED = 1024 * 1024
_MOST_NAMES = 64
Key = tuple[int, int]
"""Number and generation of an object."""


def key_of(raw: Any) -> Key | None:
    """Return the key of what a raw value refers to; None where it stands there itself."""
    return (raw.idnum, raw.generation) if isinstance(raw, generic.IndirectObject) else None


def items(array: Any) -> list[Any]:
    """Return an array's items as they stand, references unresolved."""
    return list(list.__iter__(array))


def look_up(raw: Any) -> Any:
    """Follow a reference; what is not there is null (ISO 32000-2 7.3.10)."""
    try:
        return target(raw)
    except KeyError:
        return generic.NullObject()


def raw_entry(owner: Any, key: str) -> Any:
    """Return an entry as it stands; None where there is none, or no dictionary."""
    return dict.get(owner, key) if isinstance(owner, generic.DictionaryObject) else None


def entry(owner: Any, key: str) -> Any:
    """Return an entry with its reference followed; None where there is none, or no dictionary."""
    found = raw_entry(owner, key)
    value = None if found is None else look_up(found)
    return None if isinstance(value, generic.NullObject) else value


def name_at(owner: Any, key: str) -> str:
    """Return an entry that is a name; empty where there is none."""
    found = entry(owner, key)
    return str(found) if isinstance(found, generic.NameObject) else ""


def detail_of(key: str, value: Any) -> str:
    """Return how a hazard is named; a layer that depends on others by what it is."""
    return "/OCMD" if key == "/OC" and name_at(value, "/Type") != "/OCG" else key


def is_dictionary(value: Any) -> TypeGuard[generic.DictionaryObject]:
    """Tell a dictionary from a stream and from everything else."""
    return isinstance(value, generic.DictionaryObject) and not isinstance(
        value, generic.StreamObject
    )


def make_dictionary(entries: dict[Any, Any]) -> generic.DictionaryObject:
    """Make a dictionary of raw values."""
    make: Any = generic.DictionaryObject  # untyped
    made: generic.DictionaryObject = make(
        {generic.NameObject(key): value for key, value in entries.items()}
    )
    return made


def read_attachment(data: bytes, name: str) -> bytes | None:
    """Return the file of that name; None unless there is exactly one, and all of it is readable."""
    try:
        found = [one for told, one in _attached(data) if told == name]
    except READ_ERRORS:
        return None
    return found[0] if len(found) == 1 else None


def _attached(data: bytes) -> list[tuple[str, bytes]]:
    opener = Opener(_MOST_ATTACHED)
    names = entry(entry(PdfFileReader(io.BytesIO(data)).root, "/Names"), "/EmbeddedFiles")
    listed = entry(names, "/Names")
    pairs = items(listed)[: 2 * _MOST_NAMES] if isinstance(listed, generic.ArrayObject) else []
    found = []
    for told, raw in zip(pairs[::2], pairs[1::2], strict=False):
        file = entry(entry(look_up(raw), "/EF"), "/F")
        if isinstance(file, generic.StreamObject):
            found.append((str(look_up(told)), opener.open(file)))
    return found
