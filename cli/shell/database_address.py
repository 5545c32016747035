"""Address of a new home's database, copied from the environment into its settings.

A command that finds no address looks for SQLite in the home; whoever forgets the variable once must
not meet an empty register. A password is never written down: others may come to read the settings.
"""

from cli.shell import messages
from cli.shell.output import Output
from core.settings import FILE_NAME, load_settings
from home.wiring import Home
from registry.db.engines import without_password

VARIABLE = "XINYIN_DATABASE_URL"


def address_to_keep(home: Home) -> str | None:
    """Return the database section of a new home's settings; None: it is SQLite in the home.

    A home that has settings keeps its address, however it came there. One that differs from it is
    returned, for the caller to refuse.
    """
    given = home.environment.get(VARIABLE) or None
    address = None if given is None else without_password(given)
    if not (home.directory / FILE_NAME).exists():
        return address
    known = load_settings(home.directory, {}).database.url
    same = known is None or address is None or without_password(known) == address
    return known if same else address


def tell_address(output: Output, kept: str | None, given: str | None) -> None:
    """Say where the address is, and what every later command needs beside it."""
    if kept is None or given is None:
        return
    if kept == given:
        output.say(messages.DATABASE_ADDRESS_WRITTEN)
        return
    output.say(messages.DATABASE_ADDRESS_WITHOUT_PASSWORD)
