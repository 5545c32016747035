"""Objects of a bucket with names of their own, beside the documents; put once, never changed."""

import secrets
from typing import Final

from registry.objects import messages
from registry.objects.bucket import BucketStore
from registry.objects.store import DamagedObjectError

MAX_NAMED_BYTES: Final = 64 * 1024 * 1024


class NamedObjects(BucketStore):
    """Objects under names, in the bucket that the settings name."""

    def put_named(self, name: str, data: bytes) -> bool:
        """Put an object unless there is one of that name; tell whether it is there as it was given.

        Raises `StoreUnreachableError`: it may have been put all the same.
        """
        from obstore import put  # noqa: PLC0415  # only where there is a bucket
        from obstore.exceptions import (  # noqa: PLC0415
            AlreadyExistsError,
            BaseError,
            PreconditionError,
        )

        try:
            put(self._client, self._named(name), data, mode="create", use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            return self.get_named(name) == data  # by an attempt whose answer was lost
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None
        return True

    def get_named(self, name: str) -> bytes | None:
        """Return an object; None where there is none.

        Raises `StoreUnreachableError`, `DamagedObjectError` for one that is too long.
        """
        from obstore import get  # noqa: PLC0415  # only where there is a bucket
        from obstore.exceptions import BaseError  # noqa: PLC0415

        try:
            found = get(self._client, self._named(name))
            if found.meta["size"] > MAX_NAMED_BYTES:
                raise DamagedObjectError(messages.stored_object_wrong(name))
            return bytes(found.bytes())
        except FileNotFoundError as error:
            if self._lacks_bucket(str(error)):
                raise self._unreachable(error) from None
            return None
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, in order. Raises `StoreUnreachableError`."""
        from obstore import list as listed  # noqa: PLC0415  # only where there is a bucket
        from obstore.exceptions import BaseError  # noqa: PLC0415

        beginning = self._named("")
        try:
            found = [
                one["path"].removeprefix(beginning)
                for chunk in listed(self._client, prefix=self._named(folder))
                for one in chunk
            ]
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None
        return sorted(found)

    def keeps_first(self, folder: str) -> bool:
        """Tell whether the store refuses a second object of a name, by putting a probe twice.

        Raises `StoreUnreachableError`.
        """
        name = f"{folder}/probe-{secrets.token_hex(8)}"
        return self.put_named(name, b"first") and not self.put_named(name, b"second")

    def _named(self, name: str) -> str:
        return f"{self._place.prefix}{name}"
