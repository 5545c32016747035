"""Keys of codes for tests that have no home."""

from typing import Final

from registry.privacy.cipher import AesCodeBox
from registry.privacy.codes import CodeIndex, Privacy

PRIVACY: Final = Privacy(CodeIndex(b"i" * 32), AesCodeBox({"c0001": b"k" * 32}))


def privacy() -> Privacy:
    """Return what a process may know that has all keys."""
    return PRIVACY
