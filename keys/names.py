"""Rules for names of keys."""

import re

from core.ids import KeyId
from keys.model import KeyExistsError, KeyNotFoundError, KeyPurpose, WrongPurposeError
from keys.words import PURPOSES

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def check_key_id(key_id: KeyId) -> None:
    """Raise `KeyNotFoundError` for what cannot be the name of a key."""
    if not _ID.fullmatch(key_id):
        raise KeyNotFoundError(
            "密钥名只能含小写字母、数字和连字符。",
            "A key's name holds lower-case letters, digits and hyphens only.",
        )


def not_found(key_id: KeyId) -> KeyNotFoundError:
    """Return the error for a key that is not there."""
    return KeyNotFoundError(
        f"没有名为“{key_id}”的密钥。请用 xinyin key list 查看。",
        f"There is no key named “{key_id}”. See xinyin key list.",
    )


def exists(key_id: KeyId) -> KeyExistsError:
    """Return the error for a key that is there already."""
    return KeyExistsError(
        f"密钥“{key_id}”已存在，未作改动。",
        f"The key “{key_id}” exists already; nothing was changed.",
    )


def wrong_purpose(key_id: KeyId, actual: KeyPurpose, wanted: KeyPurpose) -> WrongPurposeError:
    """Return the error for a key that has another purpose."""
    return WrongPurposeError(
        f"密钥“{key_id}”的用途是{PURPOSES[actual].zh}，不能用于{PURPOSES[wanted].zh}。",
        f"The key “{key_id}” is for {actual} and may not serve for {wanted}.",
    )
