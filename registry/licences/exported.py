"""Files of licences that a server wrote for somebody; none outlives an erasure."""

from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, update

from registry.db.tables import export_parts, exports


class ExportState(StrEnum):
    """State of an export."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    """Its file may be fetched."""
    STOPPED = "STOPPED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    """Its file was deleted."""


UNDER_WAY: Final = (ExportState.WAITING, ExportState.RUNNING)
ERASED: Final = "erased"
"""Why a file was deleted before its time: something that it may name was erased."""


def end_exports(connection: Connection) -> None:
    """Delete the files of all exports, any of which may name what is erased; those under way are
    written anew.

    None is asked for or taken until the transaction ends: its snapshot would have what is erased.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE exports IN SHARE ROW EXCLUSIVE MODE")
    column = exports.c
    rising = {"fence": column.fence + 1, "lease_until": None, "rows": 0, "size": 0}
    waiting = {"state": ExportState.WAITING, **rising}
    gone = {"state": ExportState.EXPIRED, "why": ERASED, "sha256": None, **rising}
    for states, values in ((UNDER_WAY, waiting), ((ExportState.DONE,), gone)):
        connection.execute(update(exports).where(column.state.in_(states)).values(values))
    connection.execute(delete(export_parts))


def place_of_filter(export_id: str) -> str:
    """Return the place at which what an export looks for is sealed."""
    return f"exports\0{export_id}\0sought"


def place_of_part(export_id: str, number: int) -> str:
    """Return the place at which a piece of a file is sealed."""
    return f"export_parts\0{export_id}\0{number}"
