"""Permits for tests: what `identity.people.permits` would make for an operator."""

from ca.profiles.profiles import Profile
from ca.profiles.rights import RIGHTS
from core.permits import Action, Actor, Permit

OPERATOR = Actor("local:tester")
GRANT = Permit(OPERATOR, Action.GRANT)
CHANGE_LICENCE = Permit(OPERATOR, Action.CHANGE_LICENCE)
RENEW_ARCHIVE = Permit(OPERATOR, Action.RENEW_ARCHIVE)
EXPORT_ARCHIVE = Permit(OPERATOR, Action.EXPORT_ARCHIVE)
ERASE_LICENCE = Permit(OPERATOR, Action.ERASE_LICENCE)
TAKE_OVER = Permit(OPERATOR, Action.TAKE_OVER)
MANAGE_AUTHORITY = Permit(OPERATOR, Action.MANAGE_AUTHORITY)
MANAGE_SEAL = Permit(OPERATOR, Action.MANAGE_SEAL)
CHANGE_CERTIFICATE = Permit(OPERATOR, Action.CHANGE_CERTIFICATE)
ENROL = Permit(OPERATOR, Action.ENROL)
RUN_SERVICES = Permit(OPERATOR, Action.RUN_SERVICES)
MANAGE_CA = Permit(OPERATOR, Action.MANAGE_CA)
MANAGE_TRUST = Permit(OPERATOR, Action.MANAGE_TRUST)
MANAGE_KEY = Permit(OPERATOR, Action.MANAGE_KEY)
HANDLE_COMPROMISE = Permit(OPERATOR, Action.HANDLE_COMPROMISE)
MANAGE_OFFICERS = Permit(OPERATOR, Action.MANAGE_OFFICERS)
REQUEST = Permit(OPERATOR, Action.REQUEST)
DECIDE = Permit(OPERATOR, Action.DECIDE)


def to_certify(profile: Profile | str) -> Permit:
    """Return a permit for a certificate of a profile, or of a kind of profile."""
    kind = profile.kind if isinstance(profile, Profile) else profile
    return Permit(OPERATOR, RIGHTS[kind][0])
