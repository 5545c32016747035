"""Documents that several seal, within reach: of who issued them, and of whose seal they await.

An authority that is asked for its seal sees the document and how far its round has come, and
nothing else of its issuer's; whoever is not asked finds nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, select

from core.clock import civil_date
from core.errors import NotAllowedError
from core.ids import AuthorityId, TypeCode
from core.permits import Action
from identity.people.rights_check import SecondPersonRequiredError, StepUpRequiredError
from registry.bodies.authorities import list_authorities
from registry.db.paging import Place
from registry.db.tables import mandates
from registry.desk.documents.drafting import DocumentParts
from registry.desk.rights import CallerStanding, Rights
from registry.granting.document_terms import BadTermsError
from registry.granting.document_terms import terms_of as document_terms_of
from registry.granting.rounds import acting_table, progress_or_none
from registry.licences.awaited_seals import (
    awaited_from,
    issued_waiting,
    requests_for,
    settled_by,
)
from registry.licences.countersignatures import RoundProgress, RoundStep
from registry.licences.licences import find_licence, no_such_licence
from registry.model import Authority, Licence, TypeKind
from registry.officers.jobs import jobs_of_requests
from registry.officers.model import OPEN, UNDER_WAY, DeskRequest, DeskRequestState
from registry.officers.request_rows import find_request
from registry.officers.terms import terms_of
from registry.types.catalogue import Catalogue

MOST: Final = 200
"""Documents of a page of a list."""


class RoundsOf(StrEnum):
    """Documents of a list."""

    AWAITING = "awaiting"
    """They wait for seals of authorities in reach, also where another comes first."""
    ISSUED = "issued"
    """Authorities in reach issued them, and they wait for others."""
    SETTLED = "settled"
    """Authorities in reach sealed or refused them."""


@dataclass(frozen=True, slots=True)
class OwnStep:
    """A step of a round that is of an authority in reach."""

    step: RoundStep
    authority_id: AuthorityId
    """Who acts: the authority that is named, or its successor."""
    request: DeskRequest | None
    """By which its seal was asked for last; None: it was not."""
    under_way: bool
    """That request waits, is approved, or is being carried out."""

    @property
    def to_do(self) -> bool:
        """Tell whether it is its turn, and nobody asked for the seal yet."""
        return self.step.awaited and not self.under_way


@dataclass(frozen=True, slots=True)
class RoundView:
    """A document with its round, as somebody may see it."""

    licence: Licence
    progress: RoundProgress
    names: Mapping[AuthorityId, str]
    """Of the authorities that acted."""
    is_issuer: bool
    """Its issuer is in reach."""
    own: tuple[OwnStep, ...]
    overdue: bool

    @property
    def to_do(self) -> tuple[OwnStep, ...]:
        """Steps that may be asked for now."""
        return () if self.overdue else tuple(one for one in self.own if one.to_do)


@dataclass(frozen=True, slots=True)
class RoundList:
    """A page of a list."""

    documents: list[RoundView]
    following: Place | None
    """Place behind which the next page begins; None where there is none."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Finds documents and their rounds."""

    rights: Rights
    catalogue: Catalogue
    parts: DocumentParts

    def today(self) -> date:
        """Return the civil date of now."""
        return civil_date(self.rights.clock.now(), self.rights.zone)

    def who_may_seal(self, type_code: TypeCode, issuer: AuthorityId) -> list[Authority]:
        """Return the authorities that may be asked to seal a type's documents, by id."""
        today = self.today()
        query = select(mandates.c.authority_id).where(mandates.c.type_code == type_code)
        with self.rights.database.reading() as connection:
            mandated = set(connection.execute(query).scalars()) - {issuer}
            known = list_authorities(connection)
        return [one for one in known if one.authority_id in mandated and one.in_being(today)]

    def find(self, standing: CallerStanding, identifier: str) -> RoundView:
        """Return a document that several seal. Raises `NoSuchLicenceError`, also for one whose
        issuer is out of reach and that nobody in reach is asked to seal; `BadTermsError`.
        """
        with self.rights.sight(standing).reading("countersigning", identifier) as connection:
            return self.seen(connection, standing, identifier)

    def seen(self, connection: Connection, standing: CallerStanding, identifier: str) -> RoundView:
        """Return the same in the caller's transaction."""
        licence = find_licence(connection, identifier)
        found = self._views(connection, standing, [licence])
        if not found:
            raise no_such_licence()
        return found[0]

    def listed(
        self,
        standing: CallerStanding,
        which: RoundsOf,
        after: Place | None = None,
        limit: int = MOST,
    ) -> RoundList:
        """Return a page of a list: the documents that follow a place."""
        with self.rights.sight(standing).reading("countersigning") as connection:
            return self._listed(connection, standing, which, limit, after)

    def count_to_do(self, standing: CallerStanding, most: int) -> int:
        """Return how many documents await that the caller asks for their authority's seal."""
        with self.rights.database.reading() as connection:
            found = self._listed(connection, standing, RoundsOf.AWAITING, most)
            return sum(
                any(self.may_ask(connection, standing, one.licence, own) for own in one.to_do)
                for one in found.documents
            )

    def may_ask(
        self, connection: Connection, standing: CallerStanding, licence: Licence, own: OwnStep
    ) -> bool:
        """Tell whether the caller has the role to ask for a seal."""
        kind = self.catalogue.find(connection, licence.type_code)
        terms = terms_of(kind, Action.REQUEST)
        try:
            self.rights.permit(standing, Action.REQUEST, own.authority_id, terms=terms)
        except (StepUpRequiredError, SecondPersonRequiredError):
            return True
        except NotAllowedError:
            return False
        return True

    def _listed(
        self,
        connection: Connection,
        standing: CallerStanding,
        which: RoundsOf,
        most: int,
        after: Place | None = None,
    ) -> RoundList:
        reach = standing.reach.authorities
        match which:
            case RoundsOf.AWAITING:
                acting = acting_table(connection, self.today())
                named = None if reach is None else {k for k, v in acting.items() if v in reach}
                found = awaited_from(connection, named, most + 1, after)
            case RoundsOf.ISSUED:
                found = issued_waiting(connection, reach, most + 1, after)
            case RoundsOf.SETTLED:
                found = settled_by(connection, reach, most + 1, after)
        shown = found[:most]
        known = [find_licence(connection, one) for one, _ in shown]
        following = None
        if len(found) > most:
            identifier, at = shown[-1]
            following = Place(at, identifier)
        return RoundList(self._views(connection, standing, known), following)

    def _views(
        self, connection: Connection, standing: CallerStanding, known: Sequence[Licence]
    ) -> list[RoundView]:
        today, names = self.today(), dict[AuthorityId, str]()
        acting = acting_table(connection, today, names)
        asked = self._asked(connection, [one.identifier for one in known])
        found = []
        for licence in known:
            progress = self._progress(connection, licence, alone=len(known) == 1)
            if progress is None:
                continue
            own = tuple(_own(licence, progress, acting, asked, standing))
            is_issuer = standing.reach.includes(licence.authority_id)
            if own or is_issuer:
                overdue = progress.open and progress.overdue(today)
                found.append(RoundView(licence, progress, names, is_issuer, own, overdue))
        return found

    @staticmethod
    def _progress(connection: Connection, licence: Licence, *, alone: bool) -> RoundProgress | None:
        """Return a round; in a list, one that cannot be read is left out."""
        try:
            document_terms_of(licence)
            return progress_or_none(connection, licence)
        except BadTermsError:
            if alone and licence.kind is TypeKind.DOCUMENT:
                raise
            return None

    def _asked(
        self, connection: Connection, identifiers: Collection[str]
    ) -> dict[tuple[str, int], tuple[DeskRequest, bool]]:
        """Return the requests by which seals were asked for, and whether each is under way."""
        known = requests_for(connection, identifiers)
        requests = {one: find_request(connection, one) for one in set(known.values())}
        jobs = jobs_of_requests(connection, sorted(requests)) if requests else {}
        found = {}
        for key, request_id in known.items():
            request, job = requests[request_id], jobs.get(request_id)
            carried = request.state is DeskRequestState.DONE and job is not None
            under_way = request.state in OPEN or (
                carried and job is not None and job.state in UNDER_WAY
            )
            found[key] = request, under_way
        return found


def _own(
    licence: Licence,
    progress: RoundProgress,
    acting: Mapping[AuthorityId, AuthorityId],
    asked: Mapping[tuple[str, int], tuple[DeskRequest, bool]],
    standing: CallerStanding,
) -> Iterable[OwnStep]:
    for one in progress.steps:
        if one.signer.outside:
            continue
        named = AuthorityId(one.signer.authority)
        who = one.authority_id if one.settled_at is not None else acting.get(named, named)
        if who is not None and standing.reach.includes(who):
            request, under_way = asked.get((licence.identifier, one.position), (None, False))
            yield OwnStep(one, who, request, under_way)
