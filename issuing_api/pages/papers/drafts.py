"""Pages of a draft: its files and findings, where the seal stands, the sample, the agreement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.responses import Response

from core.errors import XinyinError
from core.permits import Action
from core.text import Text
from core.web.problem_answers import edge_problem_of, public_text
from core.web.request_errors import AddressNotFoundError
from identity.people.rights_check import StepUpRequiredError
from issuing_api.calls import request_key_of
from issuing_api.pages.asking import KEY, new_key
from issuing_api.pages.papers import messages
from issuing_api.pages.papers.documents import DOCUMENTS, told_findings
from issuing_api.pages.papers.place_form import PlaceWay, read_form, typed_of
from issuing_api.pages.papers.round_form import rows_of_round
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from issuing_api.routes.papers.document_wire import size_of
from issuing_api.routes.papers.drafts import png_file
from registry.desk.abilities import Ability
from registry.desk.documents.rows import DocumentDraft, DraftFile
from registry.desk.row_words import without
from registry.granting.document_orders import CaptionPart, DocumentSample
from registry.model import Licence
from registry.officers.terms import terms_of
from signing.levels import PadesLevel

PICTURES = 10
"""Pages of a file that are shown at a time."""
_INVALID = 422
_CODE = 32


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a draft, for its page."""

    file: DraftFile
    findings: Sequence[tuple[Text, Text | None]]
    before: Licence | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """Something to be said on the page, after a step that was not taken."""

    status: int = 200
    alert: Text | None = None
    errors: Mapping[str, Text] = field(default_factory=dict)
    typed: Mapping[str, str] | None = None
    titles: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DraftPages:
    """Renders these pages, and takes the steps."""

    use: PageUse
    rendering: Rendering

    def show(self, visit: Visit) -> Response:
        """Show a draft. Raises `NotFoundError`, also for anybody else's."""
        return self._show(visit, _Told())

    def picture(self, visit: Visit) -> Response:
        """Return a page of a file as a picture."""
        file, page = (
            whole_of(visit.request.query_params.get(one, "1")) for one in ("file", "page")
        )
        sealed = visit.request.query_params.get("sealed") == "1"
        looks = self.use.desk.documents.looks
        return png_file(looks.draft_page(visit.standing, _id(visit), file, page, sealed=sealed))

    def requested_picture(self, visit: Visit) -> Response:
        """Return a page that a request asks to have sealed, as a picture."""
        file, page = (
            whole_of(visit.request.query_params.get(one, "1")) for one in ("file", "page")
        )
        request_id = str(visit.request.path_params["request_id"])[:64]
        looks = self.use.desk.documents.looks
        return png_file(looks.request_page(visit.standing, request_id, file, page, sealed=True))

    def step(self, visit: Visit) -> Response:
        """Clean or take out a file, say how they are sealed, ask for them, or give it up.

        Raises `NotFoundError`, `StepUpRequiredError`.
        """
        draft_id, do, standing = _id(visit), visit.said("do"), visit.standing
        papers = self.use.desk.documents
        number = whole_of(visit.said("file"))
        try:
            match do:
                case "clean":
                    papers.drafts.clean(standing, draft_id, number)
                case "drop":
                    papers.drafts.drop(standing, draft_id, number)
                case "discard":
                    papers.drafts.drop(standing, draft_id)
                    return self.rendering.redirect(DOCUMENTS)
                case "choose":
                    return self._choose(visit)
                case "agree":
                    return self._agree(visit)
                case _:
                    raise AddressNotFoundError(messages.STEP_UNKNOWN)
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status in (404, 500):
                raise
            return self._show(visit, _Told(status, for_pages(error)))
        return self.rendering.redirect(f"{DOCUMENTS}/drafts/{draft_id}")

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the draft again, with what was typed."""
        status = edge_problem_of(error.code).status
        if visit.said("do") != "choose":
            return self._show(visit, _Told(status, error.text))
        _, files = self.use.desk.documents.drafts.find(visit.standing, _id(visit))
        form = read_form(visit, files)
        return self._show(visit, _Told(status, error.text, form.errors, form.typed, form.titles))

    def _choose(self, visit: Visit) -> Response:
        drafts, draft_id = self.use.desk.documents.drafts, _id(visit)
        _, files = drafts.find(visit.standing, draft_id)
        form = read_form(visit, files)
        if form.wishes is None:
            told = _Told(_INVALID, None, form.errors, form.typed, form.titles)
            return self._show(visit, told)
        drafts.choose(visit.standing, draft_id, form.wishes, form.titles)
        return self.rendering.redirect(f"{DOCUMENTS}/drafts/{draft_id}#sample")

    def _agree(self, visit: Visit) -> Response:
        desk, standing, draft_id = self.use.desk, visit.standing, _id(visit)
        code, key = visit.said("code")[:_CODE], request_key_of(visit.said(KEY))
        made = desk.documents.asking.ask(standing, draft_id, code, key)
        draft, _ = desk.documents.drafts.find(standing, draft_id)
        if self._seals(visit, draft):
            job = desk.batches.carry_out(standing, made.request_id)
            return self.rendering.redirect(f"/issuing/jobs/{job.job_id}")
        return self.rendering.redirect(f"/issuing/requests/{made.request_id}")

    def _seals(self, visit: Visit, draft: DocumentDraft) -> bool:
        """Tell whether who is there may have it sealed without anybody else."""
        licence_type = self.use.abilities.type_of(draft.type_code)
        terms = terms_of(licence_type, Action.GRANT)
        ability = self.use.abilities.of(visit.standing, Action.GRANT, draft.authority_id, terms)
        return ability is Ability.FULL

    def _show(self, visit: Visit, told: _Told) -> Response:
        papers, standing = self.use.desk.documents, visit.standing
        draft, files = papers.drafts.find(standing, _id(visit))
        if draft.request_id is not None:
            return self.rendering.redirect(f"/issuing/requests/{draft.request_id}")
        before = papers.asking.sealed_before(standing, draft, files)
        query = visit.request.query_params
        chosen = next(
            (one for one in files if str(one.number) == query.get("file")),
            files[0] if files else None,
        )
        sample, trouble = self._sample(visit, draft, files, chosen)
        licence_type = self.use.abilities.type_of(draft.type_code)
        typed = dict(told.typed if told.typed is not None else typed_of(draft.wishes))
        page = min(
            max(whole_of(query.get("page", "1")), 1), len(chosen.found.pages) if chosen else 1
        )
        return self.rendering.page(
            visit,
            "draft.html",
            status=told.status,
            told=told,
            draft=draft,
            licence_type=licence_type,
            bodies=self.use.sight(visit).body_names(),
            files=[
                ShownFile(one, told_findings(one.found.findings), before.get(one.number))
                for one in files
            ],
            ready=bool(files) and all(one.ready for one in files),
            chosen=chosen,
            page=page,
            size=size_of(chosen.found.pages[page - 1]) if chosen else (0.0, 0.0),
            typed=typed,
            ways=list(PlaceWay),
            signers=rows_of_round(typed),
            bodies_to_sign=papers.rounds.who_may_seal(draft.type_code, draft.authority_id),
            captions=list(CaptionPart),
            levels=list(PadesLevel),
            sample=sample,
            trouble=trouble,
            code=papers.asking.code(draft, files) if sample else "",
            pictures=[] if sample is None else sample.sealed.falls_on[:PICTURES],
            at_once=self._seals(visit, draft),
            second_person=licence_type.desk.second_person,
            request_key=visit.said(KEY) or new_key(),
        )

    def _sample(
        self, visit: Visit, draft: DocumentDraft, files: list[DraftFile], chosen: DraftFile | None
    ) -> tuple[DocumentSample | None, Text | None]:
        """Return the chosen file as it will be sealed, or why it cannot be."""
        if chosen is None or not all(one.ready for one in files):
            return None, None
        asking = self.use.desk.documents.asking
        try:
            return asking.sample(visit.standing, draft.draft_id, chosen.number), None
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            if edge_problem_of(error.code).status in (404, 500):
                raise
            return None, for_pages(error)


def _asked(visit: Visit) -> tuple[int, int]:
    """Return the numbers of a file and of its page that an address names."""
    query = visit.request.query_params
    return whole_of(query.get("file", "1")), whole_of(query.get("page", "1"))


def for_pages(error: XinyinError) -> Text:
    """Return the words of an error for a page, which has no options of a command."""
    text = public_text(error)
    told = without(text, "--", "xinyin ")
    return told if told.zh and told.en else text


def whole_of(typed: str) -> int:
    """Return a small whole number that an address or a form names; 0 for anything else."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 5 else 0  # noqa: PLR2004


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["draft_id"])[:64]
