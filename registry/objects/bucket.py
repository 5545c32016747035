"""Documents and photos in a bucket of an S3-compatible store.

Put only where nothing has the name yet (If-None-Match), read back against our own digest: stores
were found that take a wrong checksum. Names are those of the files in a home: two hex digits of the
digest, a slash, the rest; nothing of a person.

The client runs threads of its own, which a fork leaves behind: it is opened at the first use, in
the process that uses it, and a process that was forked after that is refused rather than hung.
"""

import os
import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from core.errors import StorageError, UnreachableError
from core.ids import Sha256
from core.text import Text
from core.web.client import HttpAnswer
from registry.objects import messages
from registry.objects.place import BucketPlace
from registry.objects.signed_requests import SignedRequests
from registry.objects.store import (
    DamagedObjectError,
    LockedObjectError,
    MissingObjectError,
    StoreUnreachableError,
    sha256_of,
)

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Store

MAX_OBJECT_BYTES: Final = 256 * 1024 * 1024
"""Longer than what any way in lets pass: nothing of ours."""
_NAME = re.compile("([0-9a-f]{2})/([0-9a-f]{62})")
_DELETED = frozenset({200, 202, 204, 404})
_FORBIDDEN, _OK = 403, 200
_CONNECT_SECONDS = 5
_PUT_AT_ONCE = 8
_LONGEST_PAUSE_SECONDS = 2
_used_by: list[int] = []
"""Process that began to use the client's threads; one of them, as long as it lives."""


class BucketReader:
    """Reads what a bucket holds; for roles that only read."""

    def __init__(self, place: BucketPlace) -> None:
        self._place = place
        self._opening = threading.Lock()
        self._opened: S3Store | None = None

    def get(self, sha256: Sha256) -> bytes:
        """Return the stored bytes, checked against their name.

        Raises `DamagedObjectError`, also where it is missing; `StoreUnreachableError`.
        """
        from obstore import get  # noqa: PLC0415  # only where there is a bucket
        from obstore.exceptions import BaseError  # noqa: PLC0415

        try:
            found = get(self._client, self._key(sha256))
            whole = found.meta["size"] <= MAX_OBJECT_BYTES
            data = bytes(found.bytes()) if whole else b""
        except FileNotFoundError as error:
            if self._lacks_bucket(str(error)):
                raise self._unreachable(error) from None
            raise MissingObjectError(messages.stored_object_missing(sha256[:12])) from None
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None
        if sha256_of(data) != sha256:
            raise DamagedObjectError(messages.stored_object_wrong(sha256[:12]))
        return data

    @property
    def _client(self) -> "S3Store":
        """The client, opened in this process. Raises `ConfigurationError`."""
        with self._opening:
            if _used_by and _used_by[0] != os.getpid():
                raise RuntimeError("the object store was used before this process was forked")
            if self._opened is None:
                self._opened = self._open()
                _used_by[:] = [os.getpid()]
            return self._opened

    def _open(self) -> "S3Store":
        from obstore.store import S3Store  # noqa: PLC0415  # only where there is a bucket

        place = self._place
        trusted: ClientConfig = {}
        if place.ca_file is not None:
            trusted = {"root_certificate": place.ca_file.read_bytes()}
        return S3Store(
            place.bucket,
            config={
                "endpoint": place.endpoint,
                "region": place.region,
                "access_key_id": place.credentials.key_id,
                "secret_access_key": place.credentials.secret,
                "virtual_hosted_style_request": False,
                "skip_signature": False,
                "conditional_put": "etag",
                "checksum_algorithm": "sha256",  # object lock wants one (S3's PutObject)
            },
            client_options={
                "allow_http": place.endpoint.startswith("http://"),  # on loopback: core.settings
                "allow_invalid_certificates": False,
                "connect_timeout": timedelta(seconds=min(_CONNECT_SECONDS, place.seconds)),
                "timeout": timedelta(seconds=place.seconds),
                **trusted,
            },
            retry_config={
                "max_retries": place.attempts - 1,
                "retry_timeout": timedelta(seconds=place.seconds * place.attempts),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=_LONGEST_PAUSE_SECONDS),
                    "base": 2,
                },
            },
        )

    def _key(self, sha256: Sha256) -> str:
        return f"{self._place.prefix}{sha256[:2]}/{sha256[2:]}"

    @staticmethod
    def _lacks_bucket(said: str) -> bool:
        return "NoSuchBucket" in said

    def _unreachable(self, error: Exception) -> StoreUnreachableError:
        """Return the error to raise; what the client says may quote a request: its kind is told."""
        said = str(error)
        status = re.search(r"status code: (\d{3})", said)
        code = re.search(r"<Code>(\w{1,60})</Code>", said)
        why = " ".join(one[1] for one in (status, code) if one)
        host = self._place.endpoint.partition("://")[2]
        if not why:
            return StoreUnreachableError(messages.store_unreachable(host))
        return StoreUnreachableError(messages.store_refused(host, Text(why, why)))


class BucketStore(BucketReader):
    """Keeps documents and photos in a bucket."""

    def put(self, data: bytes) -> Sha256:
        """Store `data`, durable when this returns.

        Where the name is taken, its content must be the same. Raises `DamagedObjectError` where it
        is not, `StoreUnreachableError`; a repeated call does no harm.
        """
        from obstore import put  # noqa: PLC0415  # only where there is a bucket
        from obstore.exceptions import (  # noqa: PLC0415
            AlreadyExistsError,
            BaseError,
            PreconditionError,
        )

        sha256 = sha256_of(data)
        if len(data) > MAX_OBJECT_BYTES:
            raise StorageError(messages.object_too_large(MAX_OBJECT_BYTES))
        try:
            put(self._client, self._key(sha256), data, mode="create", use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            self.get(sha256)
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None
        return sha256

    def put_all(self, objects: Sequence[bytes]) -> list[Sha256]:
        """Store several, some at a time; all that could be stored are when this raises as `put`."""
        with ThreadPoolExecutor(min(_PUT_AT_ONCE, max(1, len(objects)))) as threads:
            return list(threads.map(self.put, objects))

    def erase(self, sha256: Sha256) -> None:
        """Remove content for good, every version of it; what is gone already is no error.

        Raises `LockedObjectError` while the store's lock holds a version, `StoreUnreachableError`.
        """
        key = self._key(sha256)
        for version in self._versions(key):
            answer = self._ask({"versionId": version}, "DELETE", key)
            if answer.status == _FORBIDDEN and self.lock is not None:
                raise LockedObjectError(messages.object_locked(sha256[:12]))
            if answer.status not in _DELETED:
                raise self._refused(answer)

    def list_objects(self) -> list[Sha256]:
        """Return the digests of all that is stored, in order. Raises `StoreUnreachableError`."""
        from obstore import list as listed  # noqa: PLC0415  # only where there is a bucket
        from obstore.exceptions import BaseError  # noqa: PLC0415

        prefix, found = self._place.prefix, []
        try:
            for chunk in listed(self._client, prefix=prefix or None):
                for one in chunk:
                    named = _NAME.fullmatch(one["path"].removeprefix(prefix))
                    if named:
                        found.append(Sha256(named[1] + named[2]))
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None
        return sorted(found)

    @cached_property
    def requests(self) -> SignedRequests:
        """Requests about the bucket and about versions."""
        return SignedRequests(self._place)

    @property
    def is_versioned(self) -> bool:
        """True where the bucket keeps what is deleted. Raises `StoreUnreachableError`."""
        answer = self._bucket("versioning")
        return answer.status == _OK and _texts(answer, "Status") == ["Enabled"]

    @property
    def lock(self) -> str | None:
        """The bucket's lock, as "GOVERNANCE 30 days": which new objects get; None: it has none.

        A lock without a rule of its own for new objects counts as none. Raises
        `StoreUnreachableError`.
        """
        answer = self._bucket("object-lock")
        if answer.status != _OK or _texts(answer, "ObjectLockEnabled") != ["Enabled"]:
            return None
        mode = _texts(answer, "Mode")
        days, years = _texts(answer, "Days"), _texts(answer, "Years")
        if not mode or not (days or years):
            return None
        return f"{mode[0]} " + (f"{days[0]} days" if days else f"{years[0]} years")

    def check_reach(self) -> None:
        """See that the bucket is there and may be listed. Raises `StoreUnreachableError`."""
        answer = self._ask({"list-type": "2", "max-keys": "1", "prefix": self._place.prefix})
        if answer.status != _OK:
            raise self._refused(answer)

    def _bucket(self, subresource: str) -> HttpAnswer:
        return self._ask({subresource: ""})

    def _ask(self, query: dict[str, str], method: str = "GET", key: str = "") -> HttpAnswer:
        try:
            return self.requests.ask(method, key, query)
        except UnreachableError as error:
            raise StoreUnreachableError(error.text) from error

    def _versions(self, key: str) -> Iterator[str]:
        """Yield the versions of an object; of a bucket that keeps none, "null"."""
        after: dict[str, str] = {}
        while True:
            answer = self._ask({"versions": "", "prefix": key, **after})
            if answer.status != _OK:
                raise self._refused(answer)
            root = _parsed(answer)
            for one in root:
                named = one.findtext("{*}Key") == key
                if named and (version := one.findtext("{*}VersionId")) is not None:
                    yield version
            if root.findtext("{*}IsTruncated") != "true":
                return
            after = {
                "key-marker": root.findtext("{*}NextKeyMarker") or "",
                "version-id-marker": root.findtext("{*}NextVersionIdMarker") or "",
            }

    def _refused(self, answer: HttpAnswer) -> StoreUnreachableError:
        said = answer.body[:4096].decode("utf-8", "replace")
        return self._unreachable(Exception(f"status code: {answer.status} {said}"))


def _parsed(answer: HttpAnswer) -> ET.Element:
    """Return an answer's root. Raises `StoreUnreachableError` unless it is plain XML."""
    if b"<!" in answer.body:  # no document types, hence no entities
        raise StoreUnreachableError(messages.STORE_ANSWER_MALFORMED)
    try:
        return ET.fromstring(answer.body)  # noqa: S314  # see above
    except ET.ParseError as error:
        raise StoreUnreachableError(messages.STORE_ANSWER_MALFORMED) from error


def _texts(answer: HttpAnswer, name: str) -> list[str]:
    return [one.text or "" for one in _parsed(answer).iterfind(f".//{{*}}{name}")]
