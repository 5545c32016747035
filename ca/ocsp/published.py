"""An OCSP answer as HTTP carries it (RFC 6960 A.1, RFC 9919 6.2), encoded once for all who ask."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from ca.ocsp.responder import OcspAnswer, OcspStatus

MAX_AGE = 60
"""Seconds that an answer may be cached: how late a revocation may be seen."""
Headers = list[tuple[bytes, bytes]]
_TYPE = (b"content-type", b"application/ocsp-response")
_NO_STORE = (b"cache-control", b"no-store")
_CACHE = (b"cache-control", b"max-age=%d, public, no-transform, must-revalidate" % MAX_AGE)
_GOOD, _REVOKED = 0x80, 0xA1
_STATUS_NAMES = {_GOOD: "good", _REVOKED: "revoked"}


@dataclass(frozen=True, slots=True)
class Published:
    """An answer with its headers; `Expires` is added as it leaves."""

    answer: OcspAnswer
    kind: str
    """For the metrics: from a closed set."""
    headers: Headers
    """With a 200."""
    etag: bytes | None
    """None where the answer may not be cached; so the next."""
    last_modified: datetime | None


def publish(answer: OcspAnswer) -> Published:
    """Encode the headers of an answer; only those that may be cached get any of caches' concern."""
    length = (b"content-length", b"%d" % len(answer.der))
    if not answer.cacheable or answer.this_update is None:
        return Published(answer, _kind(answer), [_TYPE, length, _NO_STORE], None, None)
    etag = b'"%s"' % hashlib.sha256(answer.der).hexdigest()[:32].encode()
    modified = (b"last-modified", http_date(answer.this_update))
    headers = [_TYPE, length, _CACHE, modified, (b"etag", etag)]
    return Published(answer, _kind(answer), headers, etag, answer.this_update)


def not_modified(published: Published) -> Headers:
    """Return the headers of a 304 (RFC 9110 15.4.5)."""
    return [one for one in published.headers if one[0] not in (b"content-type", b"content-length")]


def http_date(instant: datetime) -> bytes:
    """Return an IMF-fixdate (RFC 9110 5.6.7)."""
    return format_datetime(instant.astimezone(UTC), usegmt=True).encode()


def _kind(answer: OcspAnswer) -> str:
    if answer.status is not OcspStatus.SUCCESSFUL:
        return answer.status.name.lower()
    if len(answer.statuses) != 1:
        return "several"
    return _STATUS_NAMES.get(answer.statuses[0][0], "unknown")
