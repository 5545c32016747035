"""Every file of the corpora through the real verifier and the real sandbox.

No honest file is called altered, no attack is called good: each answer is compared with the one
that is written beside the file.
"""

import pytest

from registry.answers.verification import RegisterVerifier
from tests.corpus.cases import ATTACKS, HONEST
from tests.corpus.model import Case, Papers
from tests.corpus.render import shown_by
from tests.corpus.stage import ask

SEEN = tuple({case.peculiar: case for case in reversed(ATTACKS) if case.shown_by}.values())
"""Each attack on the first of its bases; `python -m tests.corpus` renders it on all of them."""


def names(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", HONEST, ids=names)
def test_honest(case: Case, papers: Papers, verifier: RegisterVerifier) -> None:
    said = ask(verifier, case.build(papers))
    assert said.fits(case.required), (case.peculiar, said)


@pytest.mark.parametrize("case", ATTACKS, ids=names)
def test_attack(case: Case, papers: Papers, verifier: RegisterVerifier) -> None:
    said = ask(verifier, case.build(papers))
    assert said.outcome != "in_force", case.peculiar
    assert said.fits(case.required), (case.peculiar, said)


@pytest.mark.parametrize("case", SEEN, ids=names)
def test_attack_is_seen(case: Case, papers: Papers) -> None:
    """An attack that claims to change a page does so in each engine that it names."""
    assert case.before is not None
    assert set(case.shown_by) <= set(shown_by(case.before(papers), case.build(papers)))


def test_no_honest_file_may_be_accused() -> None:
    """Foreign files in honest hands are never required, nor allowed, to be altered."""
    accused = [
        case.name
        for case in HONEST
        if case.base == "foreign" and any("altered" in one.outcomes for one in case.required)
    ]
    assert accused == []


def test_no_attack_may_be_in_force() -> None:
    for case in ATTACKS:
        assert not any("in_force" in one.outcomes for one in case.required), case.name


def test_the_corpora_are_as_large_as_promised() -> None:
    assert len(HONEST) >= 80
    assert len({case.peculiar for case in ATTACKS}) >= 120
