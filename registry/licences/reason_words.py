"""The names that the law gives to reasons, as people write them (行政许可法, 行政处罚法)."""

from collections.abc import Iterable
from typing import Final

from core.text import Text
from registry.model import Reason

REASON_NAMES: Final = {
    Reason.ANNULLED: Text("撤销", "annulled"),
    Reason.FORFEITED: Text("吊销", "forfeited"),
    Reason.RECALLED: Text("撤回", "recalled"),
    Reason.SURRENDERED: Text("依申请注销", "surrendered"),
    Reason.DEREGISTERED: Text("注销", "deregistered"),
    Reason.WITHHELD: Text("暂扣", "withheld"),
    Reason.UNDER_REVIEW: Text("核查中", "under review"),
    Reason.SEAL_COMPROMISED: Text("印章密钥泄露", "seal compromised"),
    Reason.CHANGED: Text("变更", "changed"),
    Reason.RENEWED: Text("延续", "renewed"),
    Reason.REISSUED: Text("补办", "reissued"),
    Reason.CORRECTED: Text("更正", "corrected"),
    Reason.RESEALED: Text("重新签章", "resealed"),
    Reason.AWAITING_SIGNATURES: Text("待会签", "awaiting signatures"),
    Reason.REFUSED: Text("拒绝会签", "countersigning refused"),
}

DOCUMENT_REASON_NAMES: Final = {
    Reason.DEREGISTERED: Text("废止", "repealed"),
    Reason.RECALLED: Text("撤回", "withdrawn"),
    Reason.ANNULLED: Text("撤销", "annulled"),
}
"""Why an official document holds no more; nobody surrenders one, and it is no penalty."""

OTHER_NAMES: Final = {
    "申请注销": Reason.SURRENDERED,
    "自愿注销": Reason.SURRENDERED,
    "核查": Reason.UNDER_REVIEW,
}
"""What people also write for a reason; taken, never shown."""


def list_reasons(reasons: Iterable[Reason]) -> Text:
    """Return reasons as a list: the name that people know, and the code that commands take."""
    codes = sorted(reasons)
    return Text("、".join(f"{REASON_NAMES[one].zh}（{one}）" for one in codes), ", ".join(codes))
