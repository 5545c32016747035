"""Roll-over of issuing CAs in a home: the parts put together."""

from cryptography.x509.oid import NameOID

from ca.hierarchy.founding import HierarchyNames
from ca.hierarchy.steps import CaSteps
from ca.hierarchy.succession import Succession, names_of
from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.profiles.names import subject_of
from core.errors import ConfigurationError, UsageError
from home import messages
from home.wiring import Home


def open_succession(home: Home) -> tuple[Succession, CaSteps]:
    """Return the succession of a home's issuing CAs, and the steps that it takes; opens no key."""
    steps = CaSteps(home.ca_parts, home.root_keys, home.keys)
    return Succession(home.ca_parts, steps, lambda number: operator_names(home, number)), steps


def operator_names(home: Home, number: int) -> HierarchyNames:
    """Return the names that the issuing CA of a number has, with its services.

    Who runs the CA is in the settings; in homes made before it was, in the CA's certificate.
    Raises `ConfigurationError`.
    """
    known = home.settings.ca
    if known.organization is not None and known.uscc is not None:
        return names_of(known.organization, known.uscc, number)
    for record in home.ledger.list_issuers():
        if record.role is IssuerRole.ISSUING and record.certificate is not None:
            subject = subject_of(record.x509)
            named = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
            coded = subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
            if named and coded:
                uscc = str(coded[0].value).partition("-")[2]
                return names_of(str(named[0].value), uscc, number)
    raise ConfigurationError(messages.CA_OPERATOR_NOT_CONFIGURED)


def issuing_ca_in_use(home: Home) -> IssuerRecord:
    """Return the issuing CA that issues now. Raises `UsageError`."""
    active = [
        one
        for one in home.ledger.list_issuers()
        if one.role is IssuerRole.ISSUING and one.state is IssuerState.ACTIVE
    ]
    if not active:
        raise UsageError(messages.NO_ACTIVE_ISSUING_CA)
    return active[-1]
