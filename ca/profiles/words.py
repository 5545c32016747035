"""Chinese words for kinds of certificates; English has the profile's own name."""

from typing import Final

from ca.profiles.rules import ProfileKind

_KINDS: Final = {
    ProfileKind.ROOT: "根",
    ProfileKind.ISSUING: "签发CA",
    ProfileKind.CROSS: "交叉",
    ProfileKind.SEAL: "印章",
    ProfileKind.OFFICER: "签署人",
    ProfileKind.OFFICER_SHORT: "签署人短期",
    ProfileKind.OCSP_RESPONDER: "OCSP服务",
    ProfileKind.TSA: "时间戳服务",
    ProfileKind.RECEIPT: "核验回执",
}


def kind_zh(kind: str) -> str:
    """Return the word that stands before 证书; a kind that is none of ours as it is."""
    return next((word for one, word in _KINDS.items() if one == kind), f"“{kind}”")
