"""Issuers that are trusted, and what a header must say of a token."""

from dataclasses import dataclass
from typing import Protocol

from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.jwk import Jwk


class KeySource(Protocol):
    """Public keys of one issuer."""

    def find(self, key_id: str) -> Jwk:
        """Return the one key of that id.

        Raises `TokenRefusedError` (UNKNOWN_KEY), `KeysUnavailableError`.
        """
        ...


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer of tokens, as the configuration names it."""

    issuer: str
    """As it stands in `iss`, to the letter (OpenID Connect Core 2)."""
    algorithm: JwsAlgorithm
    """The one that it signs by."""
    keys: KeySource


@dataclass(frozen=True, slots=True)
class HeaderRules:
    """Rules for the header of one kind of token."""

    algorithm: JwsAlgorithm
    types: frozenset[str | None]
    """Allowed `typ` in lower case, without `application/` (RFC 7515 4.1.9); None: absent."""
    brings_key: bool = False
    """The header holds the public key: a DPoP proof's alone."""
