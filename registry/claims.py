"""Verifying claims (GB/T 36906 verifyCertInfo): the asker says what it believes, and gets back
whether it is so; never the record.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.text import Text
from registry.model import Licence, LicenceState, RegistryError

MAX_USE_CAUSE = 200
"""Characters of the reason for asking (GB/T 36906)."""
_RESULTS = {
    0: Text("信息一致，证照有效。", "Correct, and in force."),
    1: Text("信息一致，证照尚未生效。", "Correct, and not yet active."),
    2: Text("信息一致，证照暂时无效。", "Correct, and temporarily out of force."),
    3: Text("信息一致，证照已失效。", "Correct, and no longer in force."),
    4: Text(
        "信息不足，无法核验。请给出证照编号或标识，以及持证主体名称或代码。",
        "Not enough given: state the number or identifier, and the holder's name or code.",
    ),
    5: Text("没有与所给信息一致的证照。", "No record agrees with what was given."),
}
_NAMING = ("ZZBS", "ZZBH")
_HOLDING = ("CZZT", "CZZTDM")


class InvalidClaimsError(RegistryError):
    """The request lacks why the data is asked for."""

    code = "usage"


@dataclass(frozen=True, slots=True)
class ClaimsResult:
    """0 to 5, as GB/T 36906 counts them, and in words."""

    result: int
    message: Text


def check_use_cause(use_cause: str) -> None:
    """Refuse a request that does not say why it asks. Raises `InvalidClaimsError`."""
    if not 1 <= len(use_cause.strip()) <= MAX_USE_CAUSE:
        raise InvalidClaimsError(
            f"须写明用途(use_cause，1 到 {MAX_USE_CAUSE} 字)。",
            f"State why you ask (use_cause, 1 to {MAX_USE_CAUSE} characters).",
        )


def claims_suffice(claims: Mapping[str, str], *, number_holds_holder_code: bool) -> bool:
    """Tell whether claims name a licence and its holder: less would let people fish.

    Where the number holds the holder's code, number and code are one fact, not two.
    """
    if number_holds_holder_code and not claims.get("ZZBS"):
        return bool(claims.get("ZZBH") and claims.get("CZZT"))
    return any(claims.get(key) for key in _NAMING) and any(claims.get(key) for key in _HOLDING)


def judge_claims(claims: Mapping[str, str], candidates: list[Licence], today: date) -> ClaimsResult:
    """Compare claims that suffice with the licences that bear the number or identifier."""
    for licence in candidates:
        if all(_agrees(licence, key, value) for key, value in claims.items()):
            return _result(_standing(licence.effective_state(today)))
    return _result(5)


def _agrees(licence: Licence, key: str, value: str) -> bool:
    if key == "CZZT":
        return any(_same(holder.name, value) for holder in licence.holders)
    if key == "CZZTDM":
        return any(_same(holder.code, value) for holder in licence.holders)
    known = {
        "ZZBS": licence.identifier,
        "ZZBH": licence.number,
        "ZZBFJG": licence.authority_name,
        "ZZBFRQ": licence.granted_on.isoformat(),
        "ZZYXQQSRQ": licence.valid_from.isoformat(),
        "ZZYXQJZRQ": licence.valid_until.isoformat() if licence.valid_until else "长期",
    } | {f"KZ_{field}": text for field, text in licence.data.items()}
    return key in known and _same(known[key], value)


def _same(record: str, claim: str) -> bool:
    return hmac.compare_digest(record.strip().encode(), claim.strip().encode())


def _standing(state: LicenceState) -> int:
    match state:
        case LicenceState.IN_FORCE:
            return 0
        case LicenceState.PENDING:
            return 1
        case LicenceState.SUSPENDED:
            return 2
        case _:
            return 3


def _result(result: int) -> ClaimsResult:
    return ClaimsResult(result, _RESULTS[result])


NOT_ENOUGH = _result(4)
