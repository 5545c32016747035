"""The archive revision: validation data and a document timestamp, nothing else.

ETSI EN 319 142-1 5.5 and 6.3 (B-LTA): what validates the proofs so far is added, fresh, to the DSS,
and a document timestamp covers it with everything before. Repeated before its TSA's certificate or
algorithms end, it keeps a file verifiable for as long as somebody does so.

Stock pyHanko rewrites Info's /ModDate, XMP and /Version in every update; here only the DSS, the
timestamp's field with its signature, and the form and page that name the field are written.
"""

import io
from collections.abc import Iterable
from typing import Any, Protocol

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.seal_check.protection import (
    Protection,
    protection_of,
    protection_of_cms,
    signer_certificates_of,
)
from signing.sealing.cms import TimestampSource, reserved_for, timestamp_of
from signing.sealing.dss import DssContent, SecurityStore
from signing.sealing.field import ARCHIVE_FIELD, Room, fill_timestamp

RENEWAL_DIGEST = "sha512"
"""Of the document, in renewals: what is to last for decades takes the strongest that all know."""


class ArchiveDataSource(Protocol):
    """Source of fresh validation data; `ca.validation.validation_data.ValidationSource` is one."""

    def for_archive(
        self, certificates: tuple[bytes, ...], others: tuple[bytes, ...] = ()
    ) -> DssContent:
        """Return the current validation data of these certificates (DER), and of the next
        timestamp's; of `others` where they are known here.
        """
        ...


class ArchiveWriter(IncrementalPdfFileWriter):
    """Appends one revision to a file of ours and leaves its properties alone."""

    def __init__(self, sealed: bytes) -> None:
        super().__init__(io.BytesIO(sealed))

    def _update_meta(self) -> None:
        """Leave Info and XMP as they were signed."""

    def add_validation_data(self, *data: DssContent) -> None:
        """Add to the DSS what it does not hold yet."""
        present = "/DSS" in self.root
        store = SecurityStore.of(self.root["/DSS"]) if present else SecurityStore()
        for one in data:
            store.add(self, one)
        if present:
            place = self.root.raw_get("/DSS")
            self.objects[place.generation, place.idnum] = store.to_object()
        else:  # sealed at B-B or B-T
            self.root["/DSS"] = self.add_object(store.to_object())
            mark_changed: Any = self.update_root  # untyped
            mark_changed()

    def write_anew(self) -> None:
        """Write the form and the seal's page's annotations once more, as they are.

        What somebody else's program wrote before is nothing that an archive revision could be
        recognised to follow.
        """
        mark_changed: Any = self.mark_update  # untyped
        page = self.root["/AcroForm"]["/Fields"][0]["/P"]
        for holder, key in ((self.root, "/AcroForm"), (page, "/Annots")):
            place = holder.raw_get(key)
            if isinstance(place, generic.IndirectObject):
                mark_changed(place)

    def free_field_name(self) -> str:
        """Return a name for the timestamp's field that no field has yet."""
        fields = self.root["/AcroForm"]["/Fields"]
        taken = {str(fields[index]["/T"]) for index in range(len(fields))}
        names = [ARCHIVE_FIELD, *(f"{ARCHIVE_FIELD}{n}" for n in range(2, len(taken) + 2))]
        return next(name for name in names if name not in taken)

    def seal_page(self) -> int:
        """Return the number of the page of the first field, the first page being 0."""
        first = self.root["/AcroForm"]["/Fields"][0]
        kids = self.root["/Pages"]["/Kids"]
        places = [one.idnum for one in list.__iter__(kids)]
        return places.index(first.raw_get("/P").idnum)


def append_timestamp(
    pdf: bytes, data: Iterable[DssContent], room: Room, timestamper: TimestampSource
) -> bytes:
    """Return the file with one further revision. Raises `SealTooLargeError`."""
    writer = ArchiveWriter(pdf)
    writer.add_validation_data(*data)
    return fill_timestamp(
        writer,
        writer.free_field_name(),
        room,
        lambda digest: timestamper.token(digest, room.digest_name),
        page=writer.seal_page(),
    )


class Archiver:
    """Renews archived files with one time-stamping unit; made once per process."""

    def __init__(self, timestamper: TimestampSource, validation: ArchiveDataSource) -> None:
        """Ask the timestamper for one token, to learn its size and what it is good for."""
        self._timestamper = timestamper
        self._validation = validation
        sample = timestamp_of(timestamper, b"", RENEWAL_DIGEST)
        self._room = Room(RENEWAL_DIGEST, reserved_for(sample))
        self.offers: Protection = protection_of_cms(sample)
        """What a file rests on once it is renewed."""

    def renew(self, pdf: bytes) -> bytes:
        """Return a file of ours with fresh validation data and a document timestamp over all.

        Raises `UnprotectedFileError`, `SealTooLargeError`, and what timestamper and validation
        data raise; nothing is made then.
        """
        *earlier, last = signer_certificates_of(pdf)
        certificates = tuple(dict.fromkeys((protection_of(pdf).certificate, last)))
        others = tuple(one for one in dict.fromkeys(earlier) if one not in certificates)
        data = self._validation.for_archive(certificates, others)
        return append_timestamp(pdf, (data,), self._room, self._timestamper)
