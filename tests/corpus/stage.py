"""The real parts that judge: a home with registered licences, its verifier and its sandbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.answers.verification import RegisterVerifier
from registry.model import RegistryError
from signing.levels import PadesLevel
from signing.sandbox import Sandbox
from tests.corpus.model import Papers, Said
from tests.world import World, copy_world

_REFUSALS = frozenset({"encrypted_pdf", "not_a_pdf", "unreadable_input"})
"""Codes of what is refused (CONTRACT: 415 and 422); any other error is a crash."""


def ask(verifier: RegisterVerifier, data: bytes) -> Said:
    """Return what the verifier answers of a file."""
    try:
        answer = verifier.by_file(data)
    except RegistryError as error:
        if error.code not in _REFUSALS:
            raise
        return Said("refused", "refused", error.code)
    signatures = sorted(answer.signatures, key=lambda one: one.covered_length)
    return Said(
        integrity=str(answer.integrity.result),
        outcome=str(answer.outcome),
        code=answer.integrity.code,
        notes=tuple(sorted({note for one in signatures for note in one.notes})),
        later_changes=tuple(
            None if one.later_changes is None else str(one.later_changes) for one in signatures
        ),
    )


def grant_papers(world: World) -> Papers:
    """Grant the licences that cases are made from."""
    return Papers(
        licence=world.grant(0, level=PadesLevel.B_LT).pdf,
        archived=world.grant(1, level=PadesLevel.B_LTA).pdf,
        other=world.grant(0, "disability", level=PadesLevel.B_B).pdf,
    )


@contextmanager
def stage(template: Path, directory: Path) -> Iterator[tuple[Papers, RegisterVerifier]]:
    """Set up a world with its licences."""
    with (
        Sandbox(workers=1) as sandbox,
        copy_world(template, directory, sandbox=sandbox) as world,
    ):
        yield grant_papers(world), world.home.verifier
