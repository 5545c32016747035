"""The archive revision: validation data and a document timestamp, nothing else.

ETSI EN 319 142-1 5.5 and 6.3 (B-LTA): what validates the proofs so far is added, fresh, to the DSS,
and a document timestamp covers it with everything before. Repeated before its TSA's certificate or
algorithms end, it keeps a file verifiable for as long as somebody does so.

Stock pyHanko rewrites Info's /ModDate, XMP and /Version in every update; here only the DSS, the
timestamp's field with its signature, and the form and page that name the field are written. A file
that was sealed this moment is not read again: `append_to_fresh` writes the same revision out of
what is known of it.
"""

import io
from collections.abc import Iterable
from itertools import groupby
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
from signing.sealing.field import ARCHIVE_FIELD, SealedPage, form_of, timestamp_field
from signing.sealing.objects import number_in, references_of
from signing.sealing.signed_file import CONTENTS, Room, UnsignedRevision, sign_revision
from signing.sealing.updates import RawObject, fill_timestamp, refer
from signing.sealing.writer import xref_entries

RENEWAL_DIGEST = "sha512"
"""Of the document, in renewals: what is to last for decades takes the strongest that all know."""


_STAMP = b"/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n>>"


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
        store = _store_of(self.root["/DSS"]) if present else SecurityStore()
        for one in data:
            store.add(self._add, one)
        written = RawObject(store.to_bytes())
        if present:
            place = self.root.raw_get("/DSS")
            self.objects[place.generation, place.idnum] = written
        else:  # sealed at B-B or B-T
            self.root["/DSS"] = self.add_object(written)
            mark_changed: Any = self.update_root  # untyped
            mark_changed()

    def _add(self, data: bytes) -> str:
        return refer(self.add_object(RawObject(data)))

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


def append_to_fresh(
    page: SealedPage,
    store: SecurityStore,
    data: DssContent,
    room: Room,
    timestamper: TimestampSource,
) -> bytes:
    """Return a file whose seal has just been made with one further revision.

    `store` is what the sealed revision holds. Raises `SealTooLargeError`.
    """
    writer, form, sealed = page.writer, page.form, page.file
    # The seal's signature was the last; pyHanko leaves the number after a file's last one free.
    number = writer.size + 2
    objects: dict[int, bytes] = {}

    def add(content: bytes) -> str:
        nonlocal number
        objects[number] = content
        number += 1
        return f"{number - 1} 0 R"

    store.add(add, data)
    field, stamp = number, number + 1
    page_number, (listed_number, listed) = next(iter(form.listed.items()))
    objects[number_in(writer.root["DSS"])] = store.to_bytes()
    objects[listed_number] = references_of([*listed, field])
    objects[form.number] = form_of([*form.fields, field])
    objects[field] = timestamp_field(ARCHIVE_FIELD, page_number, stamp)
    return sign_revision(
        _revision(page, objects, stamp),
        room,
        lambda digest: timestamper.token(digest, room.digest_name),
        sealed,
    ).pdf


def _revision(page: SealedPage, objects: dict[int, bytes], stamp: int) -> UnsignedRevision:
    """Return an update with these objects and, after them, the timestamp's."""
    at = len(page.file.pdf)
    offsets: dict[int, int] = {}
    parts: list[bytes] = []
    for number in sorted(objects):
        offsets[number] = at
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, objects[number]))
        at += len(parts[-1])
    offsets[stamp] = at
    parts.append(b"%d 0 obj\n" % stamp + CONTENTS)
    sections = [b"xref\n0 1\n0000000000 65535 f \n"]
    for _, run in groupby(enumerate(offsets), lambda one: one[1] - one[0]):
        numbers = [number for _, number in run]
        sections.append(b"%d %d\n" % (numbers[0], len(numbers)))
        sections.append(xref_entries(tuple(offsets[number] for number in numbers)))
    # The second half of /ID tells this version of the file from the first (ISO 32000-1 14.4).
    version = page.file.running.digest()[:16]
    sections.append(page.writer.trailer(stamp + 1, version, page.file.table))
    return UnsignedRevision(b"".join(parts), _STAMP, b"".join(sections))


def _store_of(dss: generic.DictionaryObject) -> SecurityStore:
    """Return the references of a parsed DSS dictionary, for adding to it."""
    store = SecurityStore()
    for key, known in store.known.items():
        listed = dss.get("/" + key, ())
        for index in range(len(listed)):
            target = listed.raw_get(index)
            known[target.get_object().data] = refer(target)
    return store


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
