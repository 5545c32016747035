"""All cases: importing this module registers them."""

import importlib
import pkgutil

import tests.corpus
from tests.corpus.model import CASES, Case

__all__ = ["ATTACKS", "CASES", "HONEST"]

for _module in pkgutil.iter_modules(tests.corpus.__path__):
    if _module.name.startswith(("honest_", "attack_")):
        importlib.import_module(f"tests.corpus.{_module.name}")

HONEST: tuple[Case, ...] = tuple(case for case in CASES.values() if case.kind == "honest")
ATTACKS: tuple[Case, ...] = tuple(case for case in CASES.values() if case.kind == "attack")
