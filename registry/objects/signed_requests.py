"""Requests to a bucket that the client of the data leaves out: versions, locks, the bucket's state.

Signed as AWS Signature Version 4 says, in the header, the payload's digest included.
"""

import hashlib
import hmac
import ssl
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote, urlsplit

from core.clock import SystemClock
from core.web.client import HttpAnswer, ask
from registry.objects.place import BucketPlace

_MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""A thousand versions have less than a megabyte."""
_ALGORITHM = "AWS4-HMAC-SHA256"


class SignedRequests:
    """Asks about one bucket."""

    def __init__(self, place: BucketPlace) -> None:
        self._place = place
        self._clock = SystemClock()  # the store compares it with its own, whatever a test's is
        self._context = ssl.create_default_context()
        if place.ca_file is not None:
            self._context.load_verify_locations(place.ca_file)

    def ask(
        self,
        method: str,
        key: str = "",
        query: Mapping[str, str] = MappingProxyType({}),
        body: bytes = b"",
    ) -> HttpAnswer:
        """Return the answer whatever its status; of an object where `key` names one.

        Raises `UnreachableError`.
        """
        parts = urlsplit(self._place.endpoint)
        path = quote(f"{parts.path}/{self._place.bucket}" + (f"/{key}" if key else ""))
        asked = "&".join(
            f"{quote(name, safe='')}={quote(value, safe='')}"
            for name, value in sorted(query.items())
        )
        headers = self._signed(method, parts.netloc, path, asked, body)
        url = f"{parts.scheme}://{parts.netloc}{path}" + (f"?{asked}" if asked else "")
        return ask(
            method, url, body or None, headers, limit=_MAX_ANSWER_BYTES, context=self._context
        )

    def _signed(self, method: str, host: str, path: str, query: str, body: bytes) -> dict[str, str]:
        """Return the headers of a request."""
        payload = hashlib.sha256(body).hexdigest()
        at = f"{self._clock.now():%Y%m%dT%H%M%SZ}"
        headers = {"host": host, "x-amz-content-sha256": payload, "x-amz-date": at}
        names = ";".join(headers)
        said = "".join(f"{name}:{value}\n" for name, value in headers.items())
        canonical = f"{method}\n{path}\n{query}\n{said}\n{names}\n{payload}"
        scope = f"{at[:8]}/{self._place.region}/s3/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        key = f"AWS4{self._place.credentials.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        to_sign = f"{_ALGORITHM}\n{at}\n{scope}\n{digest}"
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        credential = f"{self._place.credentials.key_id}/{scope}"
        del headers["host"]  # the client's
        return headers | {
            "Authorization": f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, "
            f"Signature={signature}"
        }
