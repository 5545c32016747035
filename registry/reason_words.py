"""The names that the law gives to reasons, as people write them (行政许可法, 行政处罚法)."""

from typing import Final

from core.text import Text
from registry.model import Reason

REASON_NAMES: Final = {
    Reason.ANNULLED: Text("撤销", "annulled"),
    Reason.FORFEITED: Text("吊销", "forfeited"),
    Reason.RECALLED: Text("撤回", "recalled"),
    Reason.SURRENDERED: Text("申请注销", "surrendered"),
    Reason.DEREGISTERED: Text("注销", "deregistered"),
    Reason.WITHHELD: Text("暂扣", "withheld"),
    Reason.UNDER_REVIEW: Text("核查", "under review"),
    Reason.SEAL_COMPROMISED: Text("印章密钥泄露", "seal compromised"),
    Reason.CHANGED: Text("变更", "changed"),
    Reason.RENEWED: Text("延续", "renewed"),
    Reason.REISSUED: Text("补办", "reissued"),
    Reason.CORRECTED: Text("更正", "corrected"),
    Reason.RESEALED: Text("重新签章", "resealed"),
}
