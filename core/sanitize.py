"""Text of unknown origin made safe to show: names in foreign certificates and field names."""

import json
import unicodedata

MAX_SHOWN = 300
"""Characters; no honest name is longer, and a page must stay readable."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, bidi and zero-width formatting, lone surrogates, unassigned: they can make text read
as what it is not (Unicode TR 36), and surrogates cannot be encoded."""


def shown(text: str) -> str:
    """Return `text` with what cannot be seen or encoded replaced, and cut to `MAX_SHOWN`."""
    return visible(text, MAX_SHOWN)


def visible(text: str, most: int) -> str:
    """Return `text` with what cannot be seen or encoded replaced, and cut to `most` characters."""
    if len(text) <= most and text.isascii() and text.isprintable():
        return text
    seen = "".join(
        REPLACEMENT if unicodedata.category(character) in _HIDDEN else character
        for character in text[:most]
    )
    return seen + "…" if len(text) > most else seen


def for_terminal(text: str) -> str:
    """Return `text` as a terminal may show it: its lines, and nothing that steers the terminal."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        REPLACEMENT if one not in "\n\t" and unicodedata.category(one) in _HIDDEN else one
        for one in text
    )


def escaped_json(line: str) -> str:
    """Return a line of JSON with what a terminal would obey or hide escaped: the same data."""
    if line.isascii() and line.isprintable():
        return line
    return "".join(
        json.dumps(one)[1:-1] if unicodedata.category(one) in _HIDDEN else one for one in line
    )


def has_controls(text: str) -> bool:
    """Tell whether `text` holds control characters or lone surrogates, as no code or claim does."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
