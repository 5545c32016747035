"""The face of a licence: what its page shows."""

from dataclasses import replace

from registry.model import Licence
from registry.types.fields import FieldKind
from registry.types.licence_type import LicenceType
from signing.face import FaceDesign, FaceField, LicenceFace


def face_of(
    licence_type: LicenceType, licence: Licence, link: str, photo: bytes | None
) -> LicenceFace:
    """Build the face of the page; `link` goes into the QR code."""
    return LicenceFace(
        design=_design(licence_type, licence),
        number_label=licence_type.number.label,
        number=licence.number,
        identifier=licence.identifier,
        fields=face_fields(licence_type, licence),
        authority=licence.authority_name,
        granted_on=licence.granted_on,
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        link=link,
        photo=photo,
        sample=licence.sample,
    )


def face_fields(licence_type: LicenceType, licence: Licence) -> tuple[FaceField, ...]:
    """Return the labelled lines of the face, in its order."""
    values = licence.data
    return tuple(
        FaceField(
            key,
            rule.shown_label(values.get(key, "")),
            rule.printed(values.get(key, "")),
            wide=rule.wide,
            columns=rule.columns,
            rows=rule.printed_table(values.get(key, "")),
        )
        for key, rule in licence_type.fields.items()
        if rule.on_face and rule.kind is not FieldKind.PHOTO
    )


def _design(licence_type: LicenceType, licence: Licence) -> FaceDesign:
    chosen = (
        rule.colour_of(licence.data.get(key, "")) for key, rule in licence_type.fields.items()
    )
    colour = next(filter(None, chosen), None)
    return licence_type.design if colour is None else replace(licence_type.design, colour=colour)
