"""Turns in a round of seals, for whoever asks with a permit."""

import hashlib
from datetime import date

from sqlalchemy import Connection, select

from core.ids import AuthorityId
from core.permits import Permit
from registry.bodies.authorities import find_authority, list_authorities
from registry.db.tables import licences
from registry.granting import messages
from registry.licences.countersignatures import (
    RoundProgress,
    RoundStep,
    SigningState,
    progress_of,
)
from registry.licences.licences import find_licence
from registry.model import ConflictError, Licence
from registry.types.document_type import TERMS
from signing.levels import PadesLevel

_MOST_SUCCESSORS = 16


class NotAwaitedError(ConflictError):
    """The document does not wait for that seal."""

    code = "not_awaited"


def round_of(connection: Connection, identifier: str) -> tuple[Licence, RoundProgress]:
    """Return a document with its round. Raises `NotAwaitedError` where it has none."""
    licence = find_licence(connection, identifier)
    progress = progress_or_none(connection, licence)
    if progress is None:
        raise NotAwaitedError(messages.NOBODY_ELSE_SEALS)
    return licence, progress


def progress_or_none(connection: Connection, licence: Licence) -> RoundProgress | None:
    """Return the round of a document; None where nobody else is to seal it."""
    return progress_of(connection, licence) if TERMS in licence.data else None


def acting_for(connection: Connection, asked: AuthorityId, today: date) -> AuthorityId:
    """Return the authority that acts for one: itself while it exists, else its successor."""
    found = find_authority(connection, asked)
    for _ in range(_MOST_SUCCESSORS):
        if found.in_being(today) or not found.successor:
            break
        found = find_authority(connection, found.successor)
    return found.authority_id


def acting_table(
    connection: Connection, today: date, names: dict[AuthorityId, str] | None = None
) -> dict[AuthorityId, AuthorityId]:
    """Return the authority that acts for each, as `acting_for` has it; fill in their names."""
    known = {one.authority_id: one for one in list_authorities(connection)}
    if names is not None:
        names.update({one.authority_id: one.name for one in known.values()})
    found = {}
    for authority_id, body in known.items():
        acts = body
        for _ in range(_MOST_SUCCESSORS):
            if acts.in_being(today) or not acts.successor or acts.successor not in known:
                break
            acts = known[acts.successor]
        found[authority_id] = acts.authority_id
    return found


def who_asks(
    connection: Connection,
    progress: RoundProgress,
    permit: Permit,
    named: AuthorityId | None,
    today: date,
) -> AuthorityId:
    """Return the authority that acts: the one named, whose permit it is, or whose turn alone it is.

    Raises `ConflictError` where several could be meant, `NotAwaitedError`.
    """
    if named is not None:
        return named
    if permit.authority_id is not None:
        return AuthorityId(permit.authority_id)
    turns = {
        acting_for(connection, AuthorityId(one.signer.authority), today)
        for one in progress.awaited
        if not one.signer.outside
    }
    if len(turns) > 1:
        raise ConflictError(messages.several_await(sorted(turns)))
    if turns:
        return turns.pop()
    sealed = [one.authority_id for one in progress.steps if not one.signer.outside]
    if progress.missing or sealed[-1:] in ([], [None]):
        raise _not_awaited(progress)
    return AuthorityId(str(sealed[-1]))  # all have sealed it: the same command again


def signed_by(
    connection: Connection,
    progress: RoundProgress,
    authority_id: AuthorityId,
    today: date,
    position: int | None = None,
) -> RoundStep | None:
    """Return the step that an authority has signed already, where no other waits for it; of one
    position alone, where that is named.
    """
    own = [
        one
        for one in progress.steps
        if one.authority_id == authority_id and position in (None, one.position)
    ]
    signed = [one for one in own if one.state is SigningState.SIGNED and not one.signer.outside]
    others = [] if position is not None else own_steps(connection, progress, authority_id, today)
    return signed[-1] if signed and not others else None


def own_steps(
    connection: Connection, progress: RoundProgress, authority_id: AuthorityId, today: date
) -> list[RoundStep]:
    """Return the missing steps that are an authority's, or of one that it took over from."""
    if not progress.open:
        return []
    return [
        one
        for one in progress.missing
        if not one.signer.outside
        and acting_for(connection, AuthorityId(one.signer.authority), today) == authority_id
    ]


def awaited_step(
    connection: Connection,
    progress: RoundProgress,
    authority_id: AuthorityId,
    today: date,
    position: int | None = None,
) -> RoundStep:
    """Return the step whose turn it is and that an authority may do; at a position, where one is
    named.

    Raises `NotAwaitedError`.
    """
    own = own_steps(connection, progress, authority_id, today)
    for one in own:
        if position not in (None, one.position):
            continue
        if one.awaited:
            return one
        before = next(other for other in progress.awaited)
        raise NotAwaitedError(messages.not_its_turn(before.signer.name))
    raise _not_awaited(progress)


def outside_step(progress: RoundProgress, named: str) -> RoundStep:
    """Return the step, whose turn it is, of one that signs elsewhere. Raises `NotAwaitedError`."""
    for one in progress.awaited:
        if one.signer.outside and named in (one.signer.name, str(one.position)):
            return one
    raise _not_awaited(progress)


def level_of(connection: Connection, licence: Licence) -> PadesLevel:
    """Return the level that the complete document is to have."""
    query = select(licences.c.level).where(licences.c.identifier == licence.identifier)
    return PadesLevel(connection.execute(query).scalar_one())


def certificate_digest(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate (DER), lower-case hex."""
    return hashlib.sha256(certificate).hexdigest()


def _not_awaited(progress: RoundProgress) -> NotAwaitedError:
    if not progress.open:
        return NotAwaitedError(messages.ROUND_IS_OVER)
    names = [one.signer.name for one in progress.awaited]
    return NotAwaitedError(messages.awaits_others(names))
