"""The operating system's keyring, where there is one, for the secrets of a sign-in.

A keyring counts only if it is one that `keyring` itself recommends (the plain file of keyrings.alt
is not), and if it gives back what it was given: one backend keeps nothing and says nothing.
"""

from typing import Any, Final

SERVICE: Final = "xinyin"
_RECOMMENDED: Final = 1
"""Least priority of a backend that keeps secrets safely (keyring.core.recommended)."""


class OsKeyring:
    """Keyring of this account; every method says whether it worked, and raises nothing."""

    def keep(self, name: str, secret: str) -> bool:
        """Keep a secret in the place of an earlier one; tell whether it can be had back."""
        backend = _backend()
        if backend is None:
            return False
        try:
            backend.set_password(SERVICE, name, secret)
            kept = bool(backend.get_password(SERVICE, name) == secret)
        except Exception:  # noqa: BLE001  # each backend raises errors of its own
            kept = False
        if not kept:
            self.forget(name)
        return kept

    def find(self, name: str) -> str | None:
        """Return a secret; None where there is none, or it cannot be had just now."""
        backend = _backend()
        try:
            return None if backend is None else backend.get_password(SERVICE, name)
        except Exception:  # noqa: BLE001  # as above
            return None

    def forget(self, name: str) -> bool:
        """Remove a secret; tell whether none is left."""
        backend = _backend()
        if backend is None:
            return False
        try:
            if backend.get_password(SERVICE, name) is None:
                return True
            backend.delete_password(SERVICE, name)
            return backend.get_password(SERVICE, name) is None
        except Exception:  # noqa: BLE001  # as above
            return False


def _backend() -> Any:
    """Return the keyring that is there, if it is one to trust; loaded when it is first needed."""
    try:
        import keyring  # noqa: PLC0415  # an option of this package, and slow to load

        backend = keyring.get_keyring()
        safe = backend.priority >= _RECOMMENDED
    except Exception:  # noqa: BLE001  # not installed, or no desktop to speak to
        return None
    return backend if safe else None
