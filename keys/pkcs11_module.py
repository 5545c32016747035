"""A PKCS#11 library in this process: one thread at a time, initialised anew after a fork.

Such a library is a matter of the whole process: it is loaded and initialised once, and an
application is logged in to a token, not a session. Handles are small numbers that begin again when
the library is initialised again, so a stale one may name another key. Hence `generation`: whoever
holds a session compares it, under the lock, before every use.
"""

import os
import stat
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pkcs11
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import NoSuchToken, PKCS11Error

from core.errors import ConfigurationError
from core.os_errors import cause_zh
from keys import messages
from keys.model import KeyUnavailableError
from keys.pkcs11_uri import TokenAddress

if TYPE_CHECKING:
    from pkcs11._pkcs11 import lib as Library  # noqa: N812

_RESTART_INTERVAL_S = 1.0
"""While a token is away, the library is initialised anew at most this often."""

_LOADING = threading.Lock()
"""Held while a library is looked up, so that it is loaded once."""


class Module:
    """A loaded library. Every call into it is made with `lock` held.

    `python-pkcs11` initialises without locking (C_Initialize with NULL: PKCS#11 2.40, 5.4), so
    that threads of one process take turns; work is spread over processes.
    """

    def __init__(self, path: Path) -> None:
        """Load it. Raises `ConfigurationError`, `KeyUnavailableError`."""
        _check_file(path)
        self.lock = threading.RLock()
        self.generation = 0
        """Grows whenever all sessions and handles became void."""
        self._restarted_at = self._failed_at = float("-inf")
        self._inherited = False
        """This process is a child that has not initialised its copy yet."""
        try:
            self._library: Library = pkcs11.lib(str(path))
        except PKCS11Error as error:
            raise _not_loaded(path, error) from error
        # A fork waits for the call that is being made, so that the child's copy is whole.
        os.register_at_fork(
            before=self._before_fork,
            after_in_parent=self._after_fork_in_parent,
            after_in_child=self._after_fork,
        )

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

    def _initialise(self) -> None:
        self.generation += 1
        self._inherited = False
        try:
            self._library.reinitialize()
        except PKCS11Error:  # a child's copy may refuse to be finalised
            self._library.initialize()

    def _before_fork(self) -> None:
        self.lock.acquire()

    def _after_fork_in_parent(self) -> None:
        self.lock.release()

    def _after_fork(self) -> None:
        """Discard what was inherited: a child initialises anew (PKCS#11 2.40 general overview)."""
        self.lock = threading.RLock()
        self.generation += 1
        self._inherited = True
        self._restarted_at = self._failed_at = float("-inf")


def load_module(path: Path) -> Module:
    """Return the library at `path`, the same for all of this process."""
    with _LOADING:
        return _load(path)


@cache
def _load(path: Path) -> Module:
    return Module(path)


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
