"""Context for judging the signatures of one document, and the verdict on one of them."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.inspection.engine.knowledge import Knowledge, LoadedTrust
from signing.inspection.integrity import Integrity
from signing.report import Indication


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """One signature, judged."""

    indication: Indication
    sub_indication: str | None
    intact: bool | None
    trusted: bool
    level: str | None = None
    best_time: datetime | None = None
    notes: frozenset[str] = frozenset()
    signed_digest: str | None = None
    anchor: bytes | None = None
    """DER of the anchor at which the signer's path ends."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A signature in the file as it was at the timestamp that protects it."""

    signature: EmbeddedPdfSignature
    dss: Knowledge
    """What the document security store held then."""


@dataclass(frozen=True, slots=True)
class JudgementContext:
    """Context for judging the signatures of one document."""

    trust: LoadedTrust
    dss: Knowledge
    at: datetime
    proven_at: datetime
    """Up to when proofs must hold by themselves: the time of the next document timestamp that
    passed and covers this one's bytes, else `at`."""
    archived_at: datetime | None = None
    """The time of the innermost timestamp in the unbroken chain of these, if there is one: from
    then on each was protected by the next, up to now."""
    archived_length: int = 0
    """How many bytes it covers, in the file as it was then."""
    beside: tuple[x509.Certificate, ...] = ()
    """Certificates from all signatures of the file: a token may come without its own."""

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Every certificate at hand; none of them is believed for that."""
        return (*self.everything.certificates, *self.trust.anchors, *self.beside)

    @property
    def trustworthy(self) -> tuple[x509.Certificate, ...]:
        """Certificates from the caller and the DSS: before those of a CMS."""
        return (*self.trust.anchors, *self.everything.certificates)

    @property
    def everything(self) -> Knowledge:
        """The caller's knowledge and the document's."""
        return self.trust.knowledge + self.dss

    @property
    def own(self) -> Knowledge:
        """Knowledge from the document itself; the anchors come from the caller."""
        return self.dss


def unjudged(finding: Integrity) -> SignatureVerdict:
    """Return a verdict on the bytes alone."""
    failed = finding.intact is False
    return SignatureVerdict(
        indication=Indication.TOTAL_FAILED if failed else Indication.INDETERMINATE,
        sub_indication=finding.sub_indication or "GENERIC",
        intact=finding.intact,
        trusted=False,
        notes=finding.notes,
        signed_digest=finding.signed_digest,
    )
