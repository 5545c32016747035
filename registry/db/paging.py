"""Places in lists that are handed out page by page, ordered by time and, within one, by id.

A place stays good while rows come and go: nothing is left out or told twice by that.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_


@dataclass(frozen=True, slots=True)
class Place:
    """Place of the last row that was handed out."""

    at: datetime
    row_id: str

    def precedes(
        self, at: ColumnElement[datetime], row_id: ColumnElement[str]
    ) -> ColumnElement[bool]:
        """Say in SQL that a row follows this place."""
        return or_(at > self.at, and_(at == self.at, row_id > self.row_id))
