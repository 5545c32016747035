"""Pages of licences: a search, and one with its history, its versions and what may be changed."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, date, datetime

from starlette.responses import Response

from core.clock import civil_date
from core.errors import UsageError, XinyinError
from core.permits import Action
from core.text import Text
from core.web.problem_answers import edge_problem_of, public_text
from core.web.request_errors import AddressNotFoundError
from identity.people.rights_check import StepUpRequiredError
from issuing_api.calls import package_file, photo_file, request_key_of
from issuing_api.pages import messages
from issuing_api.pages.asking import KEY
from issuing_api.pages.fields import member_of, read_line
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from registry.desk.abilities import Ability
from registry.desk.contents import ChangeAsk
from registry.desk.desk_sight import PAGE
from registry.licences.expiring import MOST_DAYS
from registry.licences.finding import LONGEST_TEXT, LicenceFilter
from registry.licences.history import PastState
from registry.licences.licences import TRANSITIONS, LicenceChange
from registry.licences.links import link_of
from registry.licences.reasons import MAX_DOCUMENT_NUMBER, allowed_reasons
from registry.model import Licence, LicenceState, Reason
from registry.officers.terms import terms_of
from registry.types.document_type import TERMS, is_of_several
from registry.types.licence_type import LicenceType

OFFERED = (LicenceChange.SUSPEND, LicenceChange.REINSTATE, LicenceChange.CANCEL)
_UNFINISHED = (LicenceState.PENDING, LicenceState.VOID)
_INVALID = 422
_FILTERS = "q", "state", "type", "authority", "from", "until"
_ASKED = {"from": "granted_from", "until": "granted_until"}
"""Their names at the API."""
_LONGEST_ENTRY = 10
"""Digits of a place in the list."""
_MAX_INSTANT = 40
_MAX_DAY = 10
_MOST_EXPIRING = 500


@dataclass(frozen=True, slots=True)
class _Tried:
    """A change that was tried, and what is wrong with it."""

    change: LicenceChange | None = None
    reason: Reason | None = None
    basis: str = ""
    document_number: str = ""
    until: str = ""
    errors: Mapping[str, Text] = field(default_factory=dict)
    alert: Text | None = None
    status: int = 200

    @property
    def last(self) -> date | None:
        """The day that was typed as a suspension's last."""
        return read_day(self.until)


@dataclass(frozen=True, slots=True)
class LicencePages:
    """Renders these pages, and makes the changes."""

    use: PageUse
    rendering: Rendering

    def search(self, visit: Visit) -> Response:
        """Show the licences in reach that are searched for, the newest first."""
        query, sight = visit.request.query_params, self.use.sight(visit)
        types = self.use.abilities.types()
        bodies = sight.body_names()
        rights = self.use.desk.rights
        search = LicenceFilter(
            on=civil_date(rights.clock.now(), rights.zone),
            text=query.get("q", "")[:LONGEST_TEXT],
            state=member_of(LicenceState, query.get("state")),
            type_code=next((one.code for one in types if one.code == query.get("type")), None),
            authority_id=next((one for one in bodies if one == query.get("authority")), None),
            granted_from=read_day(query.get("from")),
            granted_until=read_day(query.get("until")),
        )
        after = entry_of(query.get("before", ""))
        page = sight.find(search, after=after, limit=PAGE)
        kept = {name: query[name] for name in _FILTERS if query.get(name)}
        return self.rendering.page(
            visit,
            "licences.html",
            page=page,
            search=search,
            types=types,
            bodies=bodies,
            states=list(LicenceState),
            kept=kept,
            exported={_ASKED.get(one, one): value for one, value in kept.items()}
            | {"lang": visit.language},
            first=after is None,
            export_key=secrets.token_urlsafe(24),
        )

    def expiring(self, visit: Visit) -> Response:
        """Show the licences in reach that are about to expire, the soonest first."""
        typed = visit.request.query_params.get("within", "")
        within = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 4 else 60  # noqa: PLR2004
        within = min(within, MOST_DAYS)
        today = self._today()
        found = self.use.sight(visit).expiring(today, within, limit=_MOST_EXPIRING + 1)
        return self.rendering.page(
            visit,
            "expiring.html",
            found=found[:_MOST_EXPIRING],
            more=len(found) > _MOST_EXPIRING,
            within=within,
        )

    def show(self, visit: Visit) -> Response:
        """Show a licence. Raises `NoSuchLicenceError`, also for one out of reach."""
        return self._show(visit, _Tried())

    def change(self, visit: Visit) -> Response:
        """Make a change, after a page that asks once more where it cannot be undone.

        Raises `NoSuchLicenceError`, `StepUpRequiredError`.
        """
        change = member_of(LicenceChange, visit.said("do"))
        if change not in OFFERED or change is None:
            raise AddressNotFoundError(messages.PAGE_NOT_FOUND)
        tried = _read(visit, change)
        licence = self.use.sight(visit).licence(_id(visit))
        if tried.errors or visit.said("back"):
            return self._show(visit, tried)
        ability = self._ability(visit, licence)
        asks = ability is Ability.SECOND_PERSON  # who decides looks a second time
        if change is LicenceChange.CANCEL and not asks and not visit.said("confirmed"):
            return self._confirm(visit, licence, tried)
        try:
            if asks:
                number = tried.document_number or None
                ask = ChangeAsk(
                    licence.identifier, change, tried.reason, tried.basis, number, tried.last
                )
                key = request_key_of(visit.said(KEY))
                made = self.use.desk.changing.ask(visit.standing, ask, key)
                return self.rendering.redirect(f"/issuing/requests/{made.request_id}")
            self.use.desk.change(
                visit.standing,
                licence.identifier,
                change,
                reason=tried.reason,
                basis=tried.basis,
                document_number=tried.document_number or None,
                until=tried.last,
            )
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status in (404, 500):
                raise
            told = replace(tried, errors={}, alert=public_text(error), status=status)
            return self._show(visit, told)
        return self.rendering.redirect(f"/issuing/licences/{licence.identifier}")

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the licence again, with the change that was typed."""
        change = member_of(LicenceChange, visit.said("do"))
        told = _Tried() if change not in OFFERED or change is None else _read(visit, change)
        status = edge_problem_of(error.code).status
        return self._show(visit, replace(told, errors={}, alert=error.text, status=status))

    def document(self, visit: Visit) -> Response:
        """Return a licence's document, to be kept: never shown in place."""
        granted = self.use.desk.document(visit.standing, _id(visit))
        name = f"{granted.licence.identifier}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(granted.pdf, media_type="application/pdf", headers=headers)

    def photo(self, visit: Visit) -> Response:
        """Return a licence's photo, for the form of its next version."""
        found = self.use.desk.photo(visit.standing, _id(visit))
        if found is None:
            raise AddressNotFoundError(messages.PAGE_NOT_FOUND)
        return photo_file(found)

    def package(self, visit: Visit) -> Response:
        """Return a licence's package for an archive. Raises `StepUpRequiredError`."""
        assert self.use.desk.packages is not None
        return package_file(*self.use.desk.packages.pack(visit.standing, _id(visit)))

    def _packs(self, visit: Visit, licence: Licence) -> bool:
        of = self.use.abilities.of
        can = of(visit.standing, Action.EXPORT_ARCHIVE, licence.authority_id)
        return licence.state not in _UNFINISHED and can is Ability.FULL

    def _ability(self, visit: Visit, licence: Licence) -> Ability:
        licence_type = self.use.abilities.type_of(licence.type_code)
        terms = terms_of(licence_type, Action.CHANGE_LICENCE)
        return self.use.abilities.of(
            visit.standing, Action.CHANGE_LICENCE, licence.authority_id, terms
        )

    def _replacing(self, visit: Visit, licence: Licence, licence_type: LicenceType) -> list[Reason]:
        """Return the reasons for which who is there may ask for a new version."""
        if licence.state is not LicenceState.IN_FORCE or licence_type.is_document:
            return []
        asks = any(
            (one.licence_type.code, one.authority.authority_id)
            == (licence.type_code, licence.authority_id)
            for one in self.use.abilities.grantable(visit.standing)
        )
        if not asks:
            return []
        today = self._today()
        over = licence.effective_state(today) is LicenceState.EXPIRED
        allowed = allowed_reasons(licence_type, TRANSITIONS[LicenceChange.REPLACE].reasons)
        return sorted(one for one in allowed if not over or one is Reason.RENEWED)

    def _today(self) -> date:
        rights = self.use.desk.rights
        return civil_date(rights.clock.now(), rights.zone)

    def _confirm(self, visit: Visit, licence: Licence, tried: _Tried) -> Response:
        return self.rendering.page(visit, "cancel.html", licence=licence, tried=tried)

    def _past(self, visit: Visit, licence: Licence) -> tuple[str, PastState | Text | None]:
        """Return the instant that the address asks about, and how the licence stood then."""
        typed = visit.request.query_params.get("at", "")[:_MAX_INSTANT]
        if not typed:
            return "", None
        rights = self.use.desk.rights
        try:
            at = datetime.fromisoformat(typed)
        except ValueError:
            return typed, messages.INSTANT_UNREADABLE
        at = at.replace(tzinfo=rights.zone) if at.tzinfo is None else at
        try:
            on = civil_date(at, rights.zone)
            return typed, self.use.sight(visit).licence_at(licence, at, on)
        except UsageError as error:
            return typed, error.text
        except OverflowError:
            return typed, messages.INSTANT_UNREADABLE

    def _show(self, visit: Visit, tried: _Tried) -> Response:
        sight = self.use.sight(visit)
        licence = sight.licence(_id(visit)).settled(self._today())
        asked_at, past = self._past(visit, licence)
        wrong = past if isinstance(past, Text) else None
        licence_type = self.use.abilities.type_of(licence.type_code)
        events = sight.licence_events(licence.identifier)
        ability = self._ability(visit, licence)
        return self.rendering.page(
            visit,
            "licence.html",
            names=sight.names(one.actor for one in events),
            status=tried.status,
            licence=licence,
            licence_type=licence_type,
            rows=_rows(licence_type, licence),
            versions=sight.versions(licence),
            revisions=sight.revisions(licence.identifier),
            events=events,
            link=link_of(self.use.previews.public_url, licence),
            has_document=licence.state not in _UNFINISHED,
            in_round=licence_type.is_document and is_of_several(licence.data),
            packs=self._packs(visit, licence),
            changes=_changes(licence, licence_type) if ability.any else [],
            asked_at=asked_at,
            past_wrong=wrong,
            past=past.told(licence_type.kind) if isinstance(past, PastState) else None,
            replacing=self._replacing(visit, licence, licence_type),
            second_person=ability is Ability.SECOND_PERSON,
            request_key=visit.said(KEY) or secrets.token_urlsafe(24),
            tried=tried,
        )


def _read(visit: Visit, change: LicenceChange) -> _Tried:
    """Return the change that a form asks for."""
    errors: dict[str, Text] = {}
    reasons = TRANSITIONS[change].reasons
    reason = member_of(Reason, visit.said("reason"))
    reason = reason if reason in reasons else None
    if reasons and reason is None:
        errors[f"{change}-reason"] = messages.CHOICE_MISSING
    basis, wrong = read_line(visit.form, "basis")
    if wrong is not None:
        errors[f"{change}-basis"] = wrong
    until = visit.said("until")[:_MAX_DAY] if change is LicenceChange.SUSPEND else ""
    if until and read_day(until) is None:
        errors[f"{change}-until"] = messages.DAY_UNREADABLE
    status = _INVALID if errors else 200
    number = visit.said("document_number")[:MAX_DOCUMENT_NUMBER]
    return _Tried(change, reason, basis, number, until, errors, None, status)


def _changes(
    licence: Licence, licence_type: LicenceType
) -> list[tuple[LicenceChange, list[Reason]]]:
    """Return the changes that a licence's state allows, each with the type's reasons for it."""
    found = []
    for change in OFFERED:
        transition = TRANSITIONS[change]
        fits = licence.state in transition.sources
        if fits and licence.state is LicenceState.SUSPENDED and transition.suspended_for:
            fits = licence.reason in transition.suspended_for
        if fits:
            reasons = allowed_reasons(licence_type, transition.reasons)
            if reasons or not transition.reasons:
                found.append((change, sorted(reasons)))
    return found


def _rows(licence_type: LicenceType, licence: Licence) -> list[tuple[Text, str]]:
    return [
        (rule.label, rule.shown(licence.data[rule.key]))
        for rule in licence_type.ordered
        if licence.data.get(rule.key) and rule.key != TERMS
    ]


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["identifier"])[:160]


def read_day(typed: str | None) -> date | None:
    """Return a date that was typed; what is none, or at the calendar's ends, filters nothing."""
    try:
        day = date.fromisoformat(typed or "")
    except ValueError:
        return None
    return day if MINYEAR < day.year < MAXYEAR else None


def entry_of(typed: str) -> int | None:
    """Return a place in the list; what is none is its beginning."""
    good = typed.isascii() and typed.isdecimal() and len(typed) < _LONGEST_ENTRY
    return int(typed) if good else None
