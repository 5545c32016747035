"""Stored documents as a verifier sees them: there, or not here just now."""

import logging
import time

from core.errors import UnreachableError
from core.ids import Sha256
from registry.objects.store import DamagedObjectError, MissingObjectError, ObjectReader

_PAUSE_SECONDS = 10.0
"""After a store did not answer: nobody waits for it again and again."""

_log = logging.getLogger(__name__)


class StoredDocuments:
    """Returns documents; what the store does not give is missing, never altered.

    None is no verdict: the answer is then "could not check", or what was judged before.
    """

    def __init__(self, reader: ObjectReader) -> None:
        self._reader = reader
        self._away_until = 0.0

    def __call__(self, sha256: Sha256) -> bytes | None:
        """Return a document; None where this process has none, or the store is out of order."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return self._reader.get(sha256)
        except MissingObjectError:
            return None  # this machine may hold no documents
        except DamagedObjectError as error:
            _log.critical("alarm %s: %s", error.code, error.text.en, extra={"code": error.code})
        except UnreachableError as error:
            self._away_until = time.monotonic() + _PAUSE_SECONDS
            _log.error("stored documents: %s", error.text.en, extra={"code": error.code})
        return None
