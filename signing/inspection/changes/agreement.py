"""Agreement of pyHanko's difference analysis: necessary where we find an update innocent.

What is proven here by content (validation data, metadata, objects written again unchanged, freed
numbers, containers) is taken as explained; its rules for the catalogue, the form, fields and
annotations must explain the rest. Alone it lets pass a changed Info dictionary, garbage after
%%EOF, and replaced content as form filling.
"""

from collections.abc import Iterable
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.rules_api import QualifiedWhitelistRule, ReferenceUpdate

from signing.inspection.changes.finding import UnclearError
from signing.inspection.changes.view import Key
from signing.inspection.reader import SealedReader


class _Explained(QualifiedWhitelistRule):
    """Approves of objects that were explained before."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = tuple(keys)

    def apply_qualified(self, old: Any, _new: Any) -> Any:
        for number, generation in self._keys:
            reference = generic.Reference(number, generation, old.reader)
            yield ModificationLevel.LTA_UPDATES, ReferenceUpdate(reference)


def demand_agreement(reader: SealedReader, revision: int, explained: Iterable[Key]) -> None:
    """Raise `UnclearError` unless pyHanko finds validation data and signatures at most."""
    rules: Any = CatalogModificationRule, SigFieldCreationRule  # untyped
    catalogue, created = (rule() for rule in rules)
    others = GenericFieldModificationRule()
    policy = StandardDiffPolicy(
        global_rules=[_Explained(explained), catalogue],
        form_rule=FormUpdatingRule([created, SigFieldModificationRule(), others]),
        reject_object_freeing=False,
        ignore_orphaned_objects=False,
    )
    old: Any = reader.get_historical_resolver(revision - 1)
    new: Any = reader.get_historical_resolver(revision)
    try:
        result = policy.apply(old, new)
    except SuspiciousModification as error:
        raise UnclearError(f"difference analysis disagrees: {error}") from error
    except NotImplementedError as error:
        raise UnclearError("difference analysis has no answer") from error
    if result.modification_level > ModificationLevel.FORM_FILLING:
        raise UnclearError("difference analysis disagrees")
