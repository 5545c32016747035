"""Ports of the public edge, for wiring to the registry or to a script."""

from collections.abc import Callable, Mapping
from typing import Protocol

from core.ids import Sha256
from core.text import Text
from registry.answers.answers import VerificationAnswer

Ready = Callable[[], bool]
"""Blocking: whether the parts behind the edge (database, sandbox) can answer now."""


class ClaimsAnswer(Protocol):
    """Result for an asker of claims, never the record (GB/T 36906)."""

    @property
    def result(self) -> int:
        """0 correct and in force … 5 no such record."""
        ...

    @property
    def message(self) -> Text:
        """The result in words."""
        ...


class Verifier(Protocol):
    """Answers what a document or a licence is worth. Every method blocks.

    Each may raise `core.errors.XinyinError`; what the document itself is to blame for is in the
    answer, except a file that is no PDF (code `not_a_pdf`) or is encrypted (`encrypted_pdf`).
    """

    def by_known_file(self, data: bytes) -> VerificationAnswer | None:
        """Answer for bytes that are registered, without the sandbox; None: judge them."""
        ...

    def by_file(self, data: bytes) -> VerificationAnswer:
        """Judge the bytes of a PDF."""
        ...

    def registered_length(self, data: bytes) -> int | None:
        """Return how many bytes at the start of `data` are a registered licence, if any are."""
        ...

    def by_digest(self, sha256: Sha256) -> VerificationAnswer:
        """Judge a file by its SHA-256."""
        ...

    def by_code(self, code: str) -> VerificationAnswer:
        """Look up a link, token, QR payload, identifier or number as typed."""
        ...

    def by_token(self, token: str) -> VerificationAnswer:
        """Look up a licence's own link; the public face fields are filled."""
        ...

    def by_claims(
        self,
        type: str,  # noqa: A002 - the wire's word (GB/T 36906), and the verifier's
        claims: Mapping[str, str],
        use_cause: str,
    ) -> ClaimsAnswer:
        """Say whether what the asker believes is so."""
        ...
