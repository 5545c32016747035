"""Commands that keep a home: keys, backups, audit, archive, trust lists."""
