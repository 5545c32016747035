"""A catalogue that our archiver wrote again to name a file's first DSS, compared word by word.

The sealer and the archiver space dictionaries and escape strings in different ways; what they say
must be the same.
"""

import re

_TOKEN = re.compile(
    rb"[\n\r\t ]*(<<|>>|[\[\]]|<[0-9A-Fa-f]*>|\((?:[^()\\\r\n]|\\[0-3][0-7]{2})*\)"
    rb"|(?:/[\w.\-]{1,64}|-?\d{1,10}(?:\.\d{1,10})?|R|true|false|null)(?=[\n\r\t <>\[\]()/]|$))"
)
_OCTAL = re.compile(rb"\\([0-7]{3})")


def names_store(old: bytes, new: bytes, store: int) -> bool:
    """Tell whether `new` says what `old` does and names the object `store` as /DSS at its end."""
    before, after = _tokens(old), _tokens(new)
    if before is None or after is None or b"/DSS" in before:
        return False
    named = [b"/DSS", str(store).encode(), b"0", b"R", b">>"]
    return before[-1:] == [b">>"] and after == before[:-1] + named


def _tokens(body: bytes) -> list[bytes] | None:
    """Return the tokens of a dictionary; None where it holds what neither of the two writes."""
    found: list[bytes] = []
    position = 0
    while position < len(body):
        token = _TOKEN.match(body, position)
        if token is None:
            return None
        text = token[1]
        found.append(_OCTAL.sub(_unescaped, text) if text.startswith(b"(") else text)
        position = token.end()
    return found


def _unescaped(octal: re.Match[bytes]) -> bytes:
    return bytes((int(octal[1], 8),))
