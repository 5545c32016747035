"""Parts of the schema that a database lacks though its revision should have them.

A revision that was put below another in the making of a version leaves databases of before it with
the newest number and without its tables; so does a hand in the database.
"""

from sqlalchemy import Connection, inspect

from registry.db.tables import metadata


def missing_parts(connection: Connection) -> list[str]:
    """Return the tables, columns (`table.column`) and indices that are not there, by name.

    For a schema that says it is the newest.
    """
    seen = inspect(connection)
    tables = set(seen.get_table_names())
    missing: list[str] = []
    for table in metadata.sorted_tables:
        if table.name not in tables:
            missing.append(table.name)
            continue
        columns = {one["name"] for one in seen.get_columns(table.name)}
        missing += [f"{table.name}.{one.name}" for one in table.columns if one.name not in columns]
        indices = {one["name"] for one in seen.get_indexes(table.name)}
        missing += [str(one.name) for one in table.indexes if one.name not in indices]
    return sorted(missing)
