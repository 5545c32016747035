"""Comparing X.509 names (RFC 5280 7.1) without doing the same work forty times a document.

asn1crypto prepares each string anew for each comparison (RFC 4518), a third of a validation's time,
and refuses every character that Unicode 3.2 (2002) did not yet know, such as rare surnames. This is
the one place where a library is changed from outside: the preparation is remembered, and later
characters pass. Its results for all others stay what they were.
"""

import unicodedata
from functools import cache, lru_cache
from typing import Any

from asn1crypto.x509 import NameTypeAndValue

_MOST_CHARACTERS = 256
"""Longer strings are prepared anew each time, so that hostile ones do not fill the memory."""
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
