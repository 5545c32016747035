"""Errors of this package."""

from typing import ClassVar

from core.errors import XinyinError


class IdentityError(XinyinError):
    """Base of this package's errors."""

    code: ClassVar[str] = "identity"
