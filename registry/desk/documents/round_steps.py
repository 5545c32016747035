"""Steps of a document's round at the desk: a seal asked for or refused, a file taken in, a day
moved.

A further authority's seal is asked for as any use of a seal is: a request of that authority's own,
which its second person approves where the type says so, and which a job carries out. What uses no
seal is done at once, by who may use the seal or decide for it; so is the taking in of what was
signed elsewhere, which the approval of the document foresaw.
"""

from dataclasses import dataclass, replace
from datetime import date

from core.errors import NotAllowedError
from core.ids import AuthorityId, random_token
from core.permits import Action, Permit
from identity.people.rights_check import StepUpRequiredError
from registry.bodies.authorities import mandated_seal
from registry.desk.batch_rows import RowContent, add_rows, batch_digest, digests_as_kept
from registry.desk.contents import BatchAsk, keep_content
from registry.desk.documents import messages
from registry.desk.documents.rounds import OwnStep, Rounds, RoundView
from registry.desk.documents.sealing import DOCUMENT, POSITION
from registry.desk.judging import definition_of
from registry.desk.orders import refuse_unsigned_type
from registry.desk.rights import CallerStanding, Rights
from registry.granting.countersigning import Countersigned
from registry.granting.document_terms import title_of
from registry.granting.round_changes import SealRefusal, move_last_day, refuse_round
from registry.granting.rounds import NotAwaitedError
from registry.licences.awaited_seals import note_request
from registry.licences.countersignatures import lock_open
from registry.licences.licences import no_such_licence
from registry.model import ConflictError, Licence
from registry.officers.identities import refuse_ended
from registry.officers.model import DeskRequest
from registry.officers.requests import NewDeskRequest, earlier_request, make_request
from registry.officers.terms import terms_of
from registry.types.document_type import SOURCE, TITLE
from registry.types.licence_type import LicenceType


@dataclass(frozen=True, slots=True)
class RoundSteps:
    """Takes these steps."""

    rounds: Rounds

    def ask(
        self,
        standing: CallerStanding,
        identifier: str,
        request_key: str,
        authority_id: AuthorityId | None = None,
    ) -> DeskRequest:
        """Ask for an authority's seal on a document that awaits it; asked before, return that.

        Raises `NoSuchLicenceError`, `NotAwaitedError`, `NotAllowedError`, `ConflictError`, and
        `NotFoundError` where the authority has no seal for the type.
        """
        view = self.rounds.find(standing, identifier)
        own = chosen_step(view, authority_id)
        if own.request is not None and own.under_way:
            return own.request
        licence, kind = view.licence, self._type(view.licence)
        terms = terms_of(kind, Action.REQUEST)
        permit = self._rights.permit(standing, Action.REQUEST, own.authority_id, terms=terms)
        refuse_unsigned_type(kind)
        if view.overdue:
            raise ConflictError(messages.ROUND_OVERDUE)
        wanted = BatchAsk(kind.code, own.authority_id, countersigns=True)
        row = RowContent(1, _record(licence, own), None)
        with self._rights.database.reading() as connection:
            digests = digests_as_kept(connection, [row])
        new = NewDeskRequest(
            Action.GRANT,
            own.authority_id,
            batch_digest(wanted, digests),
            kind.code,
            request_key,
            type_sha256=definition_of(kind),
            rows=1,
            document=licence.identifier,
            older_digest=batch_digest(wanted, [row.digest()]),
        )
        now = self._rights.clock.now()
        with self._rights.database.writing() as connection:
            earlier = earlier_request(connection, new)
            if earlier is not None:
                return earlier
            lock_open(connection, licence.identifier)
            again = chosen_step(self.rounds.seen(connection, standing, identifier), authority_id)
            if again.request is not None and again.under_way:
                return again.request
            mandated_seal(connection, kind.code, own.authority_id)
            made = make_request(connection, new, permit, now, self._rights.random)
            keep_content(connection, made, wanted)
            add_rows(connection, made.request_id, [row])
            note_request(connection, licence.identifier, own.step.position, made.request_id)
        return made

    def refuse(
        self,
        standing: CallerStanding,
        identifier: str,
        why: str,
        authority_id: AuthorityId | None = None,
        *,
        outside: str | None = None,
    ) -> Licence:
        """Record that an authority will not seal a document, which ends its round.

        `outside` names one that signs elsewhere, whose refusal the issuer records. Raises
        `NoSuchLicenceError`, `NotAwaitedError`, `NotAllowedError`, `InvalidChangeError`.
        """
        view = self.rounds.find(standing, identifier)
        if outside is None:
            acting = chosen_step(view, authority_id, asks=False).authority_id
        else:
            acting = self._issuer(view)
        permit = self._deciding(standing, view.licence, acting)
        now, claim = self._rights.clock.now(), random_token(self._rights.random)
        refusal = SealRefusal(view.licence.identifier, why, acting, outside, claim)
        with self._rights.database.writing() as connection:
            refuse_ended(connection, permit.actor)
            return refuse_round(connection, refusal, permit, now, self.rounds.today())

    def move_day(self, standing: CallerStanding, identifier: str, day: date, why: str) -> RoundView:
        """Move the last day of a round, as its issuer.

        Raises `NoSuchLicenceError`, `NotAllowedError`, `InvalidChangeError`, `ConflictError`.
        """
        view = self.rounds.find(standing, identifier)
        issuer = self._issuer(view)
        terms = replace(
            terms_of(self._type(view.licence), Action.CHANGE_LICENCE), second_person=False
        )
        permit = self._rights.permit(standing, Action.CHANGE_LICENCE, issuer, terms=terms)
        now = self._rights.clock.now()
        with self._rights.database.writing() as connection:
            refuse_ended(connection, permit.actor)
            today = self.rounds.today()
            move_last_day(connection, view.licence.identifier, day, why, permit, now, today)
            return self.rounds.seen(connection, standing, identifier)

    def take_in(self, standing: CallerStanding, identifier: str, data: bytes) -> Countersigned:
        """Take in what a countersigner signed with software of its own, and seal over it.

        For who may use the issuer's seal. Raises `NoSuchLicenceError`, `NotAllowedError`,
        `RefusedSignatureError`, and as `TakingIn.take_in`.
        """
        view = self.rounds.find(standing, identifier)
        issuer = self._issuer(view)
        permit = self._sealing(standing, view.licence, issuer)
        with self._rights.database.reading() as connection:
            refuse_ended(connection, permit.actor)
        return self.rounds.parts.taking_in().take_in(data, permit, view.licence.identifier)

    @property
    def _rights(self) -> Rights:
        return self.rounds.rights

    def _type(self, licence: Licence) -> LicenceType:
        with self._rights.database.reading() as connection:
            return self.rounds.catalogue.find(connection, licence.type_code)

    def _sealing(
        self, standing: CallerStanding, licence: Licence, authority_id: AuthorityId
    ) -> Permit:
        terms = replace(terms_of(self._type(licence), Action.GRANT), second_person=False)
        return self._rights.permit(standing, Action.GRANT, authority_id, terms=terms)

    def _deciding(
        self, standing: CallerStanding, licence: Licence, authority_id: AuthorityId
    ) -> Permit:
        """Return leave of who may use an authority's seal, or decide for it."""
        try:
            return self._sealing(standing, licence, authority_id)
        except StepUpRequiredError:
            raise
        except NotAllowedError:
            return self._rights.permit(standing, Action.DECIDE, authority_id)

    @staticmethod
    def _issuer(view: RoundView) -> AuthorityId:
        """Return the issuer. Raises `NoSuchLicenceError` where that is out of reach."""
        if not view.is_issuer:
            raise no_such_licence()
        return view.licence.authority_id


def chosen_step(view: RoundView, authority_id: AuthorityId | None, *, asks: bool = True) -> OwnStep:
    """Return the step that somebody means. Raises `NotAwaitedError`, `ConflictError`.

    `asks`: for the seal, which may have been asked for.
    """
    mine = [one for one in view.own if authority_id in (None, one.authority_id)]
    turn = [one for one in mine if one.step.awaited]
    if len({one.authority_id for one in turn}) > 1:
        raise ConflictError(messages.several_of_yours(sorted({one.authority_id for one in turn})))
    fresh = [one for one in turn if not (asks and one.under_way)]
    if fresh or turn:
        return (fresh or turn)[0]
    if not view.progress.open:
        raise NotAwaitedError(messages.ROUND_IS_OVER)
    if any(one.step in view.progress.missing for one in mine):
        raise NotAwaitedError(messages.not_its_turn(view.progress.awaited[0].signer.name))
    raise NotAwaitedError(messages.SEALED_ALREADY if mine else messages.NOT_ASKED)


def _record(licence: Licence, own: OwnStep) -> dict[str, str]:
    return {
        TITLE: title_of(licence),
        SOURCE: licence.data.get(SOURCE, ""),
        DOCUMENT: licence.identifier,
        POSITION: str(own.step.position),
    }
