"""For how long what a licence of a type says is kept once it has ended."""

from typing import Annotated

from pydantic import Field

from registry.types.definition import Definition


class RetentionRule(Definition):
    """Erasure of what a licence says, once it has ended."""

    years: Annotated[int, Field(ge=1, le=100)] | None = None
    """Whole years after its last day, its cancellation or its replacement, after which its document
    and what it says of its holder are erased; without it they are kept."""
