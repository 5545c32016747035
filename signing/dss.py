"""The document security store (ETSI EN 319 142-1 5.4.2): validation data inside the file."""

from collections.abc import Iterable
from typing import Protocol

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter


class ValidationData(Protocol):
    """What a DSS holds, all DER; `ca.validation_data.ValidationData` is one."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """Certificates (RFC 5280)."""
        ...

    @property
    def ocsps(self) -> tuple[bytes, ...]:
        """Whole OCSPResponses (RFC 6960 4.2.1)."""
        ...

    @property
    def crls(self) -> tuple[bytes, ...]:
        """CertificateLists (RFC 5280 5)."""
        ...


class SecurityStore:
    """The DSS of one document while it is written: each value once, later ones added.

    There are no VRI entries: EN 319 142-1 5.4.3 leaves them to choice, and they name a signature by
    its digest, which cannot be known before it is made.
    """

    def __init__(self) -> None:
        self._references: dict[str, dict[bytes, generic.IndirectObject]] = {
            "/Certs": {},
            "/OCSPs": {},
            "/CRLs": {},
        }

    @classmethod
    def of(cls, dictionary: generic.DictionaryObject) -> "SecurityStore":
        """Return what a DSS dictionary names, for adding to it."""
        store = cls()
        for key, references in store._references.items():
            listed = dictionary.get(key, generic.ArrayObject())
            for index in range(len(listed)):
                reference = listed.raw_get(index)
                references[reference.get_object().data] = reference
        return store

    def add(self, writer: BasePdfFileWriter, data: ValidationData) -> None:
        """Write what is not yet there as streams into `writer`."""
        self._add(writer, "/Certs", data.certificates)
        self._add(writer, "/OCSPs", data.ocsps)
        self._add(writer, "/CRLs", data.crls)

    def to_dictionary(self) -> generic.DictionaryObject:
        """Return the DSS dictionary, naming all that was added so far."""
        entries = {
            pdf_name(key): generic.ArrayObject(references.values())
            for key, references in self._references.items()
            if references
        }
        return generic.DictionaryObject({pdf_name("/Type"): pdf_name("/DSS"), **entries})

    def _add(self, writer: BasePdfFileWriter, key: str, values: Iterable[bytes]) -> None:
        known = self._references[key]
        for value in values:
            if value not in known:
                known[value] = writer.add_object(generic.StreamObject(stream_data=value))
