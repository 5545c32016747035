"""The one error base, subclassed per package; `core.web.problems` maps codes to HTTP and exits."""

from typing import ClassVar

from core.text import Text


class XinyinError(Exception):
    """An error with a stable `code` and a sentence for people, in Chinese and English.

    The sentences say what happened and what to do; they carry no personal data, because they
    may be logged. `details` holds facts for machines (row, field, limit).
    """

    code: ClassVar[str] = "internal"

    def __init__(self, text: Text, **details: str | int) -> None:
        super().__init__(text.en)
        self.text = text
        self.details = details

    def __reduce__(self) -> tuple[object, ...]:
        """Return the parts of a copy of it for another process; subclasses differ in arguments."""
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(
    kind: type[XinyinError], args: tuple[object, ...], state: dict[str, object]
) -> XinyinError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(XinyinError):
    """The request cannot be understood as it was made."""

    code = "usage"


class ConfigurationError(XinyinError):
    """A setting is missing or cannot hold."""

    code = "configuration"


class UnreadableInputError(XinyinError):
    """A file that was given cannot be read, or is not what it should be."""

    code = "unreadable_input"


class NotAllowedError(XinyinError):
    """The actor is not signed in, or may not do this."""

    code = "not_allowed"


class UnreachableError(XinyinError):
    """A remote part (database, token, service) cannot be reached just now."""

    code = "unreachable"


class StorageError(XinyinError):
    """A file or the disk refused a write; nothing was half-written."""

    code = "storage"
