"""A round of seals as it was asked for, made ready for a document's terms."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from core.errors import UsageError
from core.ids import AuthorityId, TypeCode
from registry.bodies.appearances import appearance_of
from registry.bodies.authorities import find_authority, mandated_seal
from registry.granting import messages
from registry.granting.document_orders import CountersignerAsked, DocumentOrder
from registry.identifiers import is_uscc
from registry.model import ConflictError
from registry.types.document_type import MOST_COUNTERSIGNERS, Countersigner, SealRound
from signing.face import SealAppearance
from signing.intake.places import (
    MM,
    Find,
    NoPlaceError,
    SealPlace,
    as_measured,
    find_further,
    find_place,
    fit,
)
from signing.intake.report import TakenFile
from signing.levels import WITH_VALIDATION_DATA
from signing.sealing.page_stamps import edge_slice, height_of

_FINGERPRINT: Final = re.compile("[0-9a-f]{64}")
_LONGEST_NAME: Final = 64
_HAIR: Final = 0.1
"""Points between two seals that touch: places are kept in hundredths."""


@dataclass(frozen=True, slots=True)
class AwaitedBody:
    """A body that is to seal a document after its issuer."""

    name: str
    seal: SealAppearance | None
    """As wide as its rank has it; None for one that signs elsewhere: as wide as the issuer's."""


def who_seals(
    connection: Connection,
    order: DocumentOrder,
    issuer: AuthorityId,
    type_code: TypeCode,
    today: date,
) -> tuple[AwaitedBody, ...]:
    """Return the countersigners, having seen that each could seal.

    Raises `UsageError`, `ConflictError`, and `NotFoundError` where one may not sign the type.
    """
    asked = order.round
    if not asked:
        return ()
    if order.approval:
        raise UsageError(messages.APPROVAL_IS_NOT_FOR_ROUNDS)
    if order.level not in WITH_VALIDATION_DATA:
        raise UsageError(messages.ROUND_NEEDS_VALIDATION_DATA)
    if len(asked.signers) > MOST_COUNTERSIGNERS:
        raise UsageError(messages.TOO_MUCH_TO_SIGN)
    if asked.deadline is not None and asked.deadline < today:
        raise UsageError(messages.DEADLINE_PASSED)
    known = [issuer, *(one.authority_id for one in asked.signers if one.authority_id)]
    named = [one.name for one in asked.signers if not one.authority_id]
    certificates = [one.certificate for one in asked.signers if one.certificate]
    if any(len(set(listed)) != len(listed) for listed in (known, named, certificates)):
        raise UsageError(messages.SIGNERS_REPEATED)
    return tuple(_body_of(connection, one, type_code, today) for one in asked.signers)


def draft_round(
    order: DocumentOrder,
    bodies: tuple[AwaitedBody, ...],
    first: tuple[SealPlace, SealAppearance],
    taken: TakenFile,
    find: Find,
) -> SealRound:
    """Return the round with the place of each seal; `first`: the issuer's.

    Raises `NoPlaceError`, also where two seals would touch (GB/T 9704-2012 7.3.5.1).
    """
    drafted: list[Countersigner] = []
    issuers, stand = first[1], [first]
    for one, body in zip(order.round.signers, bodies, strict=True):
        seal = body.seal or issuers
        place = find_place(one.place, taken, find)
        place = fit(place, one.place, seal, taken)
        _refuse_touching(body.name, (place, seal), stand)
        stand.append((place, seal))
        drafted.append(
            Countersigner(
                name=body.name,
                authority=one.authority_id or "",
                certificate=one.certificate,
                uscc=one.uscc,
                page=place.page,
                x=round(place.x * 100),
                y=round(place.y * 100),
                turn=place.turn,
                size=0 if seal.diameter == issuers.diameter else round(seal.diameter * 100),
            )
        )
    return SealRound(tuple(drafted), order.round.ordered, order.round.deadline)


def refuse_drawn_over(
    round_: SealRound, order: DocumentOrder, issuers: SealAppearance, taken: TakenFile
) -> None:
    """See that no seal will stand on what the issuer's is drawn on besides.

    Raises `NoPlaceError`.
    """
    drawn = [find_further(one, issuers, taken) for one in order.further]
    for one in round_.signers:
        box = taken.pages[one.page]
        across, down = as_measured(box, one.x / 100, one.y / 100)
        x, y = across * MM, height_of(box) - down * MM
        wide = one.size / 100 if one.size else issuers.diameter
        touches = any(
            page == one.page and math.dist((x, y), centre) < (wide + issuers.diameter) / 2 + _HAIR
            for page, centre in drawn
        )
        if order.edge and not touches:
            left, bottom, right, top = edge_slice(taken.pages, one.page, issuers.diameter)
            nearest = min(max(x, left), right), min(max(y, bottom), top)
            touches = math.dist((x, y), nearest) < wide / 2 + _HAIR
        if touches:
            raise NoPlaceError(messages.seals_touch(one.name), page=one.page + 1)


def _refuse_touching(
    name: str,
    placed: tuple[SealPlace, SealAppearance],
    stand: Sequence[tuple[SealPlace, SealAppearance]],
) -> None:
    place, seal = placed
    for other, its in stand:
        apart = math.dist((place.x, place.y), (other.x, other.y))
        if place.page == other.page and apart < (seal.diameter + its.diameter) / 2 + _HAIR:
            raise NoPlaceError(messages.seals_touch(name), page=place.page + 1)


def _body_of(
    connection: Connection, asked: CountersignerAsked, type_code: TypeCode, today: date
) -> AwaitedBody:
    if asked.authority_id is not None:
        found = find_authority(connection, asked.authority_id)
        seal = mandated_seal(connection, type_code, found.authority_id)
        if not found.in_being(today):
            raise ConflictError(messages.authority_not_in_being(found.authority_id))
        if asked.name or asked.certificate or asked.uscc:
            raise UsageError(messages.countersigner_unusable(found.name))
        return AwaitedBody(found.name, appearance_of(found, seal.name))
    name = asked.name.strip()
    fingerprint = not asked.certificate or bool(_FINGERPRINT.fullmatch(asked.certificate))
    bound = fingerprint and bool(asked.certificate or asked.uscc)
    coded = not asked.uscc or is_uscc(asked.uscc)
    if not (1 <= len(name) <= _LONGEST_NAME and name.isprintable() and bound and coded):
        raise UsageError(messages.countersigner_unusable(name))
    return AwaitedBody(name, None)
