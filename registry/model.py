"""The registry's own vocabulary: frozen data and closed sets. ORM rows never leave this package."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from core.errors import XinyinError
from core.ids import (
    AuthorityId,
    LicenceIdentifier,
    LicenceNumber,
    LinkToken,
    SealId,
    Sha256,
    TypeCode,
)
from core.text import Text

_OF_DOCUMENTS = frozenset({"issuer_code", "source", "terms"})
"""Keys of the data that the form of documents gives to each (registry/types/document_type.py)."""
BODY, RESIDENT = "001", "111"
"""Code types of GB/T 36903: unified social credit code, resident ID number."""


class TypeKind(StrEnum):
    """Kinds of what a type names."""

    LICENCE = "licence"
    DOCUMENT = "document"
    """公文: its page is made by somebody else, and signed (registry/types/document_type.py)."""


class LicenceState(StrEnum):
    """State of a licence. EXPIRED follows from a date and is computed when asked."""

    PENDING = "PENDING"
    """Stored: its grant has not finished, and nobody outside sees it. Computed: not yet valid."""
    IN_FORCE = "IN_FORCE"
    SUSPENDED = "SUSPENDED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REPLACED = "REPLACED"
    VOID = "VOID"
    """Its grant did not finish; the number is accounted for and was never in force."""


class Reason(StrEnum):
    """Reason why a licence left force (行政许可法), apart from its state."""

    ANNULLED = "ANNULLED"
    """撤销: should never have been granted (art. 69)."""
    FORFEITED = "FORFEITED"
    """吊销: as a penalty."""
    RECALLED = "RECALLED"
    """撤回: lawful, but the law or the facts changed (art. 8)."""
    SURRENDERED = "SURRENDERED"
    """The holder gave it up."""
    DEREGISTERED = "DEREGISTERED"
    """注销: formal removal, as on death or dissolution (art. 70)."""
    WITHHELD = "WITHHELD"
    """暂扣: suspended as a penalty, may be reinstated."""
    UNDER_REVIEW = "UNDER_REVIEW"
    """Suspended while facts are examined."""
    SEAL_COMPROMISED = "SEAL_COMPROMISED"
    """印章密钥泄露: the right stands, its document is not to be relied on until it is re-sealed."""
    CHANGED = "CHANGED"
    """变更: replaced because what it says changed."""
    RENEWED = "RENEWED"
    """延续: replaced for a further term."""
    REISSUED = "REISSUED"
    """补办: replaced because it was lost or damaged."""
    CORRECTED = "CORRECTED"
    """更正: replaced because it was wrong."""
    RESEALED = "RESEALED"
    """重新签章: replaced by the same under another key of the seal."""
    AWAITING_SIGNATURES = "AWAITING_SIGNATURES"
    """待会签: not all who are to seal the document have done so; it was never in force."""
    REFUSED = "REFUSED"
    """拒绝会签: one of those who were to seal it refused."""


class CompromiseFinding(StrEnum):
    """Finding on a document's seal after its key fell into other hands."""

    PROVEN = "PROVEN"
    """A trusted timestamp proves that it was made before."""
    UNPROVEN = "UNPROVEN"
    """Nothing does: the document is not to be relied on."""
    OTHER_KEY = "OTHER_KEY"
    """It was made with another key of the same seal."""


class SealLevel(StrEnum):
    """Rank of a body, which sets its seal's diameter (State Council 1999 no. 25)."""

    PROVINCE = "province"
    """50 mm."""
    CITY_OR_COUNTY = "city_or_county"
    """45 mm."""
    TOWNSHIP = "township"
    """42 mm."""
    INNER_BODY = "inner_body"
    """≤ 45 mm; ours 42."""


class RegistryError(XinyinError):
    """Base of this package's errors."""

    code = "registry"


@dataclass(frozen=True, slots=True)
class Authority:
    """颁发机构: a body that grants licences."""

    authority_id: AuthorityId
    name: str
    uscc: str
    level: SealLevel
    created_at: datetime
    parent: AuthorityId | None = None
    """The body above it."""
    successor: AuthorityId | None = None
    """The body that administers what it granted, once it is no more."""
    valid_from: date | None = None
    valid_until: date | None = None
    """Its last day."""

    def in_being(self, today: date) -> bool:
        """Tell whether it exists on a civil date."""
        begun = self.valid_from is None or self.valid_from <= today
        return begun and (self.valid_until is None or today <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Seal:
    """电子印章: an authority's key, certificate and appearance."""

    seal_id: SealId
    authority_id: AuthorityId
    name: str
    """In the ring's lower part, e.g. 食品经营许可专用章; empty for the body's own seal."""
    key_id: str
    certificate: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """持证主体."""

    name: str
    code_type: str
    """GB/T 36903 code type: 001 USCC, 111 resident ID, …"""
    code: str


@dataclass(frozen=True, slots=True)
class Licence:
    """One version of a licence."""

    identifier: LicenceIdentifier
    number: LicenceNumber
    type_code: TypeCode
    type_name: Text
    authority_id: AuthorityId
    authority_name: str
    state: LicenceState
    """As stored; `effective_state` adds what follows from dates."""
    reason: Reason | None
    basis: str | None
    holders: tuple[Holder, ...]
    data: dict[str, str]
    granted_on: date
    valid_from: date
    valid_until: date | None
    link_token: LinkToken
    replaces: LicenceIdentifier | None
    replaced_by: LicenceIdentifier | None
    sample: bool
    created_at: datetime
    document_number: str | None = None
    """文号: number of the document of record that its present state rests on."""
    hidden: bool = False
    """Read without the key of the codes: each is a token, and a number that holds one is masked."""
    number_token: str | None = None
    """What stands for such a number."""
    erased_at: datetime | None = None
    """When what it said was erased."""
    erased_by_rule: bool = False
    """By its type's rule, not by a decision on it alone."""

    @property
    def kind(self) -> TypeKind:
        """Kind of its type, by what documents alone have on record; for words."""
        return TypeKind.DOCUMENT if self.data.keys() >= _OF_DOCUMENTS else TypeKind.LICENCE

    suspended_until: date | None = None
    """Last day of a suspension; None: until it is lifted."""

    def settled(self, today: date) -> "Licence":
        """Return it as it stands on a civil date: in force again after a suspension's last day."""
        until = self.suspended_until
        if self.state is not LicenceState.SUSPENDED or until is None or today <= until:
            return self
        return replace(self, state=LicenceState.IN_FORCE, reason=None, suspended_until=None)

    def effective_state(self, today: date) -> LicenceState:
        """Return the state on the civil date `today`; valid through the last day."""
        state = self.settled(today).state
        if state not in (LicenceState.IN_FORCE, LicenceState.SUSPENDED):
            return state
        if self.valid_until is not None and today > self.valid_until:
            return LicenceState.EXPIRED
        if state is LicenceState.IN_FORCE and today < self.valid_from:
            return LicenceState.PENDING
        return state


@dataclass(frozen=True, slots=True)
class Revision:
    """A length of a licence's document that is known to be ours."""

    identifier: LicenceIdentifier
    sequence: int
    """0 is the sealed one."""
    length: int
    sha256: Sha256
    registered_at: datetime
    sealed: bool = field(default=False, compare=False)
    """It ends with a seal of ours, where the licence's revisions were listed; what the archive
    added ends with a timestamp."""


@dataclass(frozen=True, slots=True)
class Application:
    """A grant that passed every check of its type: what `granting` turns into a licence."""

    type_code: TypeCode
    holders: tuple[Holder, ...]
    data: dict[str, str]
    """Face fields by key, as they will stand on the page."""
    number: LicenceNumber | None
    """None: the registry assigns the next one by the type's rule."""
    valid_from: date
    valid_until: date | None
    photo: bytes | None = None
    source: str = ""
    """Where it came from, for messages: `row 12`."""
    stated: str = ""
    """SHA-256 of what the row itself says, in hex: nothing that follows from the day's date."""
    from_paper: LicenceNumber | None = None
    """Number of the licence on paper whose place it takes."""


class NotFoundError(RegistryError):
    """No record of that name."""

    code = "not_found"


class ConflictError(RegistryError):
    """The change does not fit the state in which the record is now."""

    code = "conflict"


class KeyReusedError(ConflictError):
    """The request key was used for another request; nothing was done under it now."""


@dataclass(frozen=True, slots=True)
class PublicField:
    """A face field shown to who has a licence's own link or its file, the holder masked."""

    label: Text
    value: str
    columns: tuple[Text, ...] = ()
    """Headings, where the value is a table."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Of a table, each a cell for every column."""
