"""Session on one token, re-established after the token went away.

An operation that fails is tried once more with a new session and once with the library initialised
anew, and a token that cannot be seen is looked for for a moment; then it is `KeyUnavailableError`,
until the next call; as it is where there is no answer in time (`keys.pkcs11_calls`). A PIN that was
refused is never tried again by this process: a token locks itself after a few attempts.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import pkcs11
from pkcs11 import exceptions as refused
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import PKCS11Error

from core.errors import ConfigurationError
from keys import messages
from keys.model import KeyUnavailableError, WrongPassphraseError
from keys.pkcs11_module import GENERATION_SECONDS, Module, load_module
from keys.pkcs11_uri import TokenAddress

T = TypeVar("T")
_Way = Callable[[Module], bool]
"""Way to the token; False where it is not open now."""

_WRONG_PIN = (
    refused.PinIncorrect,
    refused.PinInvalid,
    refused.PinLenRange,
    refused.PinExpired,
    refused.PinLocked,
    refused.UserPinNotInitialized,
)
_FINAL = (
    refused.MechanismInvalid,
    refused.MechanismParamInvalid,
    refused.FunctionNotSupported,
    refused.KeySizeRange,
    refused.KeyTypeInconsistent,
    refused.DataLenRange,
    refused.TemplateInconsistent,
    refused.TemplateIncomplete,
    refused.AttributeReadOnly,
    refused.AttributeTypeInvalid,
    refused.AttributeValueInvalid,
    refused.DomainParamsInvalid,
    refused.TokenWriteProtected,
    refused.MultipleObjectsReturned,
)
"""The token's last word: to ask again would not change it."""
_PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds between looks for a token that cannot be seen, of which no call just failed."""
_UNSEEN = (refused.NoSuchToken, refused.TokenNotPresent, refused.GeneralError)
"""Errors by which a module says that it sees none."""


@dataclass(frozen=True, slots=True)
class _Login:
    """A session and the library's generation that it belongs to."""

    session: pkcs11.Session
    generation: int


class TokenSession:
    """The one session that this process has on a token, opened when first needed."""

    def __init__(self, address: TokenAddress, ask_pin: Callable[[], bytes]) -> None:
        self._address = address
        self._ask_pin = ask_pin
        self._pin: str | None = None
        """Held, so that the token can be logged in to again without a restart."""
        self._asking = threading.Lock()
        self._pin_was_refused = False
        self._login: _Login | None = None
        """Guarded by the module's lock."""

    def read_pin(self) -> str:
        """Return the PIN, which is asked for once. Raises `ConfigurationError`."""
        with self._asking:
            if self._pin is None:
                try:
                    self._pin = self._ask_pin().decode()
                except UnicodeDecodeError as error:
                    raise ConfigurationError(messages.PIN_NOT_UTF8) from error
            return self._pin

    def run(self, operation: Callable[[pkcs11.Session], T]) -> T:
        """Call `operation` with a session that is logged in; it may be called three times.

        Raises `KeyUnavailableError`, `WrongPassphraseError`, `ConfigurationError`.
        """
        return self._recovering(lambda module: operation(self._session(module)))

    def run_writing(self, operation: Callable[[pkcs11.Session], T]) -> T:
        """Call `operation` once, with a session that may change the token.

        It is not tried again: what failed may have taken effect. Raises as `run`.
        """

        def write(session: pkcs11.Session) -> T:
            writing = session.token.open(rw=True)  # the login is the application's: PKCS#11 5.6
            try:
                self._module.check_wanted()
                return operation(writing)
            except PKCS11Error as error:
                raise _WriteFailedError(error) from error
            finally:
                with suppress(PKCS11Error):
                    writing.close()

        try:
            return self._recovering(lambda module: write(self._session(module)), GENERATION_SECONDS)
        except _WriteFailedError as failed:
            raise _unavailable(failed.failure) from failed.failure

    def run_publicly(self, operation: Callable[[pkcs11.Session], T]) -> T:
        """Call `operation` with a session that need not be logged in. Raises as `run`."""

        def attempt(module: Module) -> T:
            if self._login is not None and self._login.generation == module.generation:
                return operation(self._login.session)
            session = module.find_token(self._address).open()
            try:
                return operation(session)
            finally:
                with suppress(PKCS11Error):
                    session.close()

        return self._recovering(attempt)

    def _recovering(self, attempt: Callable[[Module], T], seconds: float | None = None) -> T:
        module = self._module
        while True:
            try:
                return module.call(lambda: self._tried(module, attempt), seconds)
            except _PinWantedError:  # a person may type it, for which there is no deadline
                self.read_pin()

    def _tried(self, module: Module, attempt: Callable[[Module], T]) -> T:
        failure: PKCS11Error | None = None
        pauses = () if module.failed_just_now() else _PAUSES
        looks: list[_Way] = [partial(self._look_again, pause) for pause in pauses]
        ways: list[_Way] = [self._keep, self._reconnect, self._restart, *looks]
        for recover in ways:
            if recover in looks and not isinstance(failure, _UNSEEN):
                break
            module.check_wanted()
            try:
                if recover(module):
                    return attempt(module)
            except _FINAL as error:
                raise _unavailable(error) from error
            except PKCS11Error as error:
                failure = error
        module.note_failure()
        self._reconnect(module)
        assert failure is not None  # the first way is always gone
        raise _unavailable(failure) from failure

    @cached_property
    def _module(self) -> Module:
        return load_module(self._address.module_path)

    def _session(self, module: Module) -> pkcs11.Session:
        login = self._login
        if login is not None and login.generation == module.generation:
            return login.session
        token = module.find_token(self._address)
        session = self._open(token)
        self._login = _Login(session, module.generation)
        return session

    def _open(self, token: pkcs11.Token) -> pkcs11.Session:
        """Log in, unless another part of this process has."""
        pin = self._checked_pin(token)
        try:
            return token.open(user_pin=pin)
        except refused.UserAlreadyLoggedIn:
            return token.open()
        except _WRONG_PIN as error:
            self._pin_was_refused = True
            raise _wrong_pin() from error

    def _checked_pin(self, token: pkcs11.Token) -> str:
        if self._pin_was_refused or token.flags & TokenFlag.USER_PIN_LOCKED:
            raise _wrong_pin()
        if token.flags & TokenFlag.USER_PIN_FINAL_TRY:
            raise WrongPassphraseError(messages.TOKEN_PIN_LAST_TRY)
        if self._pin is None:
            raise _PinWantedError
        return self._pin

    def _keep(self, _module: Module) -> bool:
        """First: with what there is."""
        return True

    def _reconnect(self, module: Module) -> bool:
        """Second: without the session, whatever it is worth."""
        login, self._login = self._login, None
        if login is not None and login.generation == module.generation:
            with suppress(PKCS11Error):
                login.session.close()
        return True

    def _restart(self, module: Module) -> bool:
        """Third: without what the library remembers, unless that was tried a moment ago."""
        self._reconnect(module)
        return module.restart()

    def _look_again(self, pause: float, module: Module) -> bool:
        """Further: after a moment.

        SoftHSM2 writes a token's file at each login, and whoever initialises the library just then
        does not see the token: processes of a batch start together.
        """
        self._reconnect(module)
        module.restart_after(pause)
        return True


class _PinWantedError(Exception):
    """The PIN was not asked for yet."""


class _WriteFailedError(Exception):
    """A write failed, and must not be tried again."""

    def __init__(self, failure: PKCS11Error) -> None:
        super().__init__()
        self.failure = failure


def _wrong_pin() -> WrongPassphraseError:
    return WrongPassphraseError(messages.TOKEN_PIN_REFUSED)


def _unavailable(error: PKCS11Error) -> KeyUnavailableError:
    name = type(error).__name__
    if isinstance(error, refused.NoSuchToken):
        return KeyUnavailableError(messages.TOKEN_NOT_FOUND, reason=name)
    return KeyUnavailableError(messages.token_operation_failed(name), reason=name)
