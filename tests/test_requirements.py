"""The locks pin what pip asks for in a new environment."""

from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[1] / "requirements"


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_a_package_that_is_asked_for_with_an_extra_is_pinned_with_it(lock: str) -> None:
    """With hashes, pip refuses `pydantic[email]`, which scim2-models asks for, otherwise."""
    pinned = (REQUIREMENTS / lock).read_text("utf-8").splitlines()
    plain = [line for line in pinned if line.startswith("pydantic==")]
    extra = [line for line in pinned if line.startswith("pydantic[email]==")]
    assert [line.replace("[email]", "") for line in extra] == plain != []
