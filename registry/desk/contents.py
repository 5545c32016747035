"""Contents of requests, kept until they are carried out or end: they hold personal data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from core.ids import AuthorityId, LicenceIdentifier
from core.permits import Action
from core.text import Text
from registry.db.conflicts import insert_unless_there
from registry.db.tables import request_contents
from registry.desk import messages
from registry.granting.batches import ChangeDecision
from registry.licences.licences import LicenceChange
from registry.model import ConflictError, NotFoundError, Reason
from registry.officers.model import OPEN, DeskRequest, DeskRequestState
from registry.privacy import places
from registry.privacy.codes import privacy_of
from registry.privacy.records import read_content, read_file, sealed_content, sealed_file
from signing.levels import PadesLevel

_ACTIONS = (Action.GRANT, Action.CHANGE_LICENCE, Action.MANAGE_AUTHORITY)


class ContentGoneError(ConflictError):
    """The content of a request is not kept any more: it ended."""


class OtherContentError(ConflictError):
    """The request asks for something of another kind."""


@dataclass(frozen=True, slots=True)
class GrantAsk:
    """A licence that somebody asks for."""

    type_code: str
    """Code or short name of the type."""
    record: Mapping[str, str]
    """Fields by key or Chinese label."""
    authority_id: AuthorityId | None = None
    """None where one authority alone grants the type."""
    basis: str | None = None
    photo: bytes | None = None
    level: PadesLevel = PadesLevel.B_LT
    document_number: str | None = None
    """Of the document of record (文号)."""
    replaces: LicenceIdentifier | None = None
    """The licence of which it is to be a new version."""
    reason: Reason | None = None
    """Why it replaces that one."""


@dataclass(frozen=True, slots=True)
class ChangeAsk:
    """A change of a licence's state that somebody asks for."""

    identifier: LicenceIdentifier
    change: LicenceChange
    reason: Reason | None
    basis: str
    document_number: str | None = None
    """Of the document of record (文号)."""
    until: date | None = None
    """Last day of a suspension that ends by itself."""


@dataclass(frozen=True, slots=True)
class BatchAsk:
    """A batch that somebody asks for, but for its rows (`registry.desk.batch_rows`)."""

    type_code: str
    authority_id: AuthorityId
    basis: str | None = None
    level: PadesLevel = PadesLevel.B_LT
    changed: ChangeDecision | None = None
    further: bool = False
    name: str = ""
    wishes: Mapping[str, object] | None = None
    """Of official documents: how each file is sealed (`registry.desk.documents.wishes`)."""
    countersigns: bool = False
    """Its rows are documents of others that wait for the authority's seal."""


@dataclass(frozen=True, slots=True)
class TypeAsk:
    """A newer definition of a licence type, which changes what the public may see."""

    source: str
    """TOML."""
    changes: tuple[Text, ...]
    """What the public would see otherwise, in words."""
    basis: str | None = None


Content = GrantAsk | ChangeAsk | BatchAsk | TypeAsk
_Kind = TypeVar("_Kind", GrantAsk, ChangeAsk, BatchAsk, TypeAsk)


def keep_content(connection: Connection, made: DeskRequest, content: Content) -> None:
    """Keep what a request asks for, in the transaction that makes it."""
    if made.state in OPEN:
        privacy, place = privacy_of(connection), places.of_content(made.request_id)
        kept = sealed_content(privacy, place, _kept(content))
        photo = content.photo if isinstance(content, GrantAsk) else None
        if photo is not None:
            photo = sealed_file(privacy, places.of_content(made.request_id, "photo"), photo)
        values = {"request_id": made.request_id, "content": kept, "photo": photo}
        insert_unless_there(connection, request_contents, values)


def content_of(connection: Connection, found: DeskRequest, *, carried_out: bool = False) -> Content:
    """Return the content of a request; `carried_out`: also while its job goes on.

    Raises `ContentGoneError`, and `NotFoundError` for a request of another desk, as for a key.
    """
    if found.action not in _ACTIONS:
        raise NotFoundError(messages.NOT_A_LICENCE)
    query = select(request_contents).where(request_contents.c.request_id == found.request_id)
    row = connection.execute(query).one_or_none()
    under_way = carried_out and found.state is DeskRequestState.DONE
    if row is None or (found.state not in OPEN and not under_way):
        raise ContentGoneError(messages.CONTENT_GONE)
    privacy, photo = privacy_of(connection), row.photo
    kept = read_content(privacy, places.of_content(found.request_id), row.content)
    if photo is not None:
        photo = read_file(privacy, places.of_content(found.request_id, "photo"), photo)
    return _read(kept, photo, found)


def only(content: Content, kind: type[_Kind]) -> _Kind:
    """Return a content of one kind. Raises `OtherContentError`."""
    if not isinstance(content, kind):
        raise OtherContentError(messages.OTHER_KIND_OF_REQUEST)
    return content


def _kept(content: Content) -> dict[str, object]:
    match content:
        case GrantAsk():
            return {
                "kind": "grant",
                "type": content.type_code,
                "record": dict(content.record),
                "basis": content.basis,
                "level": content.level.value,
                "document_number": content.document_number,
                "replaces": content.replaces,
                "reason": content.reason,
            }
        case ChangeAsk():
            return {
                "kind": "change",
                "identifier": content.identifier,
                "change": content.change,
                "reason": content.reason,
                "basis": content.basis,
                "document_number": content.document_number,
                "until": None if content.until is None else content.until.isoformat(),
            }
        case BatchAsk():
            return {
                "kind": "batch",
                "type": content.type_code,
                "authority": content.authority_id,
                "basis": content.basis,
                "level": content.level.value,
                "changed": content.changed,
                "further": content.further,
                "name": content.name,
                "wishes": None if content.wishes is None else dict(content.wishes),
                "countersigns": content.countersigns,
            }
        case TypeAsk():
            return {
                "kind": "type",
                "source": content.source,
                "changes": [one.as_json() for one in content.changes],
            }


def _read(kept: Mapping[str, Any], photo: bytes | None, found: DeskRequest) -> Content:
    match kept.get("kind", "grant"):
        case "change":
            reason = kept["reason"]
            return ChangeAsk(
                LicenceIdentifier(kept["identifier"]),
                LicenceChange(kept["change"]),
                None if reason is None else Reason(reason),
                kept["basis"],
                kept.get("document_number"),
                None if (until := kept.get("until")) is None else date.fromisoformat(until),
            )
        case "batch":
            changed = kept["changed"]
            return BatchAsk(
                kept["type"],
                AuthorityId(kept["authority"]),
                kept["basis"],
                PadesLevel(kept["level"]),
                None if changed is None else ChangeDecision(changed),
                kept["further"],
                kept["name"],
                kept.get("wishes"),
                kept.get("countersigns", False),
            )
        case "type":
            changes = tuple(Text(one["zh"], one["en"]) for one in kept["changes"])
            return TypeAsk(kept["source"], changes)
        case _:
            return GrantAsk(
                kept["type"],
                kept["record"],
                found.authority_id,
                kept["basis"],
                photo,
                PadesLevel(kept["level"]),
                kept.get("document_number"),
                None if (old := kept.get("replaces")) is None else LicenceIdentifier(old),
                None if (why := kept.get("reason")) is None else Reason(why),
            )
