"""Codes of holders as a process may know them: found by a keyed index, read with another key.

In place of a code stands its token, HMAC-SHA-256 (RFC 2104) under the index's key over the kind of
code and the code: equal codes of a kind have one token, equal digits of another kind another, and
nobody without the key can try codes until one fits. The code itself is sealed beside the record
(`registry.privacy.records`). The public verifier has the index's key alone: it can tell whether a
code that it is told is a holder's, and never read one.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import Connection

from core.errors import UnreachableError, XinyinError
from registry.privacy import messages

PRIVACY_OPTION: Final = "xinyin_privacy"
"""Execution option of connections: what their process may know (`Privacy`)."""
MARK: Final = "~"
"""Begins what stands in the place of a code, a number or a digest; none of these begins so."""
KEY_BYTES: Final = 32
_NUMBER: Final = "number"
_DIGEST: Final = "digest"


class PrivacyKeyMissingError(UnreachableError):
    """The process lacks a key without which it could only guess, or write codes in the clear."""

    code = "privacy_key_missing"


class UnreadableCodeError(XinyinError):
    """Sealed text beside a record that does not open there."""

    code = "unreadable_code"


class CodeBox(Protocol):
    """Seals and opens what is said of holders in secret (`registry.privacy.cipher`)."""

    @property
    def current(self) -> str:
        """Name of the key that seals."""
        ...

    def seal(self, plain: bytes, place: str) -> str:
        """Return a sealed text that opens at this place alone."""
        ...

    def open(self, sealed: str, place: str) -> bytes:
        """Return the sealed text. Raises `UnreadableCodeError`."""
        ...

    def seal_file(self, plain: bytes, place: str) -> bytes:
        """Return a sealed file that opens at this place alone."""
        ...

    def open_file(self, sealed: bytes, place: str) -> bytes:
        """Return the file. Raises `UnreadableCodeError`."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class CodeIndex:
    """The index's key."""

    key: bytes

    def token(self, kind: str, code: str) -> str:
        """Return the token of a code; `kind` as GB/T 36903 names its type."""
        said = f"{kind}\0{code}".encode()
        digest = hmac.digest(self.key, said, "sha256")
        return MARK + base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def number(self, number: str) -> str:
        """Return the token of a number that holds a holder's code."""
        return self.token(_NUMBER, number)

    def blinded(self, digest: str) -> str:
        """Return the token for a digest over data of which only a code is unknown."""
        return self.token(_DIGEST, digest)

    @property
    def fingerprint(self) -> str:
        """Return a fingerprint that tells this key from another, and nothing of it."""
        return hmac.new(self.key, b"xinyin: index of codes", hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Privacy:
    """Keys of a process to holders' codes; by default none."""

    its_index: CodeIndex | None = None
    its_box: CodeBox | None = None

    @property
    def index(self) -> CodeIndex:
        """The index. Raises `PrivacyKeyMissingError`."""
        if self.its_index is None:
            raise PrivacyKeyMissingError(messages.INDEX_KEY_MISSING)
        return self.its_index

    @property
    def box(self) -> CodeBox:
        """The key of the codes. Raises `PrivacyKeyMissingError`."""
        if self.its_box is None:
            raise PrivacyKeyMissingError(messages.CODE_KEY_MISSING)
        return self.its_box


BLIND: Final = Privacy()
"""Knows nothing: reads what is in the clear, and finds and records no code."""


def privacy_of(connection: Connection) -> Privacy:
    """Return the keys of this connection's process."""
    opened: Callable[[], Privacy] | None = connection.get_execution_options().get(PRIVACY_OPTION)
    return BLIND if opened is None else opened()


def kept_digest(privacy: Privacy, digest: str) -> str:
    """Return a digest of what names holders as it is kept: as a token, so that who has all but a
    code cannot try codes until one fits. As it is, where there is no key of an index yet.
    """
    return digest if privacy.its_index is None else privacy.its_index.blinded(digest)


def is_kept(privacy: Privacy, kept: str | None, digest: str) -> bool:
    """Tell whether this is the digest that is kept, as a token or, from before, as it was."""
    return kept is not None and kept in (digest, kept_digest(privacy, digest))


def is_token(text: str | None) -> bool:
    """Tell whether something stands in the place of a code."""
    return text is not None and text.startswith(MARK)
