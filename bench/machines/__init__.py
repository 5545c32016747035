"""Several machines on one register: network namespaces, one PostgreSQL, one object store."""
