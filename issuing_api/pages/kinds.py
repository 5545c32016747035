"""Kinds of requests: what each asks for, who decides on it, who carries it out."""

from enum import StrEnum

from core.permits import Action, Role
from identity.people.model import TABLE_ALONE, Terms
from issuing_api.pages.visits import PageUse, Visit
from registry.desk.abilities import Ability
from registry.officers.model import OPEN, DeskRequest, DeskRequestState
from registry.officers.request_rows import deciding_action
from registry.officers.terms import terms_of
from registry.types.desk import SignsInPerson
from registry.types.licence_type import LicenceType

REGISTRARS = Terms(frozenset({Role.REGISTRAR}))


class RequestKind(StrEnum):
    """Kind of a request."""

    LICENCE = "licence"
    BATCH = "batch"
    CHANGE = "change"
    SEAL = "seal"
    KEY = "key"
    """An officer's key, to be certified for years."""
    TYPE = "type"
    """A newer definition of a licence type."""
    OTHER = "other"


_KINDS = {
    Action.CHANGE_LICENCE: RequestKind.CHANGE,
    Action.MANAGE_SEAL: RequestKind.SEAL,
    Action.ENROL_OWN: RequestKind.KEY,
    Action.MANAGE_AUTHORITY: RequestKind.TYPE,
}
_CARRIED_BY = {
    RequestKind.LICENCE: Action.GRANT,
    RequestKind.BATCH: Action.GRANT,
    RequestKind.CHANGE: Action.CHANGE_LICENCE,
    RequestKind.SEAL: Action.MANAGE_SEAL,
}
"""An officer's key is carried out by the officer, who enrols once more."""


def kind_of(found: DeskRequest) -> RequestKind:
    """Return the kind of a request."""
    if found.action is Action.GRANT:
        return RequestKind.LICENCE if found.rows is None else RequestKind.BATCH
    return _KINDS.get(found.action, RequestKind.OTHER)


def may_decide(
    use: PageUse, visit: Visit, found: DeskRequest, licence_type: LicenceType | None
) -> bool:
    """Tell whether who is there has the role to decide; not whether it is their own."""
    action = deciding_action(found.action)
    terms = _terms(licence_type, action)
    return use.abilities.of(visit.standing, action, found.authority_id, terms).any


def may_withdraw(
    use: PageUse, visit: Visit, found: DeskRequest, licence_type: LicenceType | None
) -> bool:
    """Tell whether who asked may take it back."""
    terms = _terms(licence_type, Action.REQUEST)
    return use.abilities.of(visit.standing, Action.REQUEST, found.authority_id, terms).any


def may_carry_out(
    use: PageUse, visit: Visit, found: DeskRequest, licence_type: LicenceType | None
) -> bool:
    """Tell whether who is there has the role to carry it out as it stands.

    A batch whose type needs no second person is begun without a decision.
    """
    kind = kind_of(found)
    action = _CARRIED_BY.get(kind)
    if action is None or found.state not in OPEN:
        return False
    alone = kind is RequestKind.BATCH and found.state is DeskRequestState.WAITING
    if found.state is not DeskRequestState.APPROVED and not alone:
        return False
    terms = _terms(licence_type, action)
    ability = use.abilities.of(visit.standing, action, found.authority_id, terms)
    return ability is Ability.FULL if alone else ability.any


def signed_first(found: DeskRequest, licence_type: LicenceType | None) -> bool:
    """Tell whether a request leads to a licence that its officer has to sign before the seal."""
    if licence_type is None or kind_of(found) is not RequestKind.LICENCE:
        return False
    return licence_type.desk.signs is SignsInPerson.MUST


def _terms(licence_type: LicenceType | None, action: Action) -> Terms:
    return TABLE_ALONE if licence_type is None else terms_of(licence_type, action)
