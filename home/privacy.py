"""Holders' codes of a home: keys made, rows of before sealed, and all of them under a new key."""

from core.errors import ConfigurationError
from core.permits import Actor
from home import messages
from home.code_keys import check_index
from home.wiring import Home
from registry.erasure.sealing import SealedRows, seal_rows
from registry.facts.code_index import known_index, note_index


def open_privacy(home: Home, actor: Actor) -> None:
    """Make the keys of a register that never had any, and put on record which index is its own.

    Raises `ConfigurationError` where it had some, and they are not here.
    """
    database, keys = home.database_as_it_is, home.code_keys
    with database.reading() as connection:
        known = known_index(connection)
    if known is None:
        keys.make_missing()
        with database.writing() as connection:
            note_index(connection, keys.privacy().index, actor, home.clock.now())
        return
    privacy = keys.privacy()
    if privacy.its_index is None or privacy.its_box is None:
        raise ConfigurationError(messages.CODE_KEYS_LOST)
    check_index(privacy, known)


def seal_codes(home: Home, actor: Actor) -> SealedRows:
    """Seal what is in the clear or under an older key, some rows in each transaction.

    Cut off, it goes on where it was. Raises `ConfigurationError`, `DatabaseBusyError`.
    """
    open_privacy(home, actor)
    return seal_rows(home.database_as_it_is, home.privacy())


def rotate_codes(home: Home, actor: Actor) -> tuple[SealedRows, str, list[str]]:
    """Seal all codes under a new key; return how many rows, its name, and those deleted.

    One that was begun and cut off is finished: the newest key is taken if nothing lacks it.
    """
    open_privacy(home, actor)
    keys = home.code_keys
    done = seal_rows(home.database_as_it_is, keys.privacy())
    if not done.anew:
        keys.add()
        done = seal_rows(home.database_as_it_is, keys.privacy())
    name = keys.privacy().box.current
    return done, name, keys.forget_but(name)
