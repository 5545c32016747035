"""One world, with its licences and its sandbox, for all cases of a worker."""

from collections.abc import Iterator

import pytest

from registry.answers.verification import RegisterVerifier
from tests.corpus.model import Papers
from tests.corpus.stage import stage
from tests.world import shared_template


@pytest.fixture(scope="session")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Papers, RegisterVerifier]]:
    with stage(shared_template(tmp_path_factory), tmp_path_factory.mktemp("corpus")) as made:
        yield made


@pytest.fixture(scope="session")
def papers(set_up: tuple[Papers, RegisterVerifier]) -> Papers:
    return set_up[0]


@pytest.fixture(scope="session")
def verifier(set_up: tuple[Papers, RegisterVerifier]) -> RegisterVerifier:
    return set_up[1]
