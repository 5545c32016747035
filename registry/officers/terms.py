"""Terms of a licence type for the table of rights, from its desk's rule."""

from core.permits import Action
from identity.people.model import TABLE_ALONE, Terms
from registry.types.licence_type import LicenceType


def terms_of(licence_type: LicenceType, action: Action) -> Terms:
    """Return the terms of a type for an action; none for most."""
    desk = licence_type.desk
    match action:
        case Action.REQUEST:
            return Terms(frozenset(desk.requests))
        case Action.GRANT:
            return Terms(frozenset(desk.seals), desk.second_person)
        case Action.CHANGE_LICENCE:
            return Terms(frozenset(desk.requests), desk.second_person)
        case _:
            return TABLE_ALONE
