"""A PKCS#11 library in this process: one thread at a time, initialised anew after a fork.

Such a library is a matter of the whole process: it is loaded and initialised once, and an
application is logged in to a token, not a session. Handles are small numbers that begin again when
the library is initialised again, so a stale one may name another key. Hence `generation`: whoever
holds a session compares it, under the lock, before every use.
"""

import atexit
import ctypes
import os
import signal
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import pkcs11
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import NoSuchToken, PKCS11Error

from core.errors import ConfigurationError
from core.os_errors import cause_zh
from keys import messages
from keys.model import NO_ANSWER, KeyUnavailableError
from keys.pkcs11_calls import LibraryThread, NoAnswerError
from keys.pkcs11_uri import TokenAddress

if TYPE_CHECKING:
    from pkcs11._pkcs11 import lib as Library  # noqa: N812

T = TypeVar("T")

ANSWER_SECONDS: Final = 30.0
"""Time for an operation with all its tries: on a network a login takes seconds."""
GENERATION_SECONDS: Final = 180.0
"""Time for making or destroying a key: a card works at an RSA pair for a minute."""
_FAREWELL_SECONDS: Final = 5.0
"""Time in which a library is finalised when this process ends."""
_RESTART_INTERVAL_S = 1.0
"""While a token is away, the library is initialised anew at most this often."""

_LOADING = threading.Lock()
"""Held while a library is looked up, so that there is one of each."""


class Module:
    """A library, loaded with the first call into it. Every call is made within `call`, with `lock`
    held.

    `python-pkcs11` initialises without locking (C_Initialize with NULL: PKCS#11 2.40, 5.4), so
    that one thread calls it; work is spread over processes.
    """

    def __init__(self, path: Path) -> None:
        """Look at its file. Raises `ConfigurationError`."""
        _check_file(path)
        self._path = path
        self._caller = LibraryThread()
        self._loaded: Library | None = None
        self.lock = threading.RLock()
        self._is_locked_for_fork = False
        self.generation = 0
        """Grows whenever all sessions and handles became void."""
        self._restarted_at = self._failed_at = float("-inf")
        self._inherited = False
        """This process is a child that has not initialised its copy yet."""
        # A fork waits for the call that is being made, so that the child's copy is whole.
        os.register_at_fork(
            before=self._before_fork,
            after_in_parent=self._after_fork_in_parent,
            after_in_child=self._after_fork,
        )

    def call(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """Let `work` call the library, and return its result: threads take turns.

        Raises what it raises, `ConfigurationError` where the library cannot be loaded, and
        `KeyUnavailableError` where it does not answer in time, by default `ANSWER_SECONDS`.
        """

        def locked() -> T:
            with self.lock:
                self._load()
                return work()

        allowed = seconds or ANSWER_SECONDS
        try:
            return self._caller.call(locked, allowed)
        except NoAnswerError:
            text = messages.token_gave_no_answer(path=self._path, seconds=int(allowed))
            raise KeyUnavailableError(text, reason=NO_ANSWER) from None

    @property
    def is_stuck(self) -> bool:
        """It does not answer a call that was given up."""
        return self._caller.is_stuck

    def check_wanted(self) -> None:
        """Raise `keys.pkcs11_calls.AbandonedError` within a call that nobody waits for any more."""
        self._caller.check_wanted()

    def restart(self) -> bool:
        """Initialise the library anew, unless that was done just now. Raises `PKCS11Error`."""
        now = time.monotonic()
        if now - self._restarted_at < _RESTART_INTERVAL_S:
            return False
        self._restarted_at = now
        self._initialise()
        return True

    def restart_after(self, pause: float) -> None:
        """Wait, and initialise the library anew once more. Raises `PKCS11Error`."""
        time.sleep(pause)
        self._restarted_at = time.monotonic()
        self._initialise()

    def failed_just_now(self) -> bool:
        """Tell whether a call failed in spite of all a moment ago."""
        return time.monotonic() - self._failed_at < _RESTART_INTERVAL_S

    def note_failure(self) -> None:
        """Note that a call fails in spite of all."""
        self._failed_at = time.monotonic()

    def find_token(self, address: TokenAddress) -> pkcs11.Token:
        """Return the one token that an address names.

        Raises `PKCS11Error` if there is none, `ConfigurationError` if there are several.
        """
        found = [token for token in self._tokens() if _matches(token, address)]
        if not found:
            raise NoSuchToken
        if len(found) > 1:
            raise ConfigurationError(messages.TOKEN_ADDRESS_AMBIGUOUS)
        return found[0]

    def _tokens(self) -> Iterator[pkcs11.Token]:
        """Yield tokens that were initialised; one that is broken must not hide the others."""
        if self._inherited:
            self._initialise()
        self._library.initialize()  # does nothing unless an attempt before failed
        for slot in self._library.get_slots():
            try:
                token = slot.get_token()
            except PKCS11Error:
                continue
            if token.flags & TokenFlag.TOKEN_INITIALIZED:
                yield token

    def _load(self) -> None:
        if self._loaded is not None:
            return
        try:
            loaded = pkcs11.lib(str(self._path))
        except PKCS11Error as error:
            raise _not_loaded(self._path, error) from error
        # When it is freed it calls C_Finalize, holding the interpreter's lock, without end.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(loaded))
        self._loaded = loaded
        atexit.register(self._farewell)

    @property
    def _library(self) -> "Library":
        assert self._loaded is not None  # within a call
        return self._loaded

    def _initialise(self) -> None:
        self.generation += 1
        self._inherited = False
        _finalise(self._path)
        with suppress(PKCS11Error):  # it is finalised, or a child's copy refuses to be
            self._library.finalize()
        self._library.initialize()

    def _farewell(self) -> None:
        """Finalise the library when the process ends, which one that does not answer must not keep
        from ending: it may wait for itself in what the linker calls then.
        """
        with suppress(NoAnswerError):
            if not self._inherited:
                self._caller.call(lambda: _finalise(self._path), _FAREWELL_SECONDS)
        if self._caller.is_stuck:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, _FAREWELL_SECONDS)

    def _before_fork(self) -> None:
        patience = 0.0 if self._caller.is_stuck else ANSWER_SECONDS
        self._is_locked_for_fork = self.lock.acquire(timeout=patience)

    def _after_fork_in_parent(self) -> None:
        if self._is_locked_for_fork:
            self.lock.release()

    def _after_fork(self) -> None:
        """Discard what was inherited: a child initialises anew (PKCS#11 2.40 general overview)."""
        self.lock = threading.RLock()
        self._caller = LibraryThread()
        self.generation += 1
        self._inherited = True
        self._restarted_at = self._failed_at = float("-inf")


def load_module(path: Path) -> Module:
    """Return the library at `path`, the same for all of this process. Raises as `Module`."""
    with _LOADING:
        return _module(path)


def is_any_stuck() -> bool:
    """Tell whether a library of this process does not answer a call that was given up."""
    return any(one.is_stuck for one in _modules)


_modules: Final[list[Module]] = []


@cache
def _module(path: Path) -> Module:
    _modules.append(Module(path))
    return _modules[-1]


class _Functions(ctypes.Structure):
    """Beginning of CK_FUNCTION_LIST (PKCS#11 2.40, 3.6)."""

    _fields_ = (
        ("version", ctypes.c_ubyte * 2),
        ("C_Initialize", ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)),
        ("C_Finalize", ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)),
    )


def _finalise(path: Path) -> None:
    """Call C_Finalize without the interpreter's lock, which `python-pkcs11` holds meanwhile."""
    functions = ctypes.POINTER(_Functions)()
    found = ctypes.CDLL(str(path)).C_GetFunctionList
    if found(ctypes.byref(functions)) == 0:
        functions.contents.C_Finalize(None)


def _matches(token: pkcs11.Token, address: TokenAddress) -> bool:
    serial = token.serial.decode(errors="replace").strip("\0 ")
    wanted = (
        (address.token, token.label),
        (address.serial, serial),
        (address.manufacturer, token.manufacturer_id),
        (address.model, token.model),
        (address.slot_id, token.slot.slot_id),
    )
    return all(expected is None or expected == actual for expected, actual in wanted)


def _check_file(path: Path) -> None:
    """Code that runs in this process must not be for others to change."""
    try:
        status = path.stat()
    except OSError as error:
        raise ConfigurationError(
            messages.pkcs11_module_missing(
                path=path, cause_zh=cause_zh(error), strerror=error.strerror
            ),
        ) from error
    if not stat.S_ISREG(status.st_mode) or status.st_mode & stat.S_IWOTH:
        raise ConfigurationError(messages.pkcs11_module_file_unsafe(path))


def _not_loaded(path: Path, error: PKCS11Error) -> ConfigurationError | KeyUnavailableError:
    if type(error) is PKCS11Error:  # it has no code of PKCS#11: the loader refused the file
        return ConfigurationError(messages.pkcs11_module_not_loadable(path))
    return KeyUnavailableError(
        messages.pkcs11_module_start_failed(path=path, error_name=type(error).__name__)
    )
