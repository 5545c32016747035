"""Ceremonies: rehearsed on copies, then carried out step by step."""

from pathlib import Path

from ca.ceremony.ceremony import CeremonyRun, Conduct, Confirm, rehearse
from ca.ceremony.file import CeremonyFile, Step
from ca.ceremony.steps import Made
from core.errors import UsageError
from core.permits import Action, Permit
from home.ceremony_place import open_desk, open_rehearsal
from home.root_pins import pin_own_roots
from home.succession import open_succession
from home.use_cases import messages
from home.wiring import Home
from identity.people.permits import ceremony_permit
from registry.identifiers import is_uscc


def permit_ceremony(home: Home, root: Path | None) -> Permit:
    """Return the permit of a ceremony; an offline root has no home that names its operator.

    Raises `NotAllowedError`.
    """
    return home.permit(Action.MANAGE_CA) if root is None else ceremony_permit(home.account)


def rehearse_ceremony(
    home: Home, reviewed: CeremonyFile, root: Path | None, permit: Permit
) -> list[tuple[Step, Made]]:
    """Do all steps with throw-away keys on a copy of the ledger; nothing is kept.

    `root`: directory of an offline root; None: the home itself. Raises `UsageError`, and what the
    steps raise.
    """
    head = reviewed.ceremony.ceremony
    if not is_uscc(head.uscc):
        raise UsageError(messages.CEREMONY_USCC_INVALID)
    with open_rehearsal(home, root, head, permit) as desk:
        return rehearse(reviewed, desk, permit)


def carry_out_ceremony(  # noqa: PLR0917  # each of another type
    home: Home,
    reviewed: CeremonyFile,
    root: Path | None,
    conduct: Conduct,
    confirm: Confirm,
    permit: Permit,
) -> CeremonyRun:
    """Do the steps that are not done, each once `confirm` agrees; then furnish what was made here.

    Raises `CeremonyDeclinedError`, and what the steps raise; repeated, it goes on.
    """
    with open_desk(home, root, reviewed.ceremony.ceremony) as desk:
        ran = CeremonyRun(reviewed, desk, conduct)
        ran.run(confirm, permit)
    if root is None:
        pin_own_roots(home)
        open_succession(home)[0].furnish(permit)
    return ran
