"""The first page: how to sign in, or what awaits who signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from core.clock import civil_date
from identity.accounts.model import LOCAL_ALIAS, LOCAL_ISSUER
from identity.people.rights_check import StepUpRequiredError
from identity.sessions.sessions import Session
from issuing_api.callers import CHALLENGE, FORM_TOKEN
from issuing_api.pages.asking import KEY
from issuing_api.pages.awaiting import JudgedRequests
from issuing_api.pages.fields import KEPT_PHOTO, LOST_FILES
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import HOME, PageUse, Visit
from issuing_api.ports import SignInParts
from issuing_api.sign_in_pages import is_desk_path
from registry.licences.corrections.rows import count_open
from registry.officers.model import OPEN, DeskRequestState

_FEW_MINUTES = 60
_UNAUTHORISED = 401
LOCAL_SIGN_IN = f"/issuing/sign-in/{LOCAL_ALIAS}"
_OURS = frozenset({FORM_TOKEN, KEY, KEPT_PHOTO, LOST_FILES, "do", "confirmed"})
"""Fields that nobody typed."""


@dataclass(frozen=True, slots=True)
class StartPages:
    """Renders the first page, and the one that asks for a fresh sign-in."""

    parts: SignInParts
    use: PageUse
    rendering: Rendering

    def start(self, visit: Visit) -> Response:
        """Show what awaits who signed in, or the ways to sign in."""
        if visit.known is None:
            return self.sign_in(visit)
        return self._awaiting(visit)

    def sign_in(self, visit: Visit) -> Response:
        """Show the providers, one button each."""
        back_to = visit.request.query_params.get("back_to", HOME)
        back_to = back_to if is_desk_path(back_to) else HOME
        parts, ended = self.parts, "ended" in visit.request.query_params
        if parts.local is not None and not parts.providers and not ended:
            return self.rendering.redirect(f"{LOCAL_SIGN_IN}?{urlencode({'back_to': back_to})}")
        return self.rendering.page(
            visit,
            "sign_in.html",
            providers=[
                (f"/issuing/sign-in/{alias}", one.label) for alias, one in parts.providers.items()
            ],
            back_to=back_to,
            ended=ended,
            local=None if parts.local is None else LOCAL_SIGN_IN,
            emergency_ready=parts.break_glass is not None and parts.break_glass.is_ready,
        )

    def elsewhere(self, visit: Visit) -> Response:
        """Lead to the sign-in, and back here afterwards."""
        return self.rendering.redirect(f"{HOME}?{urlencode({'back_to': visit.here})}")

    def ended(self, visit: Visit) -> Response:
        """Say that a form was not taken since nobody is signed in; keep what was typed.

        In the page alone: one signs in beside it, and sends it on.
        """
        kept = kept_fields(visit)
        if not kept:
            return self.rendering.redirect(
                f"{HOME}?{urlencode({'back_to': visit.here, 'ended': '1'})}"
            )
        response = self.rendering.page(visit, "ended.html", status=_UNAUTHORISED, kept=kept)
        response.headers["WWW-Authenticate"] = CHALLENGE
        return response

    def step_up(self, visit: Visit, error: StepUpRequiredError) -> Response:
        """Say why a fresh sign-in is needed, with one button that comes back to this page."""
        assert visit.session is not None
        query = {"back_to": visit.here, "max_age": str(error.details["max_age"])}
        if "acr_values" in error.details:
            query["acr_values"] = str(error.details["acr_values"])
        return self.rendering.page(
            visit,
            "step_up.html",
            status=403,
            why=error.text,
            minutes=int(error.details["max_age"]) // _FEW_MINUTES,
            address=f"/issuing/sign-in/{visit.session.alias}",
            query=query,
            back_to=visit.here,
            kept=kept_fields(visit),
            no_passkey=self._lacks_passkey(visit.session),
        )

    def _lacks_passkey(self, session: Session) -> bool:
        """Tell whether nothing but a passkey will do, and the account has none."""
        if session.issuer != LOCAL_ISSUER or self.parts.local is None:
            return False
        return not self.parts.local.sign_in.store.passkeys_of(session.subject)

    def _awaiting(self, visit: Visit) -> Response:
        sight, standing = self.use.sight(visit), visit.standing
        types = {one.code: one for one in self.use.abilities.types()}
        judged = JudgedRequests(self.use, visit, types)
        ours = sight.behind()
        to_decide, to_carry_out, more = [], [], False
        if judged.may_do_anything:
            waiting = sight.requests_by(DeskRequestState.WAITING, not_by=ours)
            approved = sight.requests_by(DeskRequestState.APPROVED)
            to_decide = [one for one in waiting.requests if judged.may_decide(one)]
            ready = [*approved.requests, *sight.requests_by(DeskRequestState.WAITING).requests]
            to_carry_out = [one for one in ready if judged.may_carry_out(one)]
            more = waiting.older is not None or approved.older is not None
        mine = sight.requests_by(*OPEN, by=ours).requests
        shown = [*to_decide, *to_carry_out, *mine]
        rights = self.use.desk.rights
        today = civil_date(rights.clock.now(), rights.zone)
        with rights.database.reading() as connection:
            corrections = count_open(connection, today, standing.reach.authorities)
        return self.rendering.page(
            visit,
            "home.html",
            names=sight.names(one.requested_by for one in shown),
            types=types,
            to_decide=to_decide,
            to_carry_out=to_carry_out,
            mine=mine,
            more=more,
            corrections=corrections,
            may_ask=bool(self.use.abilities.grantable(standing)),
            bodies=sight.body_names(),
            provider=_label(self.parts, visit),
        )


def _label(parts: SignInParts, visit: Visit) -> str:
    assert visit.session is not None
    provider = parts.providers.get(visit.session.alias)
    return visit.session.alias if provider is None else provider.label


def kept_fields(visit: Visit) -> Mapping[str, str]:
    """Return the fields with which a form can be sent on; none where nothing was typed.

    Without the token of a session: the next one shows the form again before anything is done.
    """
    fields = {name: value for name, value in visit.form.fields.items() if value.strip()}
    if not fields.keys() - _OURS and not visit.form.files:
        return {}
    kept = {name: value for name, value in fields.items() if name != FORM_TOKEN}
    # Files are not kept here: who is not signed in could fill the disk with what belongs to nobody.
    return kept | ({LOST_FILES: "1"} if visit.form.files or visit.form.cut is not None else {})
