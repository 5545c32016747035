"""People of one provider as the storage of a SCIM service: five methods, each bounded."""

from dataclasses import dataclass
from typing import Any

from scim2_models import (
    ForbiddenException,
    InvalidValueException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import ScimStorage, SearchPage

from core.errors import NotAllowedError, UsageError, XinyinError
from issuing_api.ports import SubjectAttribute
from issuing_api.providers.scim_filters import condition_from
from issuing_api.providers.scim_model import MAX_RESULTS, AnyUser, UserByName, model_of
from registry.desk.providers.provisioning import (
    ChangedMeanwhileError,
    PersonSaid,
    ProvisionedPerson,
    Provisioning,
)
from registry.model import ConflictError, NotFoundError

_MAX_START = 1_000_000
_FORBIDDEN = 403


@dataclass
class ProvisionedPeople(ScimStorage):
    """People of one provider; each call is a transaction of its own."""

    people: Provisioning
    subject: SubjectAttribute

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """Return somebody."""
        del resource_type, response_parameters
        try:
            return self._user(self.people.find(resource_id))
        except NotFoundError as error:
            raise NotFoundException from error

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        """Return a page of those who fit."""
        del resource_types, position
        asked = search_request.filter
        condition = None if asked is None else condition_from(asked)
        start, count = search_request.start_index_0 or 0, search_request.count
        found = self.people.search(
            condition,
            start=min(start, _MAX_START),
            count=MAX_RESULTS if count is None else max(0, min(count, MAX_RESULTS)),
        )
        return SearchPage(found[0], [self._user(one) for one in found[1]])

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Record somebody."""
        del resource_type
        try:
            return self._user(self.people.add(self._said(resource)))
        except XinyinError as error:
            raise _told(error) from error

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        """Change somebody."""
        del resource_type
        identity_id = str(resource.id)
        try:
            before = self.people.find(identity_id)
            self._check(before, expected_version)
            said = self._said(resource)
            return self._user(self.people.change(identity_id, said, version=before.version))
        except XinyinError as error:
            raise _told(error) from error

    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        """Disable somebody, and forget them here."""
        del resource_type
        try:
            before = self.people.find(resource_id)
            self._check(before, expected_version)
            self.people.remove(resource_id, version=before.version)
        except XinyinError as error:
            raise _told(error) from error

    def _said(self, resource: Resource[Any]) -> PersonSaid:
        assert isinstance(resource, AnyUser)
        name, external = resource.user_name or "", resource.external_id
        subject = name if isinstance(resource, UserByName) else external or ""
        assert resource.active is not None  # it is required
        return PersonSaid(subject, name, external, resource.active)

    def _user(self, one: ProvisionedPerson) -> AnyUser:
        return model_of(self.subject)(
            id=one.identity_id,
            external_id=one.external_id,
            user_name=one.user_name,
            active=one.active,
            meta=Meta(
                resource_type="User",
                created=one.created_at,
                last_modified=one.changed_at,
                version=_version(one),
            ),
        )

    def _check(self, one: ProvisionedPerson, expected: str | None) -> None:
        if expected not in {None, _version(one)}:
            raise PreconditionFailedException


def _version(one: ProvisionedPerson) -> str:
    """Return the tag of a state; who was disabled here has another."""
    return f'W/"{one.version}.{int(one.active)}"'


def _told(error: XinyinError) -> Exception:
    """Return an error as SCIM tells it (RFC 7644 3.12)."""
    match error:
        case NotFoundError():
            return NotFoundException()
        case ChangedMeanwhileError():
            return PreconditionFailedException()
        case ConflictError():
            return UniquenessException(detail=error.text.en)
        case NotAllowedError():
            return ForbiddenException(detail=error.text.en)
        case UsageError():
            return InvalidValueException(detail=error.text.en)
        case _:
            return error
