"""A type's page and its public view with sample data, before anything is granted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from core.ids import AuthorityId, LicenceIdentifier, LicenceNumber, LinkToken
from core.text import Text
from registry.identifiers import build_identifier
from registry.model import Application, Licence, LicenceState
from registry.types.drafting import messages
from registry.types.drafting.samples import sample_portrait, sample_row
from registry.types.faces import face_of
from registry.types.licence_type import LicenceType
from registry.types.numbering import NumberKind
from registry.types.row_check import check_row
from signing.face import LicenceFace

_LINK: Final = "https://verify.example.gov.cn/v/0000000000000000000000"
"""As long as a licence's own link, and nobody's."""


@dataclass(frozen=True, slots=True)
class TypePreview:
    """A licence that nobody granted, and its page."""

    licence: Licence
    face: LicenceFace


def preview_of(
    licence_type: LicenceType,
    today: date,
    *,
    row: Mapping[str, str] | None = None,
    authority: str | None = None,
) -> TypePreview:
    """Return a sample of a type; values of `row` stand in place of those that are made up.

    Raises `RowProblems` where the type takes no such value.
    """
    by_key = {licence_type.columns.get(name, name): value for name, value in (row or {}).items()}
    photo = sample_portrait() if licence_type.photo_field is not None else None
    application = check_row(
        licence_type,
        sample_row(licence_type, today) | by_key,
        photo,
        today,
        messages.SAMPLE.zh,
        read_photo=lambda own: own,  # drawn here: nothing to be made anew
    )
    licence = _licence(licence_type, application, today, authority or messages.SAMPLE_AUTHORITY.zh)
    return TypePreview(licence, face_of(licence_type, licence, _LINK, application.photo))


def _licence(
    licence_type: LicenceType, application: Application, today: date, authority: str
) -> Licence:
    return Licence(
        identifier=LicenceIdentifier(
            build_identifier(licence_type.code, licence_type.code[:18], "000000001", 1)
        ),
        number=_number(licence_type, application),
        type_code=licence_type.code,
        type_name=Text(licence_type.name.zh, licence_type.name.en),
        authority_id=AuthorityId(""),
        authority_name=authority,
        state=LicenceState.IN_FORCE,
        reason=None,
        basis=None,
        holders=application.holders,
        data=application.data,
        granted_on=today,
        valid_from=application.valid_from,
        valid_until=application.valid_until,
        link_token=LinkToken(""),
        replaces=None,
        replaced_by=None,
        sample=True,
        created_at=datetime.combine(today, datetime.min.time(), UTC),
    )


def _number(licence_type: LicenceType, application: Application) -> LicenceNumber:
    if licence_type.number.kind is NumberKind.ASSIGNED:
        return licence_type.assign_number(application.data, 1)
    assert application.number is not None  # given or derived
    return application.number
