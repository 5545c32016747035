"""Errors of asking a provider."""

from core.errors import UnreachableError
from identity.errors import IdentityError


class ProviderUnreachableError(UnreachableError):
    """The provider does not answer, or answers what nobody can use."""

    code = "provider_unreachable"


class ProviderRefusedError(IdentityError):
    """The provider answered with an error; `details["error"]` is its code (RFC 6749 5.2)."""

    code = "provider_refused"


class ProviderUnfitError(IdentityError):
    """The provider's published settings lack what we need, or name another issuer."""

    code = "provider_unfit"


class SignInFailedError(IdentityError):
    """A sign-in was not completed: declined, too late, or not the one that was begun."""

    code = "sign_in_failed"


class SignInPendingError(IdentityError):
    """The person has not finished signing in on the other device yet (RFC 8628 3.5)."""

    code = "sign_in_pending"
