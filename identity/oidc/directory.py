"""A provider's list of people, by its SCIM service (RFC 7644 3.4.2): all of it, or nothing.

Who is missing from a list is to be disabled, so a part must never be taken for the whole: the pages
must add up to the total that each of them names, without anybody twice, and the total must not
change meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from core.errors import UnreachableError
from core.web import client
from identity.errors import IdentityError
from identity.oidc import messages
from identity.oidc.errors import ProviderUnreachableError
from identity.oidc.service_access import ServiceAccess
from identity.tokens.claims import optional_id
from identity.tokens.refusals import TokenRefusedError
from identity.tokens.strict import read_object

PAGE: Final = 200
MAX_PAGE: Final = 2 * 1024 * 1024
"""Octets: 200 people with all that a provider sends though it was not asked for."""
MAX_PEOPLE: Final = 100_000
_OK, _UNAUTHORIZED = 200, 401
_TYPES: Final = frozenset({"application/scim+json", "application/json"})


class ListIncompleteError(IdentityError):
    """A list of people that is not whole: nothing may be concluded from it."""

    code = "list_incomplete"


@dataclass(frozen=True, slots=True)
class DirectoryQuery:
    """Question for everybody who may work here."""

    address: str
    """Of the SCIM service, without `/Users`."""
    subject: str
    """Attribute that is `sub` in tokens: `id`, `externalId` or `userName`."""
    narrowed: str | None = None
    """SCIM filter, where the provider knows many who never come here."""


class Directory:
    """People at one provider."""

    def __init__(self, query: DirectoryQuery, access: ServiceAccess) -> None:
        self._query = query
        self._access = access

    def active(self) -> frozenset[str]:
        """Return the subjects that are active.

        Raises `ListIncompleteError`, `ProviderUnreachableError`, and as `ServiceAccess.headers`.
        """
        seen: dict[str, bool] = {}
        total = self._page(1, seen, None)
        while len(seen) < total:
            before = len(seen)
            self._page(before + 1, seen, total)
            if len(seen) == before:
                raise ListIncompleteError(messages.list_incomplete(self._query.address))
        return frozenset(subject for subject, active in seen.items() if active)

    def _page(self, start: int, seen: dict[str, bool], total: int | None) -> int:
        """Add a page to what was seen; return the total that it names."""
        told = self._ask(start)
        found, people = told.get("totalResults"), told.get("Resources", [])
        if (
            isinstance(found, bool)
            or not isinstance(found, int)
            or not 0 <= found <= MAX_PEOPLE
            or found != (found if total is None else total)
            or not isinstance(people, list)
        ):
            raise ListIncompleteError(messages.list_incomplete(self._query.address))
        for one in people:
            subject = self._subject(one)
            if subject is None or subject in seen:
                raise ListIncompleteError(messages.list_incomplete(self._query.address))
            seen[subject] = one.get("active", True) is True
        if len(seen) > found:
            raise ListIncompleteError(messages.list_incomplete(self._query.address))
        return found

    def _subject(self, one: object) -> str | None:
        if not isinstance(one, dict):
            return None
        try:
            return optional_id(one, self._query.subject)
        except TokenRefusedError:
            return None

    def _ask(self, start: int) -> Mapping[str, object]:
        asked = {
            "attributes": f"{self._query.subject},active",
            "startIndex": str(start),
            "count": str(PAGE),
        }
        if self._query.narrowed is not None:
            asked["filter"] = self._query.narrowed
        address = f"{self._query.address.rstrip('/')}/Users?{urlencode(asked)}"
        answer = self._get(address)
        if answer.status == _UNAUTHORIZED:
            self._access.forget()
            answer = self._get(address)
        if answer.status != _OK or answer.media_type not in _TYPES:
            raise ProviderUnreachableError(messages.directory_unusable(self._query.address))
        try:
            return read_object(answer.body)
        except TokenRefusedError as error:
            text = messages.directory_unusable(self._query.address)
            raise ProviderUnreachableError(text) from error

    def _get(self, address: str) -> client.HttpAnswer:
        headers = {**self._access.headers(), "Accept": "application/scim+json, application/json"}
        try:
            return client.ask("GET", address, None, headers, limit=MAX_PAGE)
        except UnreachableError as error:
            text = messages.directory_unusable(self._query.address)
            raise ProviderUnreachableError(text) from error
