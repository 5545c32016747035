"""The document security store (ETSI EN 319 142-1 5.4.2): validation data inside the file."""

from collections.abc import Callable, Iterable
from typing import Protocol

from signing.pdf_syntax import dictionary
from signing.sealing.objects import array, stream


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
        self.known: dict[str, dict[bytes, str]] = {"Certs": {}, "OCSPs": {}, "CRLs": {}}
        """References to what is there, by list and value."""

    def add(self, add: Callable[[bytes], str], data: DssContent) -> None:
        """Write what is not yet there: `add` adds an object and returns a reference to it."""
        self._add(add, "Certs", data.certificates)
        self._add(add, "OCSPs", data.ocsps)
        self._add(add, "CRLs", data.crls)

    def to_bytes(self) -> bytes:
        """Return the DSS dictionary, naming all that was added so far."""
        arrays = {key: array(known.values()) for key, known in self.known.items() if known}
        return dictionary({"Type": "/DSS", **arrays}).encode("ascii")

    def _add(self, add: Callable[[bytes], str], key: str, values: Iterable[bytes]) -> None:
        known = self.known[key]
        for value in values:
            if value not in known:
                known[value] = add(stream(value))
