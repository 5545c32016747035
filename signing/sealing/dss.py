"""The document security store (ETSI EN 319 142-1 5.4.2): validation data inside the file."""

from collections.abc import Iterable
from typing import Protocol

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.pdf_syntax import dictionary
from signing.sealing.objects import RawObject, array, stream


class DssContent(Protocol):
    """Contents of a DSS, all DER; `ca.validation.validation_data.ValidationData` is one."""

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
        self._known: dict[str, dict[bytes, generic.IndirectObject]] = {
            "Certs": {},
            "OCSPs": {},
            "CRLs": {},
        }

    @classmethod
    def of(cls, dss: generic.DictionaryObject) -> "SecurityStore":
        """Return the references in a parsed DSS dictionary, for adding to it."""
        store = cls()
        for key, known in store._known.items():
            listed = dss.get("/" + key, ())
            for index in range(len(listed)):
                target = listed.raw_get(index)
                known[target.get_object().data] = target
        return store

    def add(self, writer: BasePdfFileWriter, data: DssContent) -> None:
        """Write what is not yet there as streams into `writer`."""
        self._add(writer, "Certs", data.certificates)
        self._add(writer, "OCSPs", data.ocsps)
        self._add(writer, "CRLs", data.crls)

    def to_object(self) -> RawObject:
        """Return the DSS dictionary, naming all that was added so far."""
        arrays = {key: array(list(known.values())) for key, known in self._known.items() if known}
        return RawObject(dictionary({"Type": "/DSS", **arrays}).encode("ascii"))

    def _add(self, writer: BasePdfFileWriter, key: str, values: Iterable[bytes]) -> None:
        known = self._known[key]
        for value in values:
            if value not in known:
                known[value] = writer.add_object(stream(value))
