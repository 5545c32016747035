"""Types as filters name them."""

from core.ids import TypeCode
from registry.desk.desk import Desk


def type_code(desk: Desk, named: str | None) -> TypeCode | None:
    """Return the code of a type that is named by it or by its short name; None for none."""
    if named is None:
        return None
    with desk.rights.database.reading() as connection:
        return desk.catalogue.code_named(connection, named)
