"""The database: engine, schema, counters, migrations."""
