"""Errors of who asks, before anything is done."""

from core.errors import NotAllowedError, XinyinError
from core.web.request_errors import UnusableRequestError


class NotSignedInError(XinyinError):
    """Nobody is signed in, or the session is over (401)."""

    code = "not_signed_in"


class ForgedRequestError(NotAllowedError):
    """A change that did not come from a page of ours (403)."""

    code = "forged_request"


class StaleFormError(ForgedRequestError):
    """A page of ours sent it, and its form is not of the session that there is now (403)."""


class PreconditionFailedError(XinyinError):
    """The record is not any more as the caller saw it (412)."""

    code = "precondition_failed"


class BadRowsError(UnusableRequestError):
    """Rows of a sheet are to be mended (422); `errors` of the problem say which, and how."""

    code = "bad_row"


class FileRefusedError(UnusableRequestError):
    """A file holds what must not be sealed (422); `errors` of the problem say what, and where."""

    code = "refused_file"
