"""JSON in one form only, so that what is hashed or signed can be made again by anyone."""

import json
from collections.abc import Mapping


def canonical_json(value: Mapping[str, object]) -> bytes:
    """Return canonical JSON (RFC 8785) of strings, integers, booleans, nulls and lists of them.

    Keys sorted, no white space, UTF-8.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()
