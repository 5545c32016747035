"""Pages about keys: one's own certificates with how to get one, and a seal asked for."""

import re
import secrets
from dataclasses import dataclass

from starlette.responses import Response

from core.errors import XinyinError
from core.ids import AuthorityId, SealId
from core.permits import Action
from core.text import Text
from core.web.problem_answers import edge_problem_of, public_text
from identity.accounts.model import LOCAL_ISSUER
from identity.people.rights_check import StepUpRequiredError
from issuing_api.calls import request_key_of
from issuing_api.pages import messages
from issuing_api.pages.asking import KEY
from issuing_api.pages.kinds import REGISTRARS
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from registry.desk.key_requests import SealAsk

NEW_SEAL = "/issuing/seals/new"
_SEAL_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,47}")
"""As the API has it."""
_INVALID = 422
_MOST_NAME = 64


@dataclass(frozen=True, slots=True)
class OwnPages:
    """Renders these pages."""

    use: PageUse
    rendering: Rendering

    def me(self, visit: Visit) -> Response:
        """Show the certificates of who is there, and how to have a key certified."""
        standing, now = visit.standing, self.use.desk.rights.clock.now()
        enrols = {
            one.authority_id
            for one in standing.assignments
            if one.holds(now)
            and one.authority_id is not None
            and self.use.abilities.of(standing, Action.ENROL_OWN, one.authority_id).any
        }
        return self.rendering.page(
            visit,
            "me.html",
            certificates=self.use.enrolments.own(standing),
            enrols=sorted(enrols),
            providers=bool(self.use.enrolments.check.providers),
            bodies=self.use.sight(visit).body_names(),
            server=self.use.enrolments.check.server,
            has_account=visit.session is not None and visit.session.issuer == LOCAL_ISSUER,
        )

    def seal_form(self, visit: Visit) -> Response:
        """Show the form on which a seal is asked for."""
        return self._seal_form(visit, {})

    def ask_seal(self, visit: Visit) -> Response:
        """Ask for a seal. Raises `StepUpRequiredError`."""
        offered = seal_bodies(self.use, visit)
        body, seal, name = (visit.said(one) for one in ("authority", "seal", "name"))
        errors: dict[str, Text] = {}
        if body not in offered:
            errors["authority"] = messages.CHOICE_MISSING
        if not seal:
            errors["seal"] = messages.LINE_MISSING
        elif not _SEAL_NAME.fullmatch(seal):
            errors["seal"] = messages.SEAL_NAME_UNUSABLE
        if len(name) > _MOST_NAME:
            errors["name"] = messages.line_too_long(_MOST_NAME)
        if errors:
            return self._seal_form(visit, errors, status=_INVALID)
        ask = SealAsk(SealId(seal), AuthorityId(body), name)
        try:
            made = self.use.keys.ask_seal(visit.standing, ask, request_key_of(visit.said(KEY)))
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status == 500:  # noqa: PLR2004
                raise
            return self._seal_form(visit, {}, alert=public_text(error), status=status)
        return self.rendering.redirect(f"/issuing/requests/{made.request_id}")

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the form of a seal again."""
        status = edge_problem_of(error.code).status
        return self._seal_form(visit, {}, alert=error.text, status=status)

    def _seal_form(
        self,
        visit: Visit,
        errors: dict[str, Text],
        *,
        alert: Text | None = None,
        status: int = 200,
    ) -> Response:
        query = visit.request.query_params
        return self.rendering.page(
            visit,
            "ask_seal.html",
            status=status,
            offered=seal_bodies(self.use, visit),
            errors=errors,
            alert=alert,
            chosen=visit.said("authority") or query.get("authority", ""),
            seal=visit.said("seal") or query.get("seal", "")[:_MOST_NAME],
            name=visit.said("name"),
            again="seal" in query,
            request_key=visit.said(KEY) or secrets.token_urlsafe(24),
        )


def seal_bodies(use: PageUse, visit: Visit) -> dict[AuthorityId, str]:
    """Return the authorities for which who is there may ask for seals, with their names."""
    return {
        one: name
        for one, name in use.sight(visit).body_names().items()
        if use.abilities.of(visit.standing, Action.REQUEST, one, REGISTRARS).any
    }
