"""Reasons for which a type's licences may leave force: those that its `[reasons]` list.

A reason is named by the law's code or word (行政许可法 art. 69, 70), or by the branch's own code or
name; a code that the branch gives to several of the law's reasons names none of them.
"""

from collections.abc import Iterable
from typing import Final

from core.text import Text
from registry.licences import messages
from registry.licences.reason_words import OTHER_NAMES, REASON_NAMES, list_reasons
from registry.model import Reason, RegistryError
from registry.types.licence_type import LicenceType

MAX_DOCUMENT_NUMBER: Final = 100
_MOST_SAID: Final = 40
OWN: Final = frozenset(
    {Reason.SEAL_COMPROMISED, Reason.RESEALED, Reason.AWAITING_SIGNATURES, Reason.REFUSED}
)
"""The register's own reasons, about seals' keys and who is to seal: no type's to list."""


class InvalidChangeError(RegistryError):
    """The change was asked for without what it needs."""

    code = "usage"


def allowed_reasons(licence_type: LicenceType, reasons: Iterable[Reason]) -> frozenset[Reason]:
    """Return those of `reasons` that a type's licences may have."""
    return frozenset(one for one in reasons if one in OWN or one in licence_type.reasons)


def named_reason(licence_type: LicenceType, reasons: Iterable[Reason], said: str) -> Reason:
    """Return the reason that somebody named, among `reasons` and those of the type.

    Raises `InvalidChangeError`, which lists what may be said.
    """
    allowed = allowed_reasons(licence_type, reasons)
    typed = said.strip()
    known = {word.lower(): one for one in allowed for word in (one.value, REASON_NAMES[one].zh)}
    known |= {name: one for name, one in OTHER_NAMES.items() if one in allowed}
    if (found := known.get(typed.lower())) is not None:
        return found
    own = {
        one
        for one in allowed - OWN
        if typed in (licence_type.reasons[one].code, licence_type.reasons[one].name.zh)
    }
    if len(own) == 1:
        return own.pop()
    raise _not_listed(licence_type, allowed, typed)


def check_reason(
    licence_type: LicenceType,
    reasons: Iterable[Reason],
    reason: Reason | None,
    document_number: str | None,
) -> None:
    """See that a reason is the type's, with the number of the document that it needs.

    Raises `InvalidChangeError`.
    """
    allowed = allowed_reasons(licence_type, reasons)
    if reason is None or reason not in allowed:
        raise _not_listed(licence_type, allowed, "" if reason is None else reason)
    check_document_number(document_number)
    own = licence_type.reasons.get(reason)
    if own is not None and own.document_number and document_number is None:
        raise InvalidChangeError(messages.document_number_required(own.name))


def check_document_number(written: str | None) -> None:
    """See that a document's number (文号) is one line. Raises `InvalidChangeError`."""
    if written is None:
        return
    if not (written.strip() == written and 1 <= len(written) <= MAX_DOCUMENT_NUMBER):
        raise InvalidChangeError(messages.document_number_unfit(MAX_DOCUMENT_NUMBER))
    if not written.isprintable():
        raise InvalidChangeError(messages.document_number_unfit(MAX_DOCUMENT_NUMBER))


def own_words(licence_type: LicenceType, reason: Reason) -> Text:
    """Return a reason as the branch calls it; as the law does, where the branch does not."""
    own = licence_type.reasons.get(reason)
    return REASON_NAMES[reason] if own is None else own.name


def own_code(licence_type: LicenceType, reason: Reason | None) -> str | None:
    """Return a reason's code in the branch's own list."""
    own = None if reason is None else licence_type.reasons.get(reason)
    return None if own is None else own.code


def _not_listed(
    licence_type: LicenceType, allowed: Iterable[Reason], said: str
) -> InvalidChangeError:
    codes = sorted(allowed)
    if not codes:
        return InvalidChangeError(messages.type_lists_no_reason(licence_type.slug))
    listed = list_reasons(codes)
    written = [f"{own_code(licence_type, one)} {one}" for one in codes if one not in OWN]
    branch = "、".join(
        f"{licence_type.reasons[one].code} {licence_type.reasons[one].name.zh}"
        for one in codes
        if one not in OWN
    )
    return InvalidChangeError(
        messages.reason_not_listed(
            said=said[:_MOST_SAID], listed=listed, branch=Text(branch, ", ".join(written))
        ),
        allowed=", ".join(codes),
    )
