"""Permits that let a certificate of each profile be issued."""

from collections.abc import Mapping

from ca.profiles.rules import ProfileKind
from core.permits import Action

RIGHTS: Mapping[str, tuple[Action, ...]] = {
    ProfileKind.ROOT: (Action.MANAGE_CA,),
    ProfileKind.ISSUING: (Action.MANAGE_CA,),
    ProfileKind.CROSS: (Action.MANAGE_CA,),
    ProfileKind.SEAL: (Action.MANAGE_SEAL, Action.HANDLE_COMPROMISE),
    ProfileKind.OFFICER: (Action.ENROL, Action.ENROL_OWN),
    ProfileKind.OFFICER_SHORT: (Action.ENROL, Action.ENROL_OWN),
    # With a CA come its services.
    ProfileKind.OCSP_RESPONDER: (Action.RUN_SERVICES, Action.MANAGE_CA),
    ProfileKind.TSA: (Action.RUN_SERVICES, Action.MANAGE_CA),
    ProfileKind.RECEIPT: (Action.RUN_SERVICES,),
}
REVOKERS = (Action.CHANGE_CERTIFICATE, Action.MANAGE_CA, Action.HANDLE_COMPROMISE)
"""Actions whose permits let a certificate be revoked."""
