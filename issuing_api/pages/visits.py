"""Visits of the pages: who is there by their session, in which language, with which form."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.requests import Request

from core.permits import Role
from core.text import Language
from core.web.language import language_of
from core.web.limits.form_parts import FormParts
from identity.people.model import SignInWay
from identity.sessions.browser import read_cookie
from identity.sessions.sessions import Session
from issuing_api import callers as calling
from issuing_api.callers import Callers
from issuing_api.errors import StaleFormError
from issuing_api.pages import messages
from registry.desk.abilities import Abilities
from registry.desk.corrections import CorrectionDesk
from registry.desk.desk import Desk
from registry.desk.desk_sight import DeskSight
from registry.desk.enrolment.asking import Enrolments
from registry.desk.key_requests import KeyRequests
from registry.desk.preview import Previews
from registry.desk.rights import CallerStanding
from registry.desk.sign_in.break_glass import is_unanswered

HOME = "/issuing/"
LANGUAGE_COOKIE = "__Host-xinyin-language"
MAX_LINE = 500
"""Characters of a reason or basis, as the API has it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody at a page."""

    request: Request
    language: Language
    form: FormParts = field(default_factory=FormParts)
    session: Session | None = None
    known: CallerStanding | None = None
    unanswered: bool = False
    """An emergency credential was used and nobody answered for it: told to administrators."""

    @property
    def standing(self) -> CallerStanding:
        """Rights of who signed in; only where the page is for those."""
        assert self.known is not None
        return self.known

    @property
    def here(self) -> str:
        """Local address of the page, with its query but for the language."""
        query = [(k, v) for k, v in self.request.query_params.multi_items() if k != "lang"]
        path = self.request.url.path
        return f"{path}?{urlencode(query)}" if query else path

    def said(self, name: str) -> str:
        """Return a field of the form, with one kind of line end, without blanks around it."""
        return self.form.fields.get(name, "").replace("\r\n", "\n").strip()


@dataclass(frozen=True, slots=True)
class PageUse:
    """Use-cases that pages call."""

    desk: Desk
    previews: Previews
    keys: KeyRequests
    enrolments: Enrolments
    corrections: CorrectionDesk

    @property
    def abilities(self) -> Abilities:
        """Worth of buttons."""
        return Abilities(self.desk.rights, self.desk.catalogue)

    def sight(self, visit: Visit) -> DeskSight:
        """Return the queries that who is there may ask."""
        rights, standing = self.desk.rights, visit.standing
        return DeskSight(rights.database, standing.reach, standing.actor, rights.clock)


class Visitors:
    """Recognises visitors. Pages know sessions alone: a token is for programs."""

    def __init__(self, callers: Callers, desk: Desk) -> None:
        self._callers = callers
        self._desk = desk

    def visit(self, request: Request, form: FormParts | None = None) -> Visit:
        """Return the visit; `known` is None where nobody is signed in.

        With a form, which changes something, it must be one of this session, from a page of ours:
        raises `ForgedRequestError`, and `StaleFormError` where only the session is another.
        Raises `NotAllowedError` for an identity that was disabled.
        """
        language = page_language(request)
        if request.headers.get("authorization") is not None:
            return Visit(request, language)
        caller = self._callers.find(request)
        if caller is None or caller.session is None:
            return Visit(request, language)
        if form is not None:
            self._callers.require(request)  # the page's origin
            if not caller.session.takes(form.fields.get(calling.FORM_TOKEN, "")):
                raise StaleFormError(messages.FORM_NOT_OURS)
        standing = self._desk.rights.standing(caller.identity)
        unanswered = self._unanswered(standing)
        return Visit(request, language, form or FormParts(), caller.session, standing, unanswered)

    def is_ours(self, request: Request) -> bool:
        """Tell whether a page of ours sent a request."""
        return self._callers.is_ours(request)

    def _unanswered(self, standing: CallerStanding) -> bool:
        rights, now = self._desk.rights, self._desk.rights.clock.now()
        held = {one.role for one in standing.assignments if one.holds(now)}
        if Role.ADMINISTRATOR not in held or standing.identity.way is SignInWay.BREAK_GLASS:
            return False
        with rights.database.reading() as connection:
            return is_unanswered(connection)


def page_language(request: Request) -> Language:
    """Return the language that was chosen last, else the one that the browser asks for."""
    if request.query_params.get("lang") not in ("zh", "en"):
        kept = read_cookie(request.headers.get("cookie", ""), LANGUAGE_COOKIE)
        if kept in ("zh", "en"):
            return "zh" if kept == "zh" else "en"
    return language_of(request)
