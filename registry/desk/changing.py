"""Changes of licences' states: at once, or by a second person where the type's terms say so."""

import hashlib
from dataclasses import dataclass

from core.canonical import canonical_json
from core.clock import civil_date
from core.ids import LicenceIdentifier
from core.permits import Action
from registry.desk.contents import ChangeAsk, content_of, keep_content, only
from registry.desk.judging import definition_of, refuse_other_type
from registry.desk.rights import CallerStanding, Rights
from registry.licences.licences import TRANSITIONS, LicenceChange, change_state, check_change
from registry.licences.reasons import named_reason
from registry.model import Licence, Reason
from registry.officers.approval_use import approval_of, begin_carrying_out, end_carrying_out
from registry.officers.identities import refuse_ended
from registry.officers.model import DeskRequest
from registry.officers.request_rows import forget_content
from registry.officers.requests import NewDeskRequest, bound_digest, earlier_request, make_request
from registry.officers.terms import terms_of
from registry.types.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Changing:
    """Suspends, reinstates and cancels licences within reach."""

    rights: Rights
    catalogue: Catalogue

    def named(
        self,
        standing: CallerStanding,
        identifier: LicenceIdentifier,
        change: LicenceChange,
        said: str | None,
    ) -> Reason | None:
        """Return the reason for a change that somebody named, by the law's word or the branch's.

        Raises `NoSuchLicenceError`, `InvalidChangeError`.
        """
        reasons = TRANSITIONS[change].reasons
        if said is None or not reasons:
            return None
        licence = self.rights.sight(standing).licence(identifier)
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, licence.type_code)
        return named_reason(licence_type, reasons, said)

    def change(self, standing: CallerStanding, ask: ChangeAsk) -> Licence:
        """Change a licence's state at once.

        Raises `NoSuchLicenceError`, `NotAllowedError`, `SecondPersonRequiredError` where the type
        needs one, and as `change_state`.
        """
        licence = self.rights.sight(standing).licence(ask.identifier)
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, licence.type_code)
        permit = self.rights.permit(
            standing,
            Action.CHANGE_LICENCE,
            licence.authority_id,
            terms=terms_of(licence_type, Action.CHANGE_LICENCE),
        )
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            refuse_ended(connection, permit.actor)
            return change_state(
                connection,
                ask.identifier,
                ask.change,
                reason=ask.reason,
                basis=ask.basis,
                permit=permit,
                at=now,
                document_number=ask.document_number,
                today=civil_date(now, self.rights.zone),
                until=ask.until,
            )

    def ask(self, standing: CallerStanding, ask: ChangeAsk, request_key: str) -> DeskRequest:
        """Ask for a change; the same key finds the same request.

        Raises `NoSuchLicenceError`, `NotAllowedError`, and as `check_change`.
        """
        licence = self.rights.sight(standing).licence(ask.identifier)
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, licence.type_code)
        terms = terms_of(licence_type, Action.REQUEST)
        permit = self.rights.permit(standing, Action.REQUEST, licence.authority_id, terms=terms)
        new = NewDeskRequest(
            Action.CHANGE_LICENCE,
            licence.authority_id,
            _digest(ask),
            licence_type.code,
            request_key,
            type_sha256=definition_of(licence_type),
        )
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            earlier = earlier_request(connection, new)
            if earlier is not None:
                return earlier
            check_change(
                licence,
                licence_type,
                ask.change,
                reason=ask.reason,
                basis=ask.basis,
                document_number=ask.document_number,
                today=civil_date(now, self.rights.zone),
                until=ask.until,
            )
            made = make_request(connection, new, permit, now, self.rights.random)
            keep_content(connection, made, ask)
        return made

    def carry_out(self, standing: CallerStanding, request_id: str) -> Licence:
        """Change what was asked for and approved.

        Raises `NoSuchRequestError`, `ContentGoneError` where it was done before,
        `AlreadyDecidedError` where it is not approved, `SecondPersonRequiredError`,
        `TypeChangedError`, and as `change_state`.
        """
        found = self.rights.sight(standing).request(request_id)
        now = self.rights.clock.now()
        with self.rights.database.reading() as connection:
            approval = approval_of(connection, request_id, now, self.rights.deciders)
            ask = only(content_of(connection, found), ChangeAsk)
        licence = self.rights.sight(standing).licence(ask.identifier)
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, licence.type_code)
        refuse_other_type(found, licence_type)
        permit = self.rights.permit(
            standing,
            Action.CHANGE_LICENCE,
            licence.authority_id,
            terms=terms_of(licence_type, Action.CHANGE_LICENCE),
            digest=found.digest,
            approval=approval,
        )
        digest = bound_digest(_digest(ask), found.type_sha256)
        with self.rights.database.writing() as connection:
            begun = begin_carrying_out(
                connection, request_id, digest, permit, now, deciders=self.rights.deciders
            )
            forget_content(connection, request_id)
            changed = change_state(
                connection,
                ask.identifier,
                ask.change,
                reason=ask.reason,
                basis=ask.basis,
                permit=permit,
                at=now,
                document_number=ask.document_number,
                today=civil_date(now, self.rights.zone),
                until=ask.until,
            )
            end_carrying_out(connection, begun, permit, now)
        return changed


def _digest(ask: ChangeAsk) -> str:
    said: dict[str, str | None] = {
        "identifier": ask.identifier,
        "change": ask.change,
        "reason": ask.reason,
        "basis": ask.basis,
    }
    if ask.document_number is not None:
        said["document_number"] = ask.document_number
    if ask.until is not None:
        said["until"] = ask.until.isoformat()
    return hashlib.sha256(canonical_json(said)).hexdigest()
