"""Errors of local accounts; what a stranger could learn from them is the same for all causes."""

from core.errors import NotAllowedError, XinyinError
from identity.accounts import messages


class WrongSignInError(NotAllowedError):
    """Name or password is wrong; which of them is not said."""

    code = "sign_in_failed"


class PasskeyRefusedError(NotAllowedError):
    """A passkey's answer does not hold; `reason` is for the log."""

    code = "sign_in_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(messages.PASSKEY_REFUSED)
        self.reason = reason


class UnfitPasswordError(XinyinError):
    """A password that is too easily guessed."""

    code = "usage"


def no_local_account() -> NotAllowedError:
    """Return the error of an account that is not here."""
    return NotAllowedError(messages.NO_LOCAL_ACCOUNT)


def code_refused() -> NotAllowedError:
    """Return the error of an enrolment code that does not hold."""
    return NotAllowedError(messages.CODE_REFUSED)


def passkeys_too_many(most: int) -> NotAllowedError:
    """Return the error of one passkey too many."""
    return NotAllowedError(messages.passkeys_too_many(most))


class TooManyTriesError(XinyinError):
    """Too many failed sign-ins; `retry_after` says how long to wait."""

    code = "too_many_requests"
