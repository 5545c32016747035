"""Pages of official documents: those on record, and where files are handed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from core.clock import civil_date
from core.errors import XinyinError
from core.text import Text
from core.web.problem_answers import edge_problem_of, public_text
from core.web.request_errors import AddressNotFoundError
from identity.people.rights_check import StepUpRequiredError
from issuing_api.pages.fields import member_of
from issuing_api.pages.licences import entry_of
from issuing_api.pages.papers import messages
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from issuing_api.routes.papers.drafts import MAX_DOCUMENT, pdf_file, stem_of
from registry.desk.desk_sight import PAGE
from registry.desk.documents.drafting import MOST_FILES
from registry.desk.documents.found import RefusedUploadError, finding_words, remedy_words
from registry.desk.documents.records import DocumentRecords
from registry.licences.finding import LONGEST_TEXT, LicenceFilter
from registry.model import LicenceState, NotFoundError
from signing.intake.report import Hazard, IntakeFinding

DOCUMENTS = "/issuing/documents"
NEW_DOCUMENT = f"{DOCUMENTS}/new"
_INVALID = 422
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was not taken, and why."""

    name: str
    findings: Sequence[tuple[Text, Text | None]] = ()
    """What is wrong, and what to do about it."""
    more: int = 0
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    """Outcome of files that were sent."""

    errors: Sequence[tuple[str, Text]] = ()
    alert: Text | None = None
    refused: Sequence[RefusedFile] = ()
    draft_id: str = ""
    taken: int = 0
    files_again: bool = False
    status: int = 200


@dataclass(frozen=True, slots=True)
class DocumentPages:
    """Renders these pages, and takes files in."""

    use: PageUse
    rendering: Rendering

    def search(self, visit: Visit) -> Response:
        """Show the documents in reach that are searched for, the newest first."""
        query, sight, rights = (
            visit.request.query_params,
            self.use.sight(visit),
            self.use.desk.rights,
        )
        state, text = member_of(LicenceState, query.get("state")), query.get("q", "")
        sought = LicenceFilter(
            on=civil_date(rights.clock.now(), rights.zone),
            text=text[:LONGEST_TEXT],
            state=state,
            type_codes=DocumentRecords(rights, self.use.desk.catalogue).codes(),
        )
        after = entry_of(query.get("before", ""))
        drafts = self.use.desk.documents.drafts
        return self.rendering.page(
            visit,
            "documents.html",
            page=sight.find(sought, after=after, limit=PAGE),
            search=sought,
            states=list(LicenceState),
            kept={name: query[name] for name in ("q", "state") if query.get(name)},
            first=after is None,
            may_ask=bool(self.use.abilities.grantable(visit.standing, documents=True)),
            drafts=[
                drafts.find(visit.standing, one.draft_id) for one in drafts.mine(visit.standing)
            ],
        )

    def form(self, visit: Visit) -> Response:
        """Show where files are handed in."""
        return self._show(visit, _Sent())

    def send(self, visit: Visit) -> Response:
        """Take files in; lead on to the draft, or say what is wrong with each."""
        files = [one for one in visit.form.sent if one.field == "files"]
        drafts, draft_id = self.use.desk.documents.drafts, visit.said("draft")[:32]
        choices = self.use.abilities.grantable(visit.standing, documents=True)
        chosen = next((one for one in choices if one.key == visit.said("what")), None)
        errors = [] if files else [("files", messages.DOCUMENT_MISSING)]
        if chosen is None and not draft_id:
            errors.append(("what", messages.CHOICE_MISSING))
        if len(files) > MOST_FILES:
            errors.append(("files", messages.too_many_documents(MOST_FILES)))
        if errors:
            return self._show(visit, _Sent(errors, draft_id=draft_id, status=_INVALID))
        begun = False
        try:
            if not draft_id:
                assert chosen is not None
                code, body = chosen.licence_type.code, chosen.authority.authority_id
                draft_id, begun = drafts.begin(visit.standing, code, body).draft_id, True
            refused = [self._taken(visit, draft_id, one.name, one.data) for one in files]
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status in (404, 500):
                raise
            told = _Sent(alert=public_text(error), draft_id=draft_id, status=status)
            return self._show(visit, told)
        bad = [one for one in refused if one is not None]
        if not bad:
            return self.rendering.redirect(f"{DOCUMENTS}/drafts/{draft_id}")
        if begun and len(bad) == len(files):
            drafts.drop(visit.standing, draft_id)
            draft_id = ""
        told = _Sent(refused=bad, draft_id=draft_id, taken=len(files) - len(bad), status=_INVALID)
        return self._show(visit, told)

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the form again; browsers keep no chosen files."""
        status = edge_problem_of(error.code).status
        draft_id = visit.said("draft")[:32]
        return self._show(
            visit, _Sent(alert=error.text, files_again=True, draft_id=draft_id, status=status)
        )

    def file(self, visit: Visit) -> Response:
        """Return a document's sealed file, to be kept. Raises `NoSuchLicenceError`."""
        records = DocumentRecords(self.use.desk.rights, self.use.desk.catalogue)
        identifier = str(visit.request.path_params["identifier"])[:160]
        records.find(visit.standing, identifier)
        granted = self.use.desk.document(visit.standing, identifier)
        return pdf_file(granted.pdf, f"{granted.licence.identifier}.pdf")

    def _taken(self, visit: Visit, draft_id: str, name: str, data: bytes) -> RefusedFile | None:
        """Take one file in; return why it was not."""
        shown = stem_of(name)[:200]
        if len(data) > MAX_DOCUMENT:
            return RefusedFile(shown, why=messages.file_too_large(MAX_DOCUMENT))
        try:
            self.use.desk.documents.drafts.add(
                visit.standing, draft_id, data, name=shown, offer=True
            )
        except RefusedUploadError as error:
            return RefusedFile(shown, told_findings(error.findings), _more(error.findings))
        except NotFoundError as error:
            raise AddressNotFoundError(error.text) from error
        return None

    def _show(self, visit: Visit, sent: _Sent) -> Response:
        choices = self.use.abilities.grantable(visit.standing, documents=True)
        asked = visit.request.query_params.get("draft", "")[:32]
        return self.rendering.page(
            visit,
            "document_new.html",
            status=sent.status,
            choices=choices,
            sent=sent,
            errors=dict(sent.errors),
            draft_id=sent.draft_id or asked,
            wanted=visit.said("what"),
            most=MAX_DOCUMENT // (1024 * 1024),
            most_files=MOST_FILES,
        )


def told_findings(findings: Sequence[IntakeFinding]) -> list[tuple[Text, Text | None]]:
    """Return the first findings in words, with what to do about each kind of them, once."""
    seen, told = set[Hazard](), dict[Text, Text | None]()
    for one in findings[:_MOST_TOLD]:
        words = finding_words(one)
        told.setdefault(words, None if one.hazard in seen else remedy_words(one.hazard))
        seen.add(one.hazard)
    return list(told.items())


def _more(findings: Sequence[IntakeFinding]) -> int:
    return max(0, len(findings) - _MOST_TOLD)
