"""People and rights: identities, their roles, and the one table of what a role may do."""
