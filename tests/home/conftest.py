"""The demo home of the commands' tests."""

from tests.cli.conftest import own, shared

__all__ = ["own", "shared"]
