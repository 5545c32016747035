"""Roll-over: the next issuing CA takes over, and what the last one issued stays good."""

from dataclasses import dataclass

from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from core.errors import UsageError
from core.files import locked
from core.ids import IssuerId
from core.permits import Permit
from home.succession import issuing_ca_in_use, open_succession
from home.use_cases import messages
from home.wiring import Home
from keys.model import KeyNotFoundError
from registry.model import ConflictError


@dataclass(frozen=True, slots=True)
class RollOver:
    """Result of a roll-over."""

    issuer: IssuerId
    """The CA that is ready, or in use."""
    retired: tuple[IssuerId, ...] | None
    """Those that issue nothing more; None where the next CA was only prepared."""


def roll_over(
    home: Home,
    root: IssuerId | None,
    permit: Permit,
    *,
    prepare_only: bool,
    agreed: IssuerId | None = None,
) -> RollOver:
    """Let the next issuing CA take over; finishes first what was cut off. One at a time.

    `root` certifies it, if its key is here; None: the newest. `agreed`: the CA in use that somebody
    agreed to retire. Raises `UsageError` where the root's key is elsewhere and the next CA has no
    certificate yet, `ConflictError` where another than `agreed` is in use by now.
    """
    with locked(home.directory / ".rollover.lock"):
        if agreed is not None and (now := issuing_ca_in_use(home).issuer) != agreed:
            raise ConflictError(messages.rolled_over_meanwhile(agreed, now))
        return _roll_over(home, root, permit, prepare_only=prepare_only)


def _roll_over(
    home: Home, root: IssuerId | None, permit: Permit, *, prepare_only: bool
) -> RollOver:
    succession, steps = open_succession(home)
    if finished := succession.settle(permit):
        return RollOver(issuing_ca_in_use(home).issuer, tuple(finished))
    issuer = succession.next_issuer()
    record = steps.find(issuer)
    if record is None or record.certificate is None:
        ca = succession.new_ca(issuer, _root_here(home, root), home.settings.ca.crl_shards)
        steps.certify_issuing(ca, permit, state=IssuerState.PREPARED)
    succession.furnish(permit)
    if prepare_only:
        return RollOver(issuer, None)
    return RollOver(issuer, tuple(succession.switch(issuer, permit)))


def _root_here(home: Home, root: IssuerId | None) -> IssuerId:
    """Return the newest active root, or the one named, whose key is in the home."""
    known = home.ledger.list_issuers()
    roots = [one.issuer for one in known if one.role is IssuerRole.ROOT]
    if root is not None and root not in roots:
        raise UsageError(messages.no_such_root(root, roots))
    for record in reversed(known):
        if root in (None, record.issuer) and _is_here(home, record):
            return record.issuer
    raise UsageError(messages.ROOT_KEY_HELD_ELSEWHERE)


def _is_here(home: Home, record: IssuerRecord) -> bool:
    if record.role is not IssuerRole.ROOT or record.state is not IssuerState.ACTIVE:
        return False
    try:
        home.root_keys.find(record.key_id)
    except KeyNotFoundError:
        return False
    return True
