"""Pages of requests for a correction: listed with their clock, asked for, decided on."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.responses import Response

from core.clock import civil_date
from core.errors import XinyinError
from core.permits import Action
from core.text import Text
from core.web.problem_answers import edge_problem_of, public_text
from core.web.request_errors import AddressNotFoundError
from identity.people.rights_check import StepUpRequiredError
from issuing_api.calls import request_key_of
from issuing_api.pages.asking import KEY, NEW
from issuing_api.pages.corrections import messages
from issuing_api.pages.fields import member_of
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from issuing_api.routes.corrections import STATES, CorrectionDecision, evidence_file
from registry.desk.abilities import Ability
from registry.licences.corrections.evidence import MOST_FILES, read_evidence
from registry.licences.corrections.rows import (
    Correction,
    CorrectionSource,
    CorrectionState,
    NewCorrection,
)
from registry.model import Reason

LIST: Final = "/issuing/corrections"
NEW_CORRECTION: Final = f"{LIST}/new"
FIELDS: Final = ("licence", "source", "field", "wanted", "reason", "contact")
_MOST: Final = 200
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class CorrectionPages:
    """Renders these pages, and carries their forms to the desk."""

    use: PageUse
    rendering: Rendering

    def listed(self, visit: Visit) -> Response:
        """Show the requests in reach: those that are open unless others are asked for."""
        query = visit.request.query_params
        state = member_of(CorrectionState, query.get("state", CorrectionState.OPEN.value))
        overdue = bool(query.get("overdue"))
        found = self.use.corrections.list(
            visit.standing, state=state, overdue=overdue, limit=_MOST + 1
        )
        return self.rendering.page(
            visit,
            "corrections.html",
            found=found[:_MOST],
            more=len(found) > _MOST,
            state=state,
            states=list(CorrectionState),
            overdue=overdue,
            today=self._today(),
        )

    def show(self, visit: Visit) -> Response:
        """Show a request. Raises `NotFoundError`, also for one out of reach."""
        return self._show(visit, None, 200)

    def step(self, visit: Visit) -> Response:
        """Decide on a request."""
        decision = member_of(CorrectionDecision, visit.said("do"))
        if decision is None:
            raise AddressNotFoundError(messages.NO_SUCH_STEP)
        try:
            self.use.corrections.decide(
                visit.standing, _id(visit), STATES[decision], visit.said("reason")
            )
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status in (404, 500):
                raise
            return self._show(visit, public_text(error), status)
        return self.rendering.redirect(f"{LIST}/{_id(visit)}")

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show a request again, with what was typed."""
        return self._show(visit, error.text, edge_problem_of(error.code).status)

    def form(self, visit: Visit) -> Response:
        """Show an empty form, for a licence that the address may name."""
        named = visit.request.query_params.get("licence", "")[:_LONGEST]
        return self._form(visit, {"licence": named}, None, 200)

    def ask(self, visit: Visit) -> Response:
        """Send a request, and show the code by which who asked follows it."""
        typed = {name: visit.said(name)[:_LONGEST] for name in FIELDS}
        files = [visit.form.files.get(f"evidence{n + 1}") for n in range(MOST_FILES)]
        source = member_of(CorrectionSource, typed["source"]) or CorrectionSource.HOLDER
        try:
            new = NewCorrection(
                source,
                typed["field"],
                typed["wanted"],
                typed["reason"],
                typed["contact"],
                read_evidence([one for one in files if one]),
                request_key_of(visit.said(KEY)),
            )
            made, receipt = self.use.corrections.ask(visit.standing, typed["licence"], new)
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status == 500:  # noqa: PLR2004
                raise
            return self._form(visit, typed, public_text(error), status)
        return self.rendering.page(visit, "correction_sent.html", made=made, receipt=receipt)

    def ask_again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the form again, with what was typed."""
        typed = {name: visit.said(name)[:_LONGEST] for name in FIELDS}
        return self._form(visit, typed, error.text, edge_problem_of(error.code).status)

    def evidence(self, visit: Visit) -> Response:
        """Return an evidence file, to be kept: never shown in place."""
        number = str(visit.request.path_params["number"])
        if number not in ("1", "2", "3"):
            raise AddressNotFoundError(messages.NO_SUCH_STEP)
        found = self.use.corrections.evidence(visit.standing, _id(visit), int(number))
        return evidence_file(found, int(number))

    def _form(
        self, visit: Visit, typed: dict[str, str], alert: Text | None, status: int
    ) -> Response:
        return self.rendering.page(
            visit,
            "ask_correction.html",
            status=status,
            typed=dict.fromkeys(FIELDS, "") | typed,
            alert=alert,
            sources=(CorrectionSource.HOLDER, CorrectionSource.OFFICE),
            files=range(1, MOST_FILES + 1),
            request_key=visit.said(KEY) or secrets.token_urlsafe(24),
        )

    def _show(self, visit: Visit, alert: Text | None, status: int) -> Response:
        found = self.use.corrections.find(visit.standing, _id(visit))
        sight = self.use.sight(visit)
        events = sight.correction_events(found.correction_id)
        may, leads = self._may(visit, found)
        people = [one.actor for one in events]
        return self.rendering.page(
            visit,
            "correction.html",
            status=status,
            names=sight.names([*people, found.asked_by]),
            found=found,
            in_reach=visit.standing.reach.includes(found.authority_id),
            overdue=found.overdue(self._today()),
            events=events,
            may=may,
            leads=leads,
            alert=alert,
            reason=visit.said("reason"),
        )

    def _may(self, visit: Visit, found: Correction) -> tuple[list[str], str | None]:
        """Return the steps open to who is there, and where an accepted request leads."""
        ability = self.use.abilities.of(
            visit.standing, Action.DECIDE_CORRECTION, found.authority_id
        )
        if found.state is CorrectionState.OPEN:
            if ability is not Ability.NONE:
                extends = [] if found.extended else ["extend"]
                return ["accept", "refuse", *extends, "withdraw"], None
            own = found.asked_by == visit.standing.actor.name
            return (["withdraw"] if own else []), None
        if found.state is not CorrectionState.ACCEPTED or found.corrected_by is not None:
            return [], None
        if ability is Ability.NONE:
            return [], None
        licence = self.use.sight(visit).licence(found.identifier)
        slug = self.use.abilities.type_of(licence.type_code).slug
        query = f"replaces={licence.identifier}&why={Reason.CORRECTED}"
        return [], f"{NEW}/{slug}/{licence.authority_id}?{query}"

    def _today(self) -> date:
        rights = self.use.desk.rights
        return civil_date(rights.clock.now(), rights.zone)


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["correction_id"])[:32]
