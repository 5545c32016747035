"""Pages of documents that several seal: lists, a document with its round, and the steps of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from starlette.responses import Response

from core.errors import XinyinError
from core.ids import AuthorityId
from core.permits import Action
from core.text import Text
from core.web.problem_answers import edge_problem_of
from core.web.request_errors import AddressNotFoundError
from identity.people.rights_check import StepUpRequiredError
from issuing_api.calls import cursor_of, place_of, request_key_of
from issuing_api.pages.asking import KEY, new_key
from issuing_api.pages.fields import member_of, read_line
from issuing_api.pages.licences import read_day
from issuing_api.pages.papers import messages
from issuing_api.pages.papers.drafts import PICTURES, for_pages, whole_of
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.shown import COUNTERSIGNING
from issuing_api.pages.visits import PageUse, Visit
from issuing_api.routes.papers.drafts import MAX_DOCUMENT, pdf_file, png_file
from registry.desk.abilities import Ability
from registry.desk.documents.rounds import OwnStep, RoundsOf, RoundView
from registry.licences.countersignatures import RoundStep
from registry.officers.terms import terms_of
from registry.types.licence_type import LicenceType

SIGNED_ELSEWHERE = f"{COUNTERSIGNING}/signed-files"
_INVALID = 422
_DAY = 10
_REFUSING = ("refuse", "refuse_outside")


@dataclass(frozen=True, slots=True)
class RoundAbilities:
    """Steps of a round, as it stands, for which who is there has a role."""

    asks: tuple[OwnStep, ...] = ()
    at_once: bool = False
    """What they ask for is sealed without anybody else."""
    refuses: tuple[OwnStep, ...] = ()
    moves_day: bool = False
    takes_in: tuple[RoundStep, ...] = ()
    """Of those who sign elsewhere: whose file, or refusal, they may take in."""


@dataclass(frozen=True, slots=True)
class _Told:
    """Something to be said on the page, after a step that was not taken."""

    status: int = 200
    alert: Text | None = None
    errors: Mapping[str, Text] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoundPages:
    """Renders these pages, and takes the steps."""

    use: PageUse
    rendering: Rendering

    def listing(self, visit: Visit) -> Response:
        """Show the documents that await seals of those in reach, and those that they sealed; of one
        list alone its further pages.

        Raises `UnusableRequestError` for a place that is none.
        """
        asked, cursor = member_of(RoundsOf, _param(visit, "of")), _param(visit, "after")
        rounds, which = self.use.desk.documents.rounds, list(RoundsOf) if asked is None else [asked]
        after = None if asked is None or not cursor else place_of(cursor)
        lists = {one: rounds.listed(visit.standing, one, after) for one in which}
        onward = {
            one: cursor_of(found.following.at, found.following.row_id)
            for one, found in lists.items()
            if found.following is not None
        }
        return self.rendering.page(
            visit, "countersigning.html", lists=lists, onward=onward, further=after is not None
        )

    def show(self, visit: Visit) -> Response:
        """Show a document with its round. Raises `NoSuchLicenceError`."""
        return self._show(visit, _Told())

    def picture(self, visit: Visit) -> Response:
        """Return a page as a picture, with the seals on it."""
        page = whole_of(visit.request.query_params.get("page", "1"))
        looks = self.use.desk.documents.round_looks
        return png_file(looks.page(visit.standing, _id(visit), page, with_ours=True))

    def file(self, visit: Visit) -> Response:
        """Return its newest file, to be kept or signed elsewhere."""
        view, pdf = self.use.desk.documents.round_looks.file(visit.standing, _id(visit))
        return pdf_file(pdf, f"{view.licence.identifier}.pdf")

    def step(self, visit: Visit) -> Response:
        """Ask for a seal, refuse one, or move the last day.

        Raises `NoSuchLicenceError`, `StepUpRequiredError`.
        """
        identifier, do = _id(visit), visit.said("do")
        errors: dict[str, Text] = {}
        reason, wrong = read_line(visit.form, "reason")
        if do != "ask" and wrong is not None:
            errors["reason"] = wrong
        day = read_day(visit.said("deadline")[:_DAY])
        if do == "move_day" and day is None:
            errors["deadline"] = messages.DAY_MISSING
        if errors or visit.said("back"):
            return self._show(visit, _told(visit, errors, _INVALID if errors else 200))
        authority = visit.said("authority")[:64]
        acting = AuthorityId(authority) if authority else None
        if do in _REFUSING and not visit.said("confirmed"):
            return self._confirm(visit, identifier)
        try:
            if do == "ask":
                return self._ask(visit, identifier, acting)
            self._do(visit, acting, reason, day)
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            return self._refused(visit, error)
        return self.rendering.redirect(f"{COUNTERSIGNING}/{identifier}")

    def _do(self, visit: Visit, acting: AuthorityId | None, reason: str, day: date | None) -> None:
        """Refuse, or move the last day."""
        steps, standing = self.use.desk.documents.countersigning, visit.standing
        match visit.said("do"):
            case "refuse":
                steps.refuse(standing, _id(visit), reason, acting)
            case "refuse_outside":
                steps.refuse(standing, _id(visit), reason, outside=visit.said("outside")[:64])
            case "move_day" if day is not None:
                steps.move_day(standing, _id(visit), day, reason)
            case _:
                raise AddressNotFoundError(messages.STEP_UNKNOWN)

    def upload(self, visit: Visit) -> Response:
        """Take in what a countersigner signed elsewhere."""
        visit = _at(visit, visit.said("document")[:160])
        data = visit.form.files.get("signed")
        wrong = None
        if not data:
            wrong = messages.DOCUMENT_MISSING
        elif len(data) > MAX_DOCUMENT:
            wrong = messages.file_too_large(MAX_DOCUMENT)
        if data is None or wrong is not None:
            return self._show(visit, _told(visit, {"signed": wrong or Text("", "")}, _INVALID))
        try:
            self.use.desk.documents.countersigning.take_in(visit.standing, _id(visit), data)
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            return self._refused(visit, error)
        return self.rendering.redirect(f"{COUNTERSIGNING}/{_id(visit)}")

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the document again, with what was typed."""
        if "identifier" not in visit.request.path_params:
            visit = _at(visit, visit.said("document")[:160])
        told = _told(visit, {}, edge_problem_of(error.code).status)
        return self._show(visit, replace(told, alert=error.text))

    def _refused(self, visit: Visit, error: XinyinError) -> Response:
        status = edge_problem_of(error.code).status
        if status in (404, 500):
            raise error
        return self._show(visit, replace(_told(visit, {}, status), alert=for_pages(error)))

    def _ask(self, visit: Visit, identifier: str, acting: AuthorityId | None) -> Response:
        desk, standing = self.use.desk, visit.standing
        key = request_key_of(visit.said(KEY))
        made = desk.documents.countersigning.ask(standing, identifier, key, acting)
        view = desk.documents.rounds.find(standing, identifier)
        if self._abilities(visit, view).at_once:
            job = desk.batches.carry_out(standing, made.request_id)
            return self.rendering.redirect(f"/issuing/jobs/{job.job_id}")
        return self.rendering.redirect(f"/issuing/requests/{made.request_id}")

    def _confirm(self, visit: Visit, identifier: str) -> Response:
        view = self.use.desk.documents.rounds.find(visit.standing, identifier)
        kept = {
            name: visit.said(name)
            for name in ("do", "authority", "outside", "reason")
            if visit.said(name)
        }
        return self.rendering.page(visit, "countersign_refuse.html", round=view, kept=kept)

    def _show(self, visit: Visit, told: _Told) -> Response:
        papers, standing = self.use.desk.documents, visit.standing
        view = papers.rounds.find(standing, _id(visit))
        pages = papers.round_looks.pages(view)
        first = min(max(whole_of(visit.request.query_params.get("page", "1")), 1), pages)
        kind = self.use.abilities.type_of(view.licence.type_code)
        return self.rendering.page(
            visit,
            "countersigned.html",
            status=told.status,
            told=told,
            round=view,
            own={one.step.position: one for one in view.own},
            places=papers.round_looks.places(view),
            kind=kind,
            may=self._abilities(visit, view),
            first=first,
            pages=pages,
            shown=range(first, min(first + PICTURES, pages + 1)),
            second_person=kind.desk.second_person,
            request_key=visit.said(KEY) or new_key(),
            most=MAX_DOCUMENT // (1024 * 1024),
        )

    def _abilities(self, visit: Visit, view: RoundView) -> RoundAbilities:
        kind = self.use.abilities.type_of(view.licence.type_code)
        if not view.progress.open or visit.standing.reach.supervises:
            return RoundAbilities()
        asks = tuple(
            one
            for one in view.to_do
            if self._may(visit, kind, Action.REQUEST, one.authority_id) is not Ability.NONE
        )
        at_once = [
            self._may(visit, kind, Action.GRANT, one.authority_id) is Ability.FULL for one in asks
        ]
        refuses = tuple(
            one
            for one in view.own
            if one.step.awaited and self._decides(visit, kind, one.authority_id)
        )
        issuer = view.licence.authority_id
        moves, takes = False, tuple[RoundStep, ...]()
        if view.is_issuer:
            moves = self._may(visit, kind, Action.CHANGE_LICENCE, issuer).any
            if self._may(visit, kind, Action.GRANT, issuer).any:
                takes = tuple(one for one in view.progress.awaited if one.signer.outside)
        return RoundAbilities(asks, bool(at_once) and all(at_once), refuses, moves, takes)

    def _decides(self, visit: Visit, kind: LicenceType, body: AuthorityId) -> bool:
        decides = self.use.abilities.of(visit.standing, Action.DECIDE, body).any
        return decides or self._may(visit, kind, Action.GRANT, body).any

    def _may(self, visit: Visit, kind: LicenceType, action: Action, body: AuthorityId) -> Ability:
        terms = terms_of(kind, action)
        return self.use.abilities.of(visit.standing, action, body, terms)


def _told(visit: Visit, errors: Mapping[str, Text], status: int) -> _Told:
    names: Sequence[str] = ("do", "reason", "deadline", "authority", "outside")
    return _Told(status, None, errors, {name: visit.said(name)[:500] for name in names})


def _at(visit: Visit, identifier: str) -> Visit:
    """Return the visit of a document that a form names."""
    visit.request.path_params["identifier"] = identifier
    return visit


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["identifier"])[:160]


def _param(visit: Visit, name: str) -> str:
    return visit.request.query_params.get(name, "")[:200]
