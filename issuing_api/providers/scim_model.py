"""The user as our SCIM service knows it (RFC 7643), and what the service offers.

Three attributes: what is not needed to let somebody in or out is not taken, whatever a provider
sends along. Whichever attribute is the subject in the provider's tokens cannot be changed. `active`
is never unknown; whoever records somebody without it means true (`scim_bodies`).
"""

from typing import Annotated, Final

from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ETag,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from issuing_api.ports import SubjectAttribute

PREFIX: Final = "/issuing/scim/v2"
MAX_RESULTS: Final = 200
_USER = URN("urn:ietf:params:scim:schemas:core:2.0:User")
_NAME = "User"


class UserByExternalId(Resource):  # type: ignore[type-arg]
    """User whose `externalId` is the subject."""

    __schema__ = _USER
    external_id: Annotated[
        str | None, CaseExact.true, Mutability.immutable, Required.true, Uniqueness.server
    ] = None
    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    active: Annotated[bool | None, Required.true] = None


class UserByName(Resource):  # type: ignore[type-arg]
    """User whose `userName` is the subject."""

    __schema__ = _USER
    user_name: Annotated[str | None, Mutability.immutable, Uniqueness.server, Required.true] = None
    active: Annotated[bool | None, Required.true] = None


AnyUser = UserByExternalId | UserByName


def model_of(subject: SubjectAttribute) -> type[AnyUser]:
    """Return the user of a provider."""
    return UserByExternalId if subject is SubjectAttribute.EXTERNAL_ID else UserByName


def offer(subject: SubjectAttribute) -> ScimProvider:
    """Return the service's offer to the client of a provider."""
    model = model_of(subject)
    kind = ResourceType(id=_NAME, name=_NAME, endpoint=Reference("/Users"), schema=Reference(_USER))
    return ScimProvider([model], [kind], _CONFIG)


_CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MAX_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauth2,
            name="OAuth 2.0 with DPoP (RFC 9449)",
            description="Access tokens (RFC 9068) of a client that proves itself by a key.",
        )
    ],
)
