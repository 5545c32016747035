"""Errors of who asks, before anything is done."""

from core.errors import NotAllowedError, XinyinError


class NotSignedInError(XinyinError):
    """Nobody is signed in, or the session is over (401)."""

    code = "not_signed_in"


class ForgedRequestError(NotAllowedError):
    """A change that did not come from a page of ours (403)."""

    code = "forged_request"
