"""Requests for a correction at the desk: asked for, listed and decided on, within reach.

An office that found an error may know a licence by its link alone, which is then proof enough that
the licence was shown to it: what else is out of reach is not found.
"""

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection

from core.clock import civil_date
from core.errors import NotAllowedError
from core.ids import AuthorityId
from core.permits import Action, Permit
from identity.people.permits import public_permit
from registry.db.paging import Place
from registry.db.tables import corrections
from registry.desk.rights import CallerStanding, Rights
from registry.licences.asked import read_token
from registry.licences.corrections.evidence import EvidenceFile
from registry.licences.corrections.rows import (
    UNGRANTED,
    Correction,
    CorrectionSource,
    CorrectionState,
    CorrectionTerms,
    NewCorrection,
    ask_correction,
    decide_correction,
    evidence_of,
    extend_correction,
    find_by_receipt,
    find_correction,
    list_corrections,
    no_such_correction,
    withdraw_by_receipt,
)
from registry.licences.licences import find_by_link, find_licence, no_such_licence
from registry.model import Licence
from registry.officers.identities import refuse_ended

EXTEND = "extend"


@dataclass(frozen=True, slots=True)
class CorrectionDesk:
    """Takes requests for a correction."""

    rights: Rights
    terms: CorrectionTerms
    public_url: str
    """Of licences' links."""

    def ask(
        self, standing: CallerStanding, named: str, new: NewCorrection
    ) -> tuple[Correction, str]:
        """Ask for a correction of a licence that is named by its identifier or link.

        Raises `NoSuchLicenceError`, and as `ask_correction`.
        """
        with self.rights.database.reading() as connection:
            licence = self._named(connection, standing, named)
        concerned = self._asking_for(standing, licence)
        permit = self.rights.permit(standing, Action.ASK_CORRECTION, concerned)
        if new.source is CorrectionSource.PUBLIC:
            new = replace(new, source=CorrectionSource.HOLDER)
        return self._ask(licence, new, permit, concerned)

    def ask_publicly(self, token: str, new: NewCorrection) -> tuple[Correction, str]:
        """Ask as whoever has a licence's link; raises as `ask`."""
        licence = self.licence_of_link(token)
        new = replace(new, source=CorrectionSource.PUBLIC)
        return self._ask(licence, new, public_permit(), None)

    def licence_of_link(self, token: str) -> Licence:
        """Return the licence of a link. Raises `NoSuchLicenceError`."""
        known = read_token(token, self.public_url)
        with self.rights.database.reading() as connection:
            licence = None if known is None else find_by_link(connection, known)
        if licence is None or licence.state in UNGRANTED:
            raise no_such_licence()
        return licence

    def of_receipt(self, receipt: str) -> Correction:
        """Return the request of a code. Raises `NotFoundError`."""
        with self.rights.database.reading() as connection:
            return find_by_receipt(connection, receipt)

    def withdraw_publicly(self, receipt: str, why: str) -> Correction:
        """Withdraw a request by its code; raises as `decide_correction`."""
        with self.rights.database.writing() as connection:
            at = self.rights.clock.now()
            return withdraw_by_receipt(connection, receipt, public_permit(), at, why)

    def list(
        self,
        standing: CallerStanding,
        *,
        state: CorrectionState | None = None,
        overdue: bool = False,
        identifier: str | None = None,
        after: Place | None = None,
        limit: int = 100,
    ) -> list[Correction]:
        """Return the requests in reach, the oldest first."""
        reach = standing.reach.authorities
        conditions: list[ColumnElement[bool]] = []
        if reach is not None:
            conditions.append(corrections.c.authority_id.in_(sorted(reach)))
        today = civil_date(self.rights.clock.now(), self.rights.zone)
        with self.rights.sight(standing).reading("corrections") as connection:
            return list_corrections(
                connection,
                *conditions,
                state=state,
                overdue_on=today if overdue else None,
                identifier=identifier,
                after=after,
                limit=limit,
            )

    def find(self, standing: CallerStanding, correction_id: str) -> Correction:
        """Return a request in reach, or of one's own. Raises `NotFoundError`."""
        if not (correction_id.isascii() and correction_id.isalnum()):
            raise no_such_correction()
        with self.rights.sight(standing).reading("correction", correction_id) as connection:
            found = find_correction(connection, correction_id)
        if standing.reach.includes(found.authority_id) or self._is_own(standing, found):
            return found
        raise no_such_correction()

    def evidence(self, standing: CallerStanding, correction_id: str, number: int) -> EvidenceFile:
        """Return a file of a request in reach. Raises `NotFoundError`."""
        self.find(standing, correction_id)
        with self.rights.sight(standing).reading("evidence", correction_id) as connection:
            return evidence_of(connection, correction_id, number)

    def decide(
        self, standing: CallerStanding, correction_id: str, decision: str, why: str
    ) -> Correction:
        """Accept, refuse, withdraw, or give more time (`EXTEND`).

        Raises `NotFoundError`, `NotAllowedError`, and as `decide_correction`.
        """
        found = self.find(standing, correction_id)
        permit = self._deciding(standing, found, decision)
        at = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            refuse_ended(connection, permit.actor)
            if decision == EXTEND:
                return extend_correction(
                    connection, correction_id, why, permit=permit, at=at, terms=self.terms
                )
            state = CorrectionState(decision)
            return decide_correction(connection, correction_id, state, why, permit=permit, at=at)

    def _deciding(self, standing: CallerStanding, found: Correction, decision: str) -> Permit:
        if decision == CorrectionState.WITHDRAWN and self._is_own(standing, found):
            concerned = self._own_body(standing, found.authority_id)
            return self.rights.permit(standing, Action.ASK_CORRECTION, concerned)
        return self.rights.permit(standing, Action.DECIDE_CORRECTION, found.authority_id)

    def _ask(
        self,
        licence: Licence,
        new: NewCorrection,
        permit: Permit,
        concerned: AuthorityId | None,
    ) -> tuple[Correction, str]:
        at = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            refuse_ended(connection, permit.actor)
            return ask_correction(
                connection,
                licence,
                new,
                permit,
                at,
                received=civil_date(at, self.rights.zone),
                terms=self.terms,
                random=self.rights.random,
                authority_id=concerned,
            )

    def _named(self, connection: Connection, standing: CallerStanding, named: str) -> Licence:
        if not named.isprintable():
            raise no_such_licence()
        token = read_token(named, self.public_url)
        by_link = None if token is None else find_by_link(connection, token)
        if by_link is not None:
            return by_link
        found = find_licence(connection, named)
        if not standing.reach.includes(found.authority_id):
            raise no_such_licence()
        return found

    def _asking_for(self, standing: CallerStanding, licence: Licence) -> AuthorityId:
        return self._own_body(standing, licence.authority_id)

    def _own_body(self, standing: CallerStanding, authority_id: AuthorityId) -> AuthorityId:
        """Return for whom somebody asks: the licence's authority, where they are of it, else the
        first of theirs.
        """
        if standing.reach.includes(authority_id):
            return authority_id
        for one in sorted(standing.reach.authorities or ()):
            try:
                self.rights.permit(standing, Action.ASK_CORRECTION, one)
            except NotAllowedError:
                continue
            return one
        return authority_id

    @staticmethod
    def _is_own(standing: CallerStanding, found: Correction) -> bool:
        return found.asked_by == standing.actor.name
