"""Types of what is written into files that people review and carry: ids, lines, digests."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from ca.ledger import RevocationReason


def _printable(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise ValueError("must be one printable line, not padded by spaces")
    return value


Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class PlanSection(BaseModel):
    """Part of such a file: frozen, and without unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedRevocation(PlanSection):
    """An issuing CA's certificate that is to be revoked."""

    certificate: Id
    """The issuing CA's id."""
    reason: RevocationReason
