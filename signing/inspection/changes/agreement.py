"""Agreement of pyHanko's difference analysis: necessary where we find an update innocent.

What is proven here by content (validation data, metadata, objects written again unchanged, freed
numbers, containers) is taken as explained; its rules for the catalogue, the form, fields and
annotations must explain the rest. Alone it lets pass a changed Info dictionary, garbage after
%%EOF, and replaced content as form filling.
"""

from collections.abc import Iterable
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver
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
from pyhanko.sign.diff_analysis.constants import ACROFORM_EXEMPT_STRICT_COMPARISON
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


class _Older(HistoricalResolver):
    """The older revision, which tells numbers that nothing used from those in use.

    pyHanko takes every number below /Size for used. PDFBox takes the number of a cross-reference
    stream that does not list itself, and the next maker too.
    """

    def __init__(self, reader: SealedReader, revision: int, missed: frozenset[Key]) -> None:
        super().__init__(reader, revision)
        self._missed = missed
        # What was read for the update before this one, or for our own comparison, is the same.
        known: Any = reader.get_historical_resolver(revision)
        known._load_reverse_xref_cache()  # noqa: SLF001
        self.cache = known.cache
        self._indirect_object_access_cache = known._indirect_object_access_cache  # noqa: SLF001

    def is_ref_unassignable(self, ref: generic.Reference) -> bool:
        """Tell whether a number was free: not in use, and not referred to."""
        if (ref.idnum, ref.generation) in self._missed:
            return False
        return self.reader.xrefs.get_historical_ref(ref, self.revision) is None


def demand_agreement(
    reader: SealedReader, revision: int, explained: Iterable[Key], missed: frozenset[Key]
) -> None:
    """Raise `UnclearError` unless pyHanko finds validation data and signatures at most."""
    rules: Any = CatalogModificationRule, SigFieldCreationRule  # untyped
    catalogue, created = (rule() for rule in rules)
    others = GenericFieldModificationRule()
    policy = StandardDiffPolicy(
        global_rules=[_Explained(explained), catalogue],
        form_rule=FormUpdatingRule(
            [created, SigFieldModificationRule(), others],
            ACROFORM_EXEMPT_STRICT_COMPARISON | {"/SigFlags"},
        ),
        reject_object_freeing=False,
        ignore_orphaned_objects=False,
    )
    old = _Older(reader, revision - 1, missed)
    new: Any = reader.get_historical_resolver(revision)
    try:
        result = policy.apply(old, new)
    except SuspiciousModification as error:
        raise UnclearError(f"difference analysis disagrees: {error}") from error
    except NotImplementedError as error:
        raise UnclearError("difference analysis has no answer") from error
    if result.modification_level > ModificationLevel.FORM_FILLING:
        raise UnclearError("difference analysis disagrees")
