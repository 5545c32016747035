"""Pages on which a whole sheet is asked for: chosen, judged, its rows to mend named, asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from core.errors import XinyinError
from core.text import Text
from core.web.problem_answers import edge_problem_of, public_text
from core.web.request_errors import AddressNotFoundError
from identity.people.rights_check import StepUpRequiredError
from issuing_api.calls import request_key_of
from issuing_api.pages import messages
from issuing_api.pages.asking import KEY, new_key
from issuing_api.pages.fields import member_of, read_line
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from issuing_api.routes.batch_wire import MAX_PHOTOS, MAX_SHEET
from issuing_api.routes.batches import MOST_TOLD, csv_file
from registry.desk.abilities import Grantable
from registry.desk.batch.batches import BatchCheck
from registry.desk.batch.remarks import remarked_copy
from registry.desk.judging import BadBatchError, RowProblem, SheetAsk, path_of, row_of
from registry.granting.batches import ChangeDecision
from registry.granting.recognising import RowKind
from registry.importing.blank_sheet import blank_sheet
from registry.importing.blank_workbook import blank_workbook
from registry.importing.sheet_choice import Hidden, SheetChoice
from registry.model import KeyReusedError

NEW_BATCH = "/issuing/batches/new"
TEMPLATE = "/issuing/batches/template.csv"
TEMPLATE_WORKBOOK = "/issuing/batches/template.xlsx"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_INVALID = 422
_MOST_NAME = 200
_TO_DECIDE = frozenset(
    {RowKind.CHANGED, RowKind.FURTHER, "hidden_rows", "other_sheet", "ends_in_zeros"}
)
"""Codes of problems that a choice mends."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A sheet that was sent, and what is wrong with it."""

    errors: Sequence[tuple[str, Text]] = ()
    """By id of the input."""
    alert: Text | None = None
    problems: Sequence[RowProblem] = ()
    check: BatchCheck | None = None
    files_again: bool = False
    """The files were sent and are not here: browsers do not fill them in again."""
    status: int = 200
    key: str = ""
    """Another than the page had."""

    @property
    def undecided(self) -> bool:
        """True where something of it is to be decided, below the form's own fields."""
        return any(one.code in _TO_DECIDE for one in self.problems)


@dataclass(frozen=True, slots=True)
class BatchPages:
    """Renders these pages, and carries the sheet to the desk."""

    use: PageUse
    rendering: Rendering

    def form(self, visit: Visit) -> Response:
        """Show the empty form."""
        return self._show(visit, _Sent())

    def template(self, visit: Visit) -> Response:
        """Return an empty sheet of a type. Raises `AddressNotFoundError`."""
        wanted = visit.request.query_params.get("what")
        for one in self.use.abilities.grantable(visit.standing):
            if one.key == wanted:
                name = one.licence_type.slug
                if visit.request.url.path == TEMPLATE_WORKBOOK:
                    return _workbook(blank_workbook(one.licence_type), f"{name}.xlsx")
                return csv_file(blank_sheet(one.licence_type), f"{name}.csv")
        raise AddressNotFoundError(messages.NO_SUCH_CHOICE)

    def send(self, visit: Visit) -> Response:
        """Judge the sheet; where every row is good, ask for it unless only a look was wanted."""
        choices = self.use.abilities.grantable(visit.standing)
        chosen = next((one for one in choices if one.key == visit.said("what")), None)
        sheet, photos = visit.form.files.get("sheet"), visit.form.files.get("photos")
        basis, wrong = read_line(visit.form, "basis", required=False)
        errors = [] if chosen is not None else [("what", messages.CHOICE_MISSING)]
        if sheet is None:
            errors.append(("sheet", messages.SHEET_MISSING))
        elif len(sheet) > MAX_SHEET:
            errors.append(("sheet", messages.file_too_large(MAX_SHEET)))
        if photos is not None and len(photos) > MAX_PHOTOS:
            errors.append(("photos", messages.file_too_large(MAX_PHOTOS)))
        if wrong is not None:
            errors.append(("basis", wrong))
        if errors or chosen is None or sheet is None:
            return self._show(visit, _Sent(errors, status=_INVALID))
        ask = SheetAsk(
            chosen.licence_type.code,
            sheet,
            photos,
            chosen.authority.authority_id,
            basis or None,
            changed=member_of(ChangeDecision, visit.said("changed")),
            further=visit.said("further") == "1",
            name=visit.said("name")[:_MOST_NAME],
            choice=SheetChoice(
                visit.said("sheet_name")[:_MOST_NAME] or None,
                member_of(Hidden, visit.said("hidden")),
                visit.said("codes_compared") == "1",
            ),
        )
        return self._judged(visit, ask)

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the form again; browsers keep no chosen files."""
        status = edge_problem_of(error.code).status
        return self._show(visit, _Sent(alert=error.text, files_again=True, status=status))

    def _judged(self, visit: Visit, ask: SheetAsk) -> Response:
        desk = self.use.desk
        try:
            if visit.said("do") in {"check", "remarks"}:
                return self._show(visit, _Sent(check=desk.batches.check(visit.standing, ask)))
            made = desk.batches.ask(visit.standing, ask, request_key_of(visit.said(KEY)))
        except StepUpRequiredError:
            raise
        except BadBatchError as error:
            if visit.said("do") == "remarks":
                return self._remarked(visit, ask, error.problems)
            told = _Sent(alert=error.text, problems=error.problems, status=_INVALID)
            return self._show(visit, told)
        except KeyReusedError as error:  # the back button: what was sent then stands
            status = edge_problem_of(error.code).status
            told = _Sent(alert=messages.SENT_BEFORE, status=status, key=new_key())
            return self._show(visit, told)
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status in (404, 500):
                raise
            return self._show(visit, _Sent(alert=public_text(error), status=status))
        return self.rendering.redirect(f"/issuing/requests/{made.request_id}")

    @staticmethod
    def _remarked(visit: Visit, ask: SheetAsk, problems: Sequence[RowProblem]) -> Response:
        """Return a copy of the sheet with what is to be mended beside each row."""
        path = path_of(ask)
        copy = remarked_copy(ask, problems, visit.language)
        if path.suffix == ".xlsx":
            return _workbook(copy, "sheet-remarks.xlsx")
        return csv_file(copy, "sheet-remarks.csv")

    def _show(self, visit: Visit, sent: _Sent) -> Response:
        choices: list[Grantable] = self.use.abilities.grantable(visit.standing)
        return self.rendering.page(
            visit,
            "sheet.html",
            status=sent.status,
            choices=choices,
            sent=sent,
            errors=dict(sent.errors),
            problems=sent.problems[:MOST_TOLD],
            recognised=[] if sent.check is None else _recognised(sent.check),
            kinds=[] if sent.check is None else [(k, sent.check.kinds[k]) for k in RowKind],
            decisions=list(ChangeDecision),
            hidden_choices=list(Hidden),
            said=visit.said,
            wanted=visit.said("what") or visit.request.query_params.get("what", ""),
            request_key=sent.key or visit.said(KEY) or new_key(),
        )


def _workbook(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=WORKBOOK_TYPE, headers=headers)


def _recognised(check: BatchCheck) -> list[tuple[int | None, RowKind, str]]:
    """Return the rows that were granted before, each with its licence."""
    return [
        (row_of(one.application.source), one.kind, one.licence.identifier)
        for one in check.recognised[:MOST_TOLD]
        if one.licence is not None
    ]
