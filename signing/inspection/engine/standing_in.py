"""A signature field with other /Contents, for the engine alone: the file's own objects stay."""

from typing import Any

from pyhanko.pdf_utils import generic

from signing.inspection.objects import pointer, raw


class _Pointer(generic.IndirectObject):
    """A reference whose object is another than the file's."""

    standing_in: generic.PdfObject

    def get_object(self) -> generic.PdfObject:
        return self.standing_in


def with_contents(
    field: generic.DictionaryObject, dictionary: generic.DictionaryObject, der: bytes
) -> generic.DictionaryObject:
    """Return a field whose signature dictionary has other /Contents; the file's own stay."""
    make: Any = generic.DictionaryObject  # untyped
    copy = make(dict(dictionary))
    copy[generic.NameObject("/Contents")] = generic.ByteStringObject(der)
    value = raw(field, "/V")
    if not isinstance(value, generic.IndirectObject):
        holder: Any = dictionary.get_container_ref()
        value = pointer(holder)
    there: Any = _Pointer(value.idnum, value.generation, value.reference.pdf)  # type: ignore[no-untyped-call]
    there.standing_in = copy
    changed: generic.DictionaryObject = make(dict(field))
    changed[generic.NameObject("/V")] = there
    return changed
