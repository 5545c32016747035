"""Rules for names of keys."""

import re

from core.ids import KeyId
from keys import messages
from keys.model import KeyExistsError, KeyNotFoundError, KeyPurpose, WrongPurposeError
from keys.words import PURPOSES

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def check_key_id(key_id: KeyId) -> None:
    """Raise `KeyNotFoundError` for what cannot be the name of a key."""
    if not _ID.fullmatch(key_id):
        raise KeyNotFoundError(messages.INVALID_KEY_NAME)


def not_found(key_id: KeyId) -> KeyNotFoundError:
    """Return the error for a key that is not there."""
    return KeyNotFoundError(messages.no_such_key(key_id))


def exists(key_id: KeyId) -> KeyExistsError:
    """Return the error for a key that is there already."""
    return KeyExistsError(messages.key_already_exists(key_id))


def wrong_purpose(key_id: KeyId, actual: KeyPurpose, wanted: KeyPurpose) -> WrongPurposeError:
    """Return the error for a key that has another purpose."""
    return WrongPurposeError(
        messages.key_purpose_mismatch(
            key_id=key_id,
            actual_label=PURPOSES[actual],
            wanted_label=PURPOSES[wanted],
            actual=actual,
            wanted=wanted,
        ),
    )
