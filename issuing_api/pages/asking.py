"""Pages on which a licence is asked for: which type, the form, the preview, sent once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from core.errors import XinyinError
from core.text import Text
from core.web.problem_answers import edge_problem_of, public_text
from core.web.request_errors import AddressNotFoundError
from identity.people.rights_check import StepUpRequiredError
from issuing_api.calls import request_key_of
from issuing_api.pages import messages
from issuing_api.pages.fields import (
    BASIS,
    KEPT_PHOTO,
    LOST_FILES,
    NUMBER_OF_DOCUMENT,
    PREFIX,
    TypedForm,
    content_rows,
    inputs_of,
    member_of,
    problems_by_input,
    read_typed,
    typed_again,
)
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from registry.desk.abilities import Grantable
from registry.desk.contents import GrantAsk
from registry.desk.preview import Draft
from registry.licences.licences import TRANSITIONS, LicenceChange
from registry.licences.reasons import allowed_reasons
from registry.model import KeyReusedError, Licence, Reason
from registry.types.row_problems import RowProblems

KEY = "request_key"
REPLACES, WHY = "replaces", "why"
"""Names of what a new version is asked for of, and for which reason."""
NEW = "/issuing/requests/new"
_INVALID = 422
_INTERNAL = 500


@dataclass(frozen=True, slots=True)
class _Version:
    """Licence of which a new version is asked for, and why."""

    licence: Licence
    reason: Reason


@dataclass(frozen=True, slots=True)
class AskingPages:
    """Renders these pages, and carries the form to the desk."""

    use: PageUse
    rendering: Rendering

    def choose(self, visit: Visit) -> Response:
        """Show the types that may be asked for, by authority."""
        found = self.use.abilities.grantable(visit.standing)
        bodies: dict[str, list[Grantable]] = {}
        for one in found:
            bodies.setdefault(one.authority.name, []).append(one)
        return self.rendering.page(visit, "choose.html", bodies=bodies)

    def form(self, visit: Visit) -> Response:
        """Show a form of a type: empty, or with what the licence says that is to be replaced."""
        chosen = self._chosen(visit)
        version = self._version(visit, chosen)
        typed = None
        if version is not None:
            photo = self.use.desk.photo(visit.standing, version.licence.identifier)
            typed = typed_again(chosen.licence_type, version.licence, photo)
        return self._form(visit, chosen, typed, {})

    def send(self, visit: Visit) -> Response:
        """Judge what was typed; show it again, or its preview, or send it."""
        chosen = self._chosen(visit)
        typed = read_typed(chosen.licence_type, visit.form, self.use.previews.read_photo)
        if visit.said("do") == "edit":
            return self._form(visit, chosen, typed, {})
        if typed.errors:
            return self._form(visit, chosen, typed, typed.errors, status=_INVALID)
        try:
            return self._judged(visit, chosen, typed)
        except RowProblems as error:
            errors = problems_by_input(chosen.licence_type, error)
            return self._form(visit, chosen, typed, errors, status=_INVALID)
        except StepUpRequiredError:
            raise
        except KeyReusedError as error:  # the back button: what was sent then stands
            status, told = edge_problem_of(error.code).status, {"": messages.SENT_BEFORE}
            return self._form(visit, chosen, typed, told, status=status, key=new_key())
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status == _INTERNAL:
                raise
            return self._form(visit, chosen, typed, {"": public_text(error)}, status=status)

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the form again; its photo has to be chosen again where it did not come along."""
        chosen = self._chosen(visit)
        typed = read_typed(chosen.licence_type, visit.form, self.use.previews.read_photo)
        told, status = {**typed.errors, "": error.text}, edge_problem_of(error.code).status
        rule = chosen.licence_type.photo_field
        lost = rule is not None and typed.photo is None
        known_lost = visit.form.cut is not None or bool(visit.said(LOST_FILES))
        if rule is not None and lost and (rule.required or known_lost):
            told[f"{PREFIX}{rule.key}"] = messages.PHOTO_AGAIN
        return self._form(visit, chosen, typed, told, status=status)

    def _judged(self, visit: Visit, chosen: Grantable, typed: TypedForm) -> Response:
        """Return the preview of what can be granted, or send it."""
        ask, standing = _ask(chosen, typed, self._version(visit, chosen)), visit.standing
        draft = self.use.previews.draft(standing, ask)
        match visit.said("do"):
            case "pdf":
                return preview_pdf(self.use.previews.pdf(draft))
            case "submit":
                made = self.use.desk.ask(standing, ask, self._key(visit))
                return self.rendering.redirect(f"/issuing/requests/{made.request_id}")
            case "grant" if chosen.at_once:
                granted = self.use.desk.grant(standing, ask, self._key(visit))
                return self.rendering.redirect(f"/issuing/licences/{granted.licence.identifier}")
        return self._preview(visit, chosen, typed, draft)

    def _chosen(self, visit: Visit) -> Grantable:
        """Return the type of the address. Raises `AddressNotFoundError`: also out of reach."""
        slug, authority_id = visit.request.path_params["slug"], visit.request.path_params["body"]
        for one in self.use.abilities.grantable(visit.standing):
            if (one.licence_type.slug, one.authority.authority_id) == (slug, authority_id):
                return one
        raise AddressNotFoundError(messages.NO_SUCH_CHOICE)

    def _version(self, visit: Visit, chosen: Grantable) -> _Version | None:
        """Return the licence that is to be replaced, by the form or by the address.

        Raises `NoSuchLicenceError`, `AddressNotFoundError` where it is of another type or body, or
        for no reason of the type's.
        """
        query = visit.request.query_params
        named = visit.said(REPLACES) or query.get(REPLACES, "")
        if not named:
            return None
        licence = self.use.sight(visit).licence(named[:160])
        allowed = allowed_reasons(chosen.licence_type, TRANSITIONS[LicenceChange.REPLACE].reasons)
        reason = member_of(Reason, visit.said(WHY) or query.get(WHY))
        ours = chosen.licence_type.code, chosen.authority.authority_id
        if (licence.type_code, licence.authority_id) != ours or reason not in allowed:
            raise AddressNotFoundError(messages.NO_SUCH_CHOICE)
        assert reason is not None
        return _Version(licence, reason)

    def _is_old(self, visit: Visit, typed: TypedForm | None) -> bool:
        """Tell whether the photo of a form is that of the licence to be replaced: it is shown."""
        named = visit.said(REPLACES) or visit.request.query_params.get(REPLACES, "")
        if typed is None or typed.photo is None or not named:
            return False
        return typed.photo == self.use.desk.photo(visit.standing, named[:160])

    def _key(self, visit: Visit) -> str:
        return request_key_of(visit.said(KEY))

    def _form(
        self,
        visit: Visit,
        chosen: Grantable,
        typed: TypedForm | None,
        errors: Mapping[str, Text],
        *,
        status: int = 200,
        key: str = "",
    ) -> Response:
        version = self._version(visit, chosen)
        inputs = inputs_of(chosen.licence_type, typed, errors, version=version is not None)
        listed = [(one.name, one.label, one.error) for one in inputs if one.error is not None]
        return self.rendering.page(
            visit,
            "ask.html",
            status=status,
            chosen=chosen,
            version=version,
            inputs=inputs,
            errors=listed,
            general=errors.get(""),
            kept_photo="" if typed is None else typed.kept_photo,
            old_photo=self._is_old(visit, typed),
            request_key=key or visit.said(KEY) or new_key(),
        )

    def _preview(self, visit: Visit, chosen: Grantable, typed: TypedForm, draft: Draft) -> Response:
        hidden = {f"{PREFIX}{key}": value for key, value in typed.record.items()}
        hidden |= {BASIS: typed.basis, KEPT_PHOTO: typed.kept_photo}
        hidden |= {NUMBER_OF_DOCUMENT: typed.document_number}
        version = self._version(visit, chosen)
        if version is not None:
            hidden |= {REPLACES: version.licence.identifier, WHY: version.reason}
        return self.rendering.page(
            visit,
            "preview.html",
            chosen=chosen,
            draft=draft,
            rows=content_rows(chosen.licence_type, _ask(chosen, typed, version)),
            version=version,
            basis=typed.basis,
            document_number=typed.document_number,
            has_photo=typed.photo is not None,
            hidden={name: value for name, value in hidden.items() if value},
            request_key=visit.said(KEY) or new_key(),
        )


def new_key() -> str:
    """Return a key for what a form will send: a double click sends it once."""
    return secrets.token_urlsafe(24)


def _ask(chosen: Grantable, typed: TypedForm, version: _Version | None) -> GrantAsk:
    return GrantAsk(
        chosen.licence_type.code,
        typed.record,
        chosen.authority.authority_id,
        typed.basis or None,
        typed.photo,
        document_number=typed.document_number or None,
        replaces=None if version is None else version.licence.identifier,
        reason=None if version is None else version.reason,
    )


def preview_pdf(pdf: bytes) -> Response:
    """Return a preview as a file that the browser may show."""
    name = quote("预览.pdf")
    disposition = f"inline; filename=\"preview.pdf\"; filename*=UTF-8''{name}"
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": disposition})
