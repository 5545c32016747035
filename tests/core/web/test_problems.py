"""The one table of errors: stable codes, and a default that reveals nothing."""

import importlib
import pkgutil
from collections.abc import Iterator

from core.errors import XinyinError
from core.web.problems import INTERNAL, PROBLEMS, problem_of

PACKAGES = ("ca", "core", "home", "identity", "keys", "registry", "signing", "verify_api")


def subclasses(base: type[XinyinError]) -> Iterator[type[XinyinError]]:
    for one in base.__subclasses__():
        yield one
        yield from subclasses(one)


def test_the_default_reveals_nothing() -> None:
    assert problem_of("never heard of") is INTERNAL
    assert INTERNAL.status == 500


def test_only_codes_that_errors_have_stand_in_the_table() -> None:
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if "__main__" not in module.name and "migrations" not in module.name:
                importlib.import_module(module.name)
    codes = {error.code for error in subclasses(XinyinError)}
    assert set(PROBLEMS) - codes == set()


def test_no_bad_input_is_an_internal_error() -> None:
    for code in ("unreadable_input", "usage", "not_found", "conflict", "not_a_pdf"):
        assert 400 <= problem_of(code).status < 500
