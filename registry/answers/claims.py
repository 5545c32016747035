"""Verifying claims (GB/T 36906 verifyCertInfo): the asker says what it believes, and gets back
whether it is so; never the record.

Guessing must tell nothing. Where a type's number holds a person's code, number and code are one
fact and identifiers are serial, so such a licence is named by its link's token or its file's
digest. Fields that are not public, or are masked in public, cannot be asked about.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import Connection

from core.ids import LinkToken, Sha256
from core.text import Text
from registry.answers import messages
from registry.answers.evidence import seen_licence
from registry.answers.rounds import awaits_more
from registry.licences.asked import AskedKind, read_asked, read_token
from registry.licences.licences import find_by_link, find_by_number, find_revisions, get_licence
from registry.model import Holder, Licence, LicenceState, Reason, RegistryError, TypeKind
from registry.privacy.codes import BLIND, Privacy, is_token, privacy_of
from registry.state_words import LAPSED, StateWords, words_of
from registry.types.catalogue import Catalogue
from registry.types.licence_type import LicenceType
from registry.types.metadata import FACE_PREFIX

MAX_USE_CAUSE: Final = 200
"""Characters of the reason for asking (GB/T 36906)."""
LINK: Final = "LINK"
"""Claim: the licence's link, or its token. Ours; GB/T 36906 has none."""
DIGEST: Final = "SHA256"
"""Claim: SHA-256 of the licence's file, in hex. Ours."""
_BY_STATE: Final = {LicenceState.IN_FORCE: 0, LicenceState.PENDING: 1, LicenceState.SUSPENDED: 2}
_ANY_OTHER_STATE: Final = 3


def _correct(words: StateWords) -> Text:
    return messages.licence_details_match(words.word)


_RESULTS: Final = {
    **{result: _correct(words_of(state, None)) for state, result in _BY_STATE.items()},
    _ANY_OTHER_STATE: _correct(LAPSED),
    4: Text(
        "信息不足，无法核验。请给出证照编号或标识，以及持证主体名称或代码；编号含有个人信息的证照，"
        "须给出核验链接或文件的摘要值。",
        "Not enough given: state the number or identifier, and the holder's name or code; where "
        "the number holds personal data, the licence's link or its file's digest.",
    ),
    5: Text(
        "未查到与所填信息一致的证照。请检查后重试，或向颁发机构核实。",
        "No record agrees with what was given. Check it and try again, or ask the authority.",
    ),
}
_NO_AGREEMENT: Final = 5
"""A slip or a guess: the one result for which the edge slows a client network down."""
_HAVING = (LINK, DIGEST)
"""Claims that only who has the licence can make."""
_NAMING = ("ZZBS", "ZZBH")
_HOLDING = ("CZZT", "CZZTDM")
_KEPT = ("ZZBS", "ZZBH", "ZZBFJG", "ZZBFRQ", "ZZYXQQSRQ", "ZZYXQJZRQ")
"""Keys of a licence that are kept when its contents are erased."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class InvalidClaimsError(RegistryError):
    """The request does not say why it asks, or asks about what is not public."""

    code = "usage"


@dataclass(frozen=True, slots=True)
class ClaimsResult:
    """0 to 5, as GB/T 36906 counts them, and in words."""

    result: int
    message: Text


class ClaimsDesk:
    """Compares claims with the register; usable from several threads."""

    def __init__(self, catalogue: Catalogue, public_url: str) -> None:
        self._catalogue = catalogue
        self._public_url = public_url

    def judge(
        self,
        connection: Connection,
        type_code: str,
        claims: Mapping[str, str],
        use_cause: str,
        today: date,
    ) -> ClaimsResult:
        """Say whether what is claimed is so.

        Raises `InvalidClaimsError`, and `NotFoundError` for an unknown type.
        """
        check_use_cause(use_cause)
        licence_type = self._catalogue.find(connection, type_code)
        _refuse_secret_fields(licence_type, claims)
        personal = licence_type.number_holds_holder_code
        if not claims_suffice(claims, number_holds_holder_code=personal):
            return NOT_ENOUGH
        candidates = [
            _as_claimed(connection, licence, claims.get(DIGEST, ""))
            for licence in map(seen_licence, self._find(connection, claims))
            if licence is not None and licence.type_code == licence_type.code
        ]
        rest = {key: value for key, value in claims.items() if key not in _HAVING}
        return judge_claims(rest, candidates, today, privacy_of(connection))

    def _find(self, connection: Connection, claims: Mapping[str, str]) -> list[Licence | None]:
        """Return the licences that the claims name; every way that is given must agree."""
        link, digest = claims.get(LINK), claims.get(DIGEST)
        found: list[list[Licence | None]] = []
        if link:
            token = read_token(link, self._public_url) or LinkToken("")
            found.append([find_by_link(connection, token)])
        if digest:
            found.append(_by_digest(connection, digest.strip().lower()))
        if claims.get("ZZBS"):
            found.append(self._by_identifier(connection, claims["ZZBS"]))
        if not found:
            return [*find_by_number(connection, claims.get("ZZBH", "").strip())]
        return [one for one in found[0] if all(one in others for others in found[1:])]

    def _by_identifier(self, connection: Connection, text: str) -> list[Licence | None]:
        asked = read_asked(text, self._public_url)
        if asked.kind is not AskedKind.IDENTIFIER or asked.identifier is None:
            return []
        return [get_licence(connection, asked.identifier.identifier)]


def check_use_cause(use_cause: str) -> None:
    """Refuse a request that does not say why it asks. Raises `InvalidClaimsError`."""
    if not 1 <= len(use_cause.strip()) <= MAX_USE_CAUSE:
        raise InvalidClaimsError(messages.use_cause_required(MAX_USE_CAUSE))


def claims_suffice(claims: Mapping[str, str], *, number_holds_holder_code: bool) -> bool:
    """Tell whether claims name a licence and its holder: less would let people fish."""
    naming = _HAVING if number_holds_holder_code else (*_NAMING, *_HAVING)
    return any(claims.get(key) for key in naming) and any(claims.get(key) for key in _HOLDING)


def judge_claims(
    claims: Mapping[str, str], candidates: list[Licence], today: date, privacy: Privacy = BLIND
) -> ClaimsResult:
    """Compare claims that suffice with the licences that they name.

    Raises `PrivacyKeyMissingError` where a hidden code is claimed and its index cannot be asked.
    """
    for licence in candidates:
        if all(_agrees(licence, key, value, privacy) for key, value in claims.items()):
            state = licence.effective_state(today)
            return _result(_BY_STATE.get(state, _ANY_OTHER_STATE))
    return _result(_NO_AGREEMENT)


def _refuse_secret_fields(licence_type: LicenceType, claims: Mapping[str, str]) -> None:
    """Refuse by the type alone, so that the refusal says nothing of any record."""
    for key in claims:
        rule = licence_type.fields.get(key.removeprefix(FACE_PREFIX))
        if key.startswith(FACE_PREFIX) and rule is not None and (not rule.public or rule.mask):
            raise InvalidClaimsError(
                messages.field_not_public(field_label=rule.label, field_name=key)
            )


def _by_digest(connection: Connection, digest: str) -> list[Licence | None]:
    if not _SHA256.fullmatch(digest):
        return []
    revisions = find_revisions(connection, [Sha256(digest)])
    return [get_licence(connection, one.identifier) for one in revisions]


def _as_claimed(connection: Connection, licence: Licence, digest: str) -> Licence:
    """Return a licence; a document that awaits seals, or whose file is an earlier one, as one that
    is not in force.
    """
    if licence.kind is not TypeKind.DOCUMENT:
        return licence
    found = find_revisions(connection, [Sha256(digest.strip().lower())]) if digest else []
    sequence = found[0].sequence if found else None
    if not awaits_more(connection, licence, sequence):
        return licence
    return replace(licence, state=LicenceState.SUSPENDED, reason=Reason.AWAITING_SIGNATURES)


def _agrees(licence: Licence, key: str, value: str, privacy: Privacy) -> bool:
    if licence.erased_at is not None and key not in _KEPT:
        return False
    if key == "CZZT":
        return any(_same(holder.name, value) for holder in licence.holders)
    if key == "CZZTDM":
        return any(_is_code(holder, value, privacy) for holder in licence.holders)
    if key == "ZZBH" and licence.number_token is not None:
        return _same(licence.number_token, privacy.index.number(value.strip()))
    if key == "ZZBS":  # by which it was found, in whatever spelling
        return True
    known = {
        "ZZBH": licence.number,
        "ZZBFJG": licence.authority_name,
        "ZZBFRQ": licence.granted_on.isoformat(),
        "ZZYXQQSRQ": licence.valid_from.isoformat(),
        "ZZYXQJZRQ": licence.valid_until.isoformat() if licence.valid_until else "长期",
    } | {f"{FACE_PREFIX}{field}": text for field, text in licence.data.items()}
    return key in known and _same(known[key], value)


def _is_code(holder: Holder, claim: str, privacy: Privacy) -> bool:
    """Tell whether a claim is a holder's code: where that is hidden, by its token."""
    if is_token(holder.code):
        return _same(holder.code, privacy.index.token(holder.code_type, claim.strip()))
    return _same(holder.code, claim)


def _same(record: str, claim: str) -> bool:
    return hmac.compare_digest(record.strip().encode(), claim.strip().encode())


def _result(result: int) -> ClaimsResult:
    return ClaimsResult(result, _RESULTS[result])


NOT_ENOUGH: Final = _result(4)
