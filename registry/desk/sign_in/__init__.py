"""Sign-in on record: accounts, sessions, tries, and the emergency's credential."""
