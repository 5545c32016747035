"""Local accounts, as their rules see them; and how what they vouch for is named.

They are for one machine: nobody else knows who stands behind a name, and nobody else can end them.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from identity.accounts import messages
from identity.people.model import SignInWay

LOCAL_ISSUER: Final = "urn:xinyin:local"
"""`iss` of local accounts: no provider's, since those are https addresses."""
LOCAL_ALIAS: Final = "local"
BREAK_GLASS_ISSUER: Final = "urn:xinyin:break-glass"
BREAK_GLASS_ALIAS: Final = "break-glass"
BREAK_GLASS_SUBJECT: Final = "operator"
"""One for every use: who asked for something in one emergency approves it in no other."""
PASSWORD_ACR: Final = "urn:xinyin:acr:password"  # noqa: S105  # a name
PASSKEY_ACR: Final = "urn:xinyin:acr:passkey"
"""A passkey with the person's verification: two factors, and no page but ours gets it."""
BREAK_GLASS_ACR: Final = "urn:xinyin:acr:break-glass"
FOR_ONE_MACHINE: Final = messages.LOCAL_ACCOUNTS_WARNING
"""Said wherever local accounts are made, served or used."""
MAX_LOGIN: Final = 64
_OWN_WAYS: Final = {
    LOCAL_ISSUER: SignInWay.LOCAL,
    BREAK_GLASS_ISSUER: SignInWay.BREAK_GLASS,
}


@dataclass(frozen=True, slots=True)
class Account:
    """Account of a person on this machine."""

    sub: str
    """Random; the identity's subject."""
    login: str
    """Name that is typed, as `plain_login` gives it."""
    name: str
    """To be shown."""
    password_hash: str | None = field(repr=False)
    browser_secret: bytes = field(repr=False)
    """Behind the marks of browsers that signed in by password before."""
    created_at: datetime
    password_at: datetime | None
    """When the password was set."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """Public half of a person's passkey."""

    passkey_id: str
    """Short name, for lists and the audit."""
    sub: str
    credential_id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    label: str
    created_at: datetime
    last_used_at: datetime | None = None
    suspect: bool = False
    """Its counter went back: there may be two of it. It signs nobody in any more."""


def plain_login(typed: str) -> str | None:
    """Return a login as it is kept: NFKC, lower case; None for what can be none."""
    login = unicodedata.normalize("NFKC", typed).strip().casefold()
    fits = 1 <= len(login) <= MAX_LOGIN and login.isprintable() and " " not in login
    return login if fits else None


def way_of(issuer: str) -> SignInWay:
    """Return how the session of an issuer began."""
    return _OWN_WAYS.get(issuer, SignInWay.BROWSER)
