"""JSON in one form only, so that what is hashed or signed can be made again by anyone."""

import json
from collections.abc import Mapping
from typing import Final

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: Mapping[str, object]) -> bytes:
    """Return canonical JSON (RFC 8785) of strings, integers, booleans, nulls and lists of them.

    Keys sorted, no white space, UTF-8.
    """
    return _ENCODER.encode(value).encode()
