"""Comparing X.509 names (RFC 5280 7.1) without doing the same work forty times a document.

asn1crypto prepares each string anew for each comparison (RFC 4518), a third of a validation's time,
and refuses every character that Unicode 3.2 (2002) did not yet know, such as rare surnames. This is
the one place where a library is changed from outside: the preparation is remembered, and later
characters pass. Its results for all others stay what they were.
"""

import unicodedata
from functools import cache, lru_cache
from typing import Any

from asn1crypto.x509 import Name, NameTypeAndValue

_MOST_CHARACTERS = 256
"""Longer strings are prepared anew each time, so that hostile ones do not fill the memory."""
_MOST_ENCODED = 1024
"""Bytes of a whole name that is remembered; usual ones take 200."""
_REFUSED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
"""Control, format, unassigned, private and surrogate characters stay refused (RFC 4518 2.4)."""


@cache
def remember_prepared_names() -> None:
    """Put the remembering preparation in place; once per process."""
    original: Any = NameTypeAndValue._ldap_string_prep  # noqa: SLF001

    def prepare(string: str) -> str:
        try:
            return str(original(None, string))
        except ValueError:
            if any(unicodedata.category(character) in _REFUSED for character in string):
                raise
            return " ".join(unicodedata.normalize("NFKC", string).casefold().split())

    remembered = lru_cache(maxsize=1024)(prepare)

    def prepared(_: NameTypeAndValue, string: str) -> str:
        return remembered(string) if len(string) <= _MOST_CHARACTERS else prepare(string)

    NameTypeAndValue._ldap_string_prep = prepared  # noqa: SLF001
    _remember_comparable_names()


def _remember_comparable_names() -> None:
    """Let each name keep what it is compared by, as asn1crypto keeps its digests and its text.

    The same is remembered by the name's encoding, of which it is a function.
    """
    changed: Any = Name
    compute = changed.hashable.fget
    compare = changed.__eq__
    by_encoding = lru_cache(maxsize=1024)(lambda der: compute(Name.load(der)))

    def comparable(name: Any) -> tuple[str, bytes]:
        found: tuple[str, bytes] | None = vars(name).get("_comparable")
        if found is None:
            der = name.chosen.dump()  # without the tag that a name within another value bears
            text = by_encoding(der) if len(der) <= _MOST_ENCODED else compute(name)
            found = name._comparable = text, der  # noqa: SLF001
        return found

    def equal(name: Any, other: object) -> bool:
        if not isinstance(other, Name):
            return False
        (text, der), (other_text, other_der) = comparable(name), comparable(other)
        # Equal names have equal hashables; the converse is left to the library.
        return text == other_text and (der == other_der or bool(compare(name, other)))

    changed.hashable = property(lambda name: comparable(name)[0])
    changed.__eq__ = equal
