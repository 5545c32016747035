"""State of a trust list, apart from reading and verifying it: what pages and answers tell."""

from dataclasses import dataclass
from enum import StrEnum

from core.text import Text
from signing.trust.lists import TrustList


class ListState(StrEnum):
    """State of the trust list: recognised, or the reason why not."""

    ABSENT = "absent"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    UNREADABLE = "unreadable"
    NOT_SIGNED = "not_signed"
    """By none of the pinned keys, or no key is pinned."""
    ROLLED_BACK = "rolled_back"
    """A lower version than one that was accepted before, or another list of the same version."""


_SAID = {
    ListState.ABSENT: Text(
        "没有信任列表：只认本平台自己的根证书。",
        "There is no trust list: only our own roots are recognised.",
    ),
    ListState.IN_FORCE: Text("信任列表有效。", "The trust list is in force."),
    ListState.EXPIRED: Text(
        "信任列表已过期，在更新之前不再认可其中任何机构。",
        "The trust list has expired: nobody in it is recognised until it is renewed.",
    ),
    ListState.UNREADABLE: Text(
        "信任列表文件无法读取，不予采用。", "The trust list file cannot be read and is not used."
    ),
    ListState.NOT_SIGNED: Text(
        "信任列表不是由指定的密钥签署的，不予采用。",
        "The trust list is signed by none of the pinned keys and is not used.",
    ),
    ListState.ROLLED_BACK: Text(
        "信任列表的版本低于曾经采用过的版本，不予采用。",
        "The trust list is an older version than one that was used before, and is not used.",
    ),
}


@dataclass(frozen=True, slots=True)
class ListReading:
    """Reading of the list file at an instant."""

    state: ListState
    content: TrustList | None = None
    """Present where the file could be read, whatever its state."""

    @property
    def said(self) -> Text:
        """The state in words."""
        return _SAID[self.state]

    @property
    def is_usable(self) -> bool:
        """There is none, or one whose signature holds: a next version may be built on it."""
        return self.state in (ListState.ABSENT, ListState.IN_FORCE, ListState.EXPIRED)

    @property
    def is_in_order(self) -> bool:
        """There is none, or it is in force."""
        return self.state in (ListState.ABSENT, ListState.IN_FORCE)

    @property
    def trusted(self) -> TrustList | None:
        """The list, if its anchors are recognised."""
        return self.content if self.state is ListState.IN_FORCE else None
