"""Shapes of requests: asked for, decided, listed."""

import base64
import binascii
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator

from core.ids import AuthorityId
from issuing_api.wire import AskedWire, BilingualWire, Line, ToldWire
from registry.desk.contents import BatchAsk, ChangeAsk, Content, GrantAsk, TypeAsk
from registry.granting.batches import ChangeDecision
from registry.licences.licences import LicenceChange
from registry.licences.reasons import MAX_DOCUMENT_NUMBER
from registry.model import Licence, Reason
from registry.officers.model import DeskRequest, DeskRequestState
from registry.types.numbering import FROM_PAPER
from signing.levels import PadesLevel

MAX_FIELDS = 100
MAX_PHOTO_BASE64 = 3 * 1024 * 1024
_Value = Annotated[str, StringConstraints(max_length=10_000)]


def decodable(value: str | None) -> str | None:
    """Return base64 as it is. Raises `ValueError` for anything else."""
    try:
        base64.b64decode(value or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is no base64") from error
    return value


class GrantBody(AskedWire):
    """A licence asked for."""

    type: str = Field(max_length=64, examples=["food-operation"])
    authority: str | None = Field(default=None, max_length=64, examples=["market"])
    record: dict[str, _Value] = Field(
        max_length=MAX_FIELDS,
        description="Fields by key or Chinese label, as in a sheet's columns.",
    )
    basis: Line | None = None
    photo: str | None = Field(
        default=None, max_length=MAX_PHOTO_BASE64, description="JPEG or PNG, base64."
    )
    level: PadesLevel = PadesLevel.B_LT
    from_paper: str | None = Field(
        default=None,
        max_length=64,
        description="Number of the licence on paper that was taken over and whose place it takes; "
        "in a sheet's rows the column 纸质证照编号.",
    )

    @field_validator("photo")
    @classmethod
    def _is_base64(cls, value: str | None) -> str | None:
        return decodable(value)

    def ask(self) -> GrantAsk:
        """Return it as the desk takes it."""
        paper = {} if self.from_paper is None else {FROM_PAPER: self.from_paper}
        return GrantAsk(
            self.type,
            {**self.record, **paper},
            None if self.authority is None else AuthorityId(self.authority),
            self.basis,
            None if self.photo is None else base64.b64decode(self.photo),
            self.level,
        )


class VersionBody(AskedWire):
    """A new version of a licence: renewed, changed, corrected or reissued."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description="`RENEWED`, `CHANGED`, `CORRECTED` or `REISSUED`, as the type lists it; also "
        "by its Chinese name, or by the branch's own code.",
        examples=["CHANGED"],
    )
    record: dict[str, _Value] = Field(
        max_length=MAX_FIELDS, description="All fields, as they shall be."
    )
    basis: Line
    document_number: (
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_DOCUMENT_NUMBER)] | None
    ) = Field(default=None, description="Of the document of record (文号).")
    photo: str | None = Field(
        default=None, max_length=MAX_PHOTO_BASE64, description="JPEG or PNG, base64."
    )
    keep_photo: bool = Field(
        default=False, description="Keep the photo of the licence that is replaced."
    )
    level: PadesLevel = PadesLevel.B_LT

    @field_validator("photo")
    @classmethod
    def _is_base64(cls, value: str | None) -> str | None:
        return decodable(value)

    def ask(self, before: Licence, reason: Reason) -> GrantAsk:
        """Return it as the desk takes it, for the licence that it replaces."""
        return GrantAsk(
            before.type_code,
            self.record,
            before.authority_id,
            self.basis,
            None if self.photo is None else base64.b64decode(self.photo),
            self.level,
            self.document_number,
            before.identifier,
            reason,
        )


class DecisionBody(AskedWire):
    """Reason of an approval, rejection or withdrawal."""

    reason: Line


class RequestWire(ToldWire):
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
    rows: int | None = Field(default=None, description="Of a batch.")
    document: str | None = Field(
        default=None, description="On which a seal is asked for; see `/countersigning/…`."
    )

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
            rows=one.rows,
            document=one.document,
        )


class ChangeWire(ToldWire):
    """A change of a licence's state."""

    licence: str
    change: LicenceChange
    reason: Reason | None
    document_number: str | None
    until: date | None = Field(default=None, description="Last day of a suspension.")


class VersionWire(ToldWire):
    """Licence that a new version replaces."""

    replaces: str
    reason: Reason | None
    document_number: str | None


class BatchTermsWire(ToldWire):
    """Terms on which the rows of a batch are to be granted; they are at `/batches/ID/rows`."""

    changed: ChangeDecision | None
    further: bool
    name: str
    documents: dict[str, Any] | None = Field(
        default=None, description="Of documents: how each file is sealed; see `…/files`."
    )
    countersigns: bool = Field(
        default=False, description="Its row names a document of another, at `/countersigning/…`."
    )


class DefinitionWire(ToldWire):
    """A newer definition of a licence type."""

    source: str = Field(description="TOML.")
    changes: list[BilingualWire] = Field(description="What the public would see otherwise.")


class RequestContentWire(RequestWire):
    """A request with what it asks for: for who decides. Of `record`, `change`, `batch` and
    `definition` it has one.
    """

    record: dict[str, str] | None = None
    version: VersionWire | None = Field(
        default=None, description="With `record`: which licence it replaces, and why."
    )
    change: ChangeWire | None = None
    batch: BatchTermsWire | None = None
    definition: DefinitionWire | None = None
    basis: str | None
    level: PadesLevel | None = None
    photo: bool = Field(
        default=False, description="There is one, at `/photo`: look at it before you approve."
    )

    @classmethod
    def whole(cls, one: DeskRequest, content: Content) -> "RequestContentWire":
        """Return a request and its content."""
        facts = RequestWire.of(one).model_dump() | {"basis": content.basis}
        match content:
            case GrantAsk():
                record, photo = dict(content.record), content.photo is not None
                version = None
                if content.replaces is not None:
                    version = VersionWire(
                        replaces=content.replaces,
                        reason=content.reason,
                        document_number=content.document_number,
                    )
                return cls(
                    **facts, record=record, version=version, level=content.level, photo=photo
                )
            case ChangeAsk():
                change = ChangeWire(
                    licence=content.identifier,
                    change=content.change,
                    reason=content.reason,
                    document_number=content.document_number,
                    until=content.until,
                )
                return cls(**facts, change=change)
            case BatchAsk():
                batch = BatchTermsWire(
                    changed=content.changed,
                    further=content.further,
                    name=content.name,
                    documents=None if content.wishes is None else dict(content.wishes),
                    countersigns=content.countersigns,
                )
                return cls(**facts, batch=batch, level=content.level)
            case TypeAsk():
                changes = [BilingualWire.of(one) for one in content.changes]
                return cls(
                    **facts, definition=DefinitionWire(source=content.source, changes=changes)
                )


class RequestsWire(ToldWire):
    """Requests within reach, the oldest first."""

    requests: list[RequestWire]
    next: str | None = Field(description="Address of the next page, if there is one.")
