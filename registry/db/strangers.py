"""Detection of triggers, rules and policies in the database; our schema has none.

A trigger, rule or policy can undo or hide a change after it was written, or make one of its own; no
event tells of that.
"""

from sqlalchemy import Connection

_SQLITE = "SELECT 'trigger', tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL = """
SELECT 'trigger', c.relname, t.tgname FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT t.tgisinternal AND n.nspname = current_schema()
UNION ALL
SELECT 'foreign key switched off', c.relname, t.tgname FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE t.tgisinternal AND t.tgenabled <> 'O' AND n.nspname = current_schema()
UNION ALL
SELECT 'rule', tablename, rulename FROM pg_rules WHERE schemaname = current_schema()
UNION ALL
SELECT 'policy', tablename, policyname FROM pg_policies WHERE schemaname = current_schema()
"""


def strangers(connection: Connection) -> list[tuple[str, str, str]]:
    """Return kind, table and name of each."""
    query = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    rows = connection.exec_driver_sql(query).all()
    return sorted((str(kind), str(table), str(name)) for kind, table, name in rows)
