"""Errors of a request, raised before any document is looked at."""

from core.errors import XinyinError
from core.text import Text


class RequestError(XinyinError):
    """Base of this package's errors: the request, or the moment it came at."""

    code = "usage"


class UnusableRequestError(RequestError):
    """The body is broken, lacks something, or holds something that cannot be (422)."""

    def __init__(
        self,
        text: Text,
        *,
        problems: tuple[tuple[str, str], ...] = (),
        entries: tuple[dict[str, str], ...] = (),
    ) -> None:
        super().__init__(text)
        self.problems = problems
        """Pairs of JSON pointer (RFC 6901) and what is wrong there; never the value itself."""
        self.entries = entries
        """The same with more to say: `pointer`, `problem` and others."""


class AddressNotFoundError(RequestError):
    """No page and no record stands at this address (404)."""

    code = "not_found"


class MethodNotAllowedError(RequestError):
    """The address is known, the method is not (405)."""

    code = "method_not_allowed"


class RequestTimeoutError(RequestError):
    """The body did not arrive within its time (408)."""

    code = "request_timeout"


class TooLargeError(RequestError):
    """The body, or the file in it, exceeds its limit (413)."""

    code = "too_large"


class UnsupportedMediaTypeError(RequestError):
    """The body's Content-Type is not the one that this address takes (415)."""

    code = "unsupported_media_type"
