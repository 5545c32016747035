"""Abilities of who signed in, for pages that show no button that would only be refused.

Nothing is permitted here: whoever presses a button is judged anew (`registry.desk.desk`).
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from core.clock import civil_date
from core.errors import NotAllowedError
from core.ids import AuthorityId
from core.permits import Action
from identity.people.model import TABLE_ALONE, Terms
from identity.people.rights_check import SecondPersonRequiredError, StepUpRequiredError
from registry.bodies.authorities import list_authorities
from registry.db.tables import mandates
from registry.desk.rights import CallerStanding, Rights
from registry.model import Authority
from registry.officers.terms import terms_of
from registry.types.catalogue import Catalogue
from registry.types.licence_type import LicenceType


class Ability(StrEnum):
    """Ability to do something."""

    NONE = "none"
    SECOND_PERSON = "second_person"
    """The role is there; somebody else has to approve it first."""
    FULL = "full"
    """Also where a fresh sign-in is asked for on the way."""

    @property
    def any(self) -> bool:
        """True if a role gives the right, with or without somebody else."""
        return self is not Ability.NONE


@dataclass(frozen=True, slots=True)
class Grantable:
    """A licence type that somebody may ask for, of one authority."""

    licence_type: LicenceType
    authority: Authority
    at_once: bool
    """They may also grant it without anybody else."""

    @property
    def key(self) -> str:
        """Return its name in addresses."""
        return f"{self.licence_type.slug}@{self.authority.authority_id}"


@dataclass(frozen=True, slots=True)
class Abilities:
    """Judges what buttons are worth."""

    rights: Rights
    catalogue: Catalogue

    def of(
        self,
        standing: CallerStanding,
        action: Action,
        authority_id: AuthorityId | None,
        terms: Terms = TABLE_ALONE,
    ) -> Ability:
        """Return the ability to act for an authority."""
        try:
            self.rights.permit(standing, action, authority_id, terms=terms)
        except SecondPersonRequiredError:
            return Ability.SECOND_PERSON
        except StepUpRequiredError:
            return Ability.FULL
        except NotAllowedError:
            return Ability.NONE
        return Ability.FULL

    def type_of(self, code: str) -> LicenceType:
        """Return a licence type. Raises `NotFoundError`."""
        with self.rights.database.reading() as connection:
            return self.catalogue.find(connection, code)

    def types(self) -> list[LicenceType]:
        """Return all licence types, by code: they are published."""
        with self.rights.database.reading() as connection:
            return self.catalogue.list_types(connection)

    def grantable(self, standing: CallerStanding, *, documents: bool = False) -> list[Grantable]:
        """Return the types that somebody may ask for, with the authorities in reach.

        Of licences, or of `documents`: their page is a file, which no form asks for.
        """
        today = civil_date(self.rights.clock.now(), self.rights.zone)
        with self.rights.database.reading() as connection:
            pairs = connection.execute(select(mandates.c.type_code, mandates.c.authority_id)).all()
            bodies = {one.authority_id: one for one in list_authorities(connection)}
            types = {one.code: one for one in self.catalogue.list_types(connection)}
        found = []
        for code, authority_id in pairs:
            body, licence_type = bodies[authority_id], types[code]
            if not standing.reach.includes(authority_id) or not body.in_being(today):
                continue
            if licence_type.is_document is not documents:
                continue
            request, grant = (
                self.of(standing, action, authority_id, terms_of(licence_type, action))
                for action in (Action.REQUEST, Action.GRANT)
            )
            if request.any:
                found.append(Grantable(licence_type, body, grant is Ability.FULL))
        return sorted(found, key=lambda one: (one.authority.authority_id, one.licence_type.slug))
