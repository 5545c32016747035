"""Files of exports, in the database: written piece by piece, each packed, sealed and fenced.

A piece opens at its own place of its own export alone (`registry.privacy.cipher`).
"""

import hashlib
import io
import zlib
from collections.abc import Iterator
from typing import Final

from sqlalchemy import insert, select

from core.clock import Clock
from registry.db.database import Database
from registry.db.tables import export_parts
from registry.desk.exports import messages
from registry.desk.exports.records import LEASES, Export, NoSuchExportError
from registry.licences.exported import place_of_part
from registry.model import RegistryError
from registry.officers.leases import LEASE
from registry.privacy.codes import UnreadableCodeError, privacy_of

PART: Final = 1024 * 1024
"""Octets of a piece, unpacked."""
MOST_SIZE: Final = 2 * 1024 * 1024 * 1024
"""Octets of a file."""
_PART = export_parts.c
_PACKING: Final = 1
"""Of zlib: fast; a table packs well all the same."""


class ExportTooLargeError(RegistryError):
    """A file grew beyond what a server keeps."""

    code = "too_large"


class PartsWriter(io.RawIOBase):
    """Stream whose pieces are kept as they come, while the export's lease is the writer's."""

    def __init__(self, database: Database, clock: Clock, export: Export) -> None:
        self._database = database
        self._clock = clock
        self._export = export
        self._buffer = bytearray()
        self._digest = hashlib.sha256()
        self._number = 0
        self.size = 0
        self.rows = 0
        """Rows that were written so far, as its user counts them."""

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Take octets. Raises `LeaseLostError`, `ExportTooLargeError`, `DatabaseBusyError`."""
        taken = bytes(data)
        self._buffer += taken
        while len(self._buffer) >= PART:
            self._keep(bytes(self._buffer[:PART]))
            del self._buffer[:PART]
        return len(taken)

    def finish(self) -> str:
        """Keep what is left; return the whole file's SHA-256. Raises as `write`."""
        if self._buffer:
            self._keep(bytes(self._buffer))
            self._buffer.clear()
        return self._digest.hexdigest()

    def beat(self) -> None:
        """Give a sign of life, and say how far it is. Raises `LeaseLostError`."""
        now = self._clock.now()
        with self._database.writing() as connection:
            values = {"lease_until": now + LEASE, "changed_at": now, "rows": self.rows}
            LEASES.write(connection, self._export.held, values)

    def _keep(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > MOST_SIZE:
            raise ExportTooLargeError(messages.export_too_large(MOST_SIZE))
        self._digest.update(data)
        self._number += 1
        packed = zlib.compress(data, _PACKING)
        now = self._clock.now()
        with self._database.writing() as connection:
            # First the export's row: whoever lost the lease waits for nothing and writes nothing.
            values = {
                "lease_until": now + LEASE,
                "changed_at": now,
                "rows": self.rows,
                "size": self.size,
                "failures": 0,
                "why": None,
            }
            LEASES.write(connection, self._export.held, values)
            place = place_of_part(self._export.export_id, self._number)
            content = privacy_of(connection).box.seal(packed, place)
            connection.execute(
                insert(export_parts).values(
                    export_id=self._export.export_id, number=self._number, content=content
                )
            )


def read_parts(database: Database, export: Export) -> Iterator[bytes]:
    """Yield the pieces of an export's file.

    Raises `NoSuchExportError` where it was deleted meanwhile, and `UnreadableCodeError`.
    """
    number, read = 0, 0
    while read < export.size:
        number += 1
        query = select(_PART.content).where(
            _PART.export_id == export.export_id, _PART.number == number
        )
        with database.reading() as connection:
            content = connection.execute(query).scalar_one_or_none()
            if content is None:
                raise NoSuchExportError(messages.no_such_export(export.export_id))
            packed = privacy_of(connection).box.open(
                content, place_of_part(export.export_id, number)
            )
        data = _unpacked(packed)
        read += len(data)
        yield data


def _unpacked(packed: bytes) -> bytes:
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(packed, PART + 1)
    except zlib.error as error:
        raise UnreadableCodeError(messages.EXPORT_UNREADABLE) from error
    if not 0 < len(data) <= PART or not unpacking.eof:
        raise UnreadableCodeError(messages.EXPORT_UNREADABLE)
    return data
