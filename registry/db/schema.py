"""Schema revisions: the one a database has, and the one that this version knows.

Every command asks. Alembic says the same, but takes a quarter of a second to load, and is needed
for migrations only.
"""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, column, select, table

MIGRATIONS = Path(__file__).parent / "migrations"
_NAMED = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)
_RECORD = table("alembic_version", column("version_num"))


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the database's schema; None where there is none yet."""
    if not connection.dialect.has_table(connection, _RECORD.name):
        return None
    found: str | None = connection.execute(select(_RECORD.c.version_num)).scalar_one_or_none()
    return found


@cache
def known_revisions() -> dict[str, str | None]:
    """Return this version's revisions, each with the one that it follows."""
    found = [_read(path) for path in sorted((MIGRATIONS / "versions").glob("[0-9]*_*.py"))]
    return dict(found)


def _read(path: Path) -> tuple[str, str | None]:
    said = dict(_NAMED.findall(path.read_text("utf-8")))
    return said["revision"], said.get("down_revision")


@cache
def newest_schema() -> str:
    """Return the revision of this version's schema: the one that none follows."""
    (newest,) = known_revisions().keys() - known_revisions().values()
    return newest


def knows_schema(revision: str) -> bool:
    """Tell whether this version of the program knows a revision of the schema."""
    return revision in known_revisions()
