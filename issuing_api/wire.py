"""Shapes of the issuing API: what is asked, and what is answered."""

import base64
import binascii
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from core.ids import AuthorityId
from core.permits import Role
from core.text import Text
from identity.people.model import Assignment, IdentityKind
from identity.tokens.algorithms import JwsAlgorithm
from issuing_api.ports import ProviderParts
from registry.desk.desk import GrantAsk
from registry.desk.rights import CallerStanding
from registry.granting.granting import Granted
from registry.licences.licences import LicenceChange
from registry.model import Licence, LicenceState, Reason
from registry.officers.model import DeskRequest, DeskRequestState
from registry.state_words import standing_on
from signing.levels import PadesLevel

MAX_FIELDS = 100
MAX_PHOTO_BASE64 = 3 * 1024 * 1024


def _printable(value: str) -> str:
    """Refuse characters that hide or turn round: it stays on record for ever."""
    if not value.isprintable():
        raise ValueError("holds characters that do not print")
    return value


_Line = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_printable)]
_Value = Annotated[str, StringConstraints(max_length=10_000)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class GrantBody(_Asked):
    """A licence asked for."""

    type: str = Field(max_length=64, examples=["food-operation"])
    authority: str | None = Field(default=None, max_length=64, examples=["market"])
    record: dict[str, _Value] = Field(
        max_length=MAX_FIELDS,
        description="Fields by key or Chinese label, as in a sheet's columns.",
    )
    basis: _Line | None = None
    photo: str | None = Field(
        default=None, max_length=MAX_PHOTO_BASE64, description="JPEG or PNG, base64."
    )
    level: PadesLevel = PadesLevel.B_LT

    @field_validator("photo")
    @classmethod
    def _is_base64(cls, value: str | None) -> str | None:
        try:
            base64.b64decode(value or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError("is no base64") from error
        return value

    def ask(self) -> GrantAsk:
        """Return it as the desk takes it."""
        return GrantAsk(
            self.type,
            self.record,
            None if self.authority is None else AuthorityId(self.authority),
            self.basis,
            None if self.photo is None else base64.b64decode(self.photo),
            self.level,
        )


class DecisionBody(_Asked):
    """Reason of an approval, rejection or withdrawal."""

    reason: _Line


class ChangeBody(_Asked):
    """A change of a licence's state."""

    change: LicenceChange = Field(examples=["suspend"])
    reason: Reason | None = None
    basis: _Line

    @field_validator("change")
    @classmethod
    def _is_an_authoritys(cls, value: LicenceChange) -> LicenceChange:
        if value not in (LicenceChange.SUSPEND, LicenceChange.REINSTATE, LicenceChange.CANCEL):
            raise ValueError("is suspend, reinstate or cancel")
        return value


class BilingualWire(_Told):
    """Words in two languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Text) -> "BilingualWire":
        """Return the words of a text."""
        return cls(zh=text.zh, en=text.en)


class CommandLineWire(_Told):
    """An identity provider by which command lines sign in, as a public client."""

    alias: str
    label: str
    issuer: str
    client_id: str
    algorithm: JwsAlgorithm
    scopes: list[str]
    acr_values: list[str] = Field(description="Sign-ins that are strong, the best first.")


class SignInWire(_Told):
    """Ways for a command line to sign in; access tokens are for this service (RFC 8707)."""

    providers: list[CommandLineWire]

    @classmethod
    def of(cls, providers: Mapping[str, ProviderParts]) -> "SignInWire":
        """Describe the providers that have a client for command lines."""
        return cls(
            providers=[
                CommandLineWire(
                    alias=alias,
                    label=one.label,
                    issuer=one.client.provider.issuer,
                    client_id=one.command_line,
                    algorithm=one.client.provider.algorithm,
                    scopes=list(one.client.provider.scopes),
                    acr_values=list(one.strong_acrs),
                )
                for alias, one in providers.items()
                if one.command_line is not None
            ]
        )


class RoleWire(_Told):
    """A role in an authority; null: in all."""

    role: Role
    authority: str | None

    @classmethod
    def of(cls, one: Assignment) -> "RoleWire":
        """Return the role of an assignment."""
        return cls(role=one.role, authority=one.authority_id)


class MeWire(_Told):
    """The caller, with the roles and reach that they have now."""

    id: str | None
    name: str
    kind: IdentityKind
    issuer: str
    roles: list[RoleWire]
    authorities: list[str] | None = Field(description="Within reach; null: all.")
    auth_time: datetime | None
    acr: str | None

    @classmethod
    def of(cls, standing: CallerStanding) -> "MeWire":
        """Describe the caller to themselves."""
        identity, reach = standing.identity, standing.reach.authorities
        return cls(
            id=identity.identity_id,
            name=identity.name,
            kind=identity.kind,
            issuer=identity.pin.iss,
            roles=[RoleWire.of(one) for one in standing.assignments],
            authorities=None if reach is None else sorted(reach),
            auth_time=identity.auth_time,
            acr=identity.acr,
        )


class RequestWire(_Told):
    """A request, without what it asks for."""

    id: str
    state: DeskRequestState
    action: str
    type: str | None
    authority: str | None
    requested_by: str
    requested_at: datetime
    lapses_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None

    @classmethod
    def of(cls, one: DeskRequest) -> "RequestWire":
        """Return a request's own facts."""
        return cls(
            id=one.request_id,
            state=one.state,
            action=one.action,
            type=one.type_code,
            authority=one.authority_id,
            requested_by=one.requested_by,
            requested_at=one.requested_at,
            lapses_at=one.lapses_at,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            reason=one.reason,
        )


class RequestContentWire(RequestWire):
    """A request with what it asks for: for who decides."""

    record: Mapping[str, str]
    basis: str | None
    level: PadesLevel
    photo: bool = Field(description="There is one, at `/photo`: look at it before you approve.")

    @classmethod
    def whole(cls, one: DeskRequest, ask: GrantAsk) -> "RequestContentWire":
        """Return a request and its content."""
        facts = RequestWire.of(one).model_dump()
        return cls(
            **facts,
            record=ask.record,
            basis=ask.basis,
            level=ask.level,
            photo=ask.photo is not None,
        )


class RequestsWire(_Told):
    """Requests within reach."""

    requests: list[RequestWire]


class LicenceRecordWire(_Told):
    """A licence on record."""

    identifier: str
    number: str
    type: str
    authority: str
    state: LicenceState
    words: BilingualWire
    reason: Reason | None
    basis: str | None
    holders: list[str]
    granted_on: date
    valid_from: date
    valid_until: date | None
    sha256: str | None = None
    """Of the document, where it was just granted."""

    @classmethod
    def of(cls, one: Licence, today: date, sha256: str | None = None) -> "LicenceRecordWire":
        """Describe a licence, and how it stands today."""
        return cls(
            identifier=one.identifier,
            number=one.number,
            type=one.type_code,
            authority=one.authority_id,
            state=one.effective_state(today),
            words=BilingualWire.of(standing_on(one, today)),
            reason=one.reason,
            basis=one.basis,
            holders=[holder.name for holder in one.holders],
            granted_on=one.granted_on,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            sha256=sha256,
        )

    @classmethod
    def granted(cls, one: Granted, today: date) -> "LicenceRecordWire":
        """Return a licence that was granted."""
        return cls.of(one.licence, today, one.sha256)


class LicencesWire(_Told):
    """Licences within reach."""

    licences: list[LicenceRecordWire]
