"""Fields that a signature locks: FieldMDP in its dictionary, or its field's /Lock."""

from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.inspection.changes.finding import UnclearError
from signing.inspection.objects import items, resolved, target


@dataclass(frozen=True, slots=True)
class Lock:
    """ISO 32000-2 table 236 and 260: all fields, those named, or all but those named."""

    action: str
    fields: frozenset[str]

    def holds(self, name: str) -> bool:
        """Tell whether a field is locked; naming one locks those below it."""
        named = any(name == one or name.startswith(f"{one}.") for one in self.fields)
        if self.action == "/All":
            return True
        return named if self.action == "/Include" else not named


def lock_of(signature: EmbeddedPdfSignature) -> Lock | None:
    """Return the fields that a signature locks; None for nothing. Raises `UnclearError` and
    `READ_ERRORS`.
    """
    parameters = _field_mdp(signature.sig_object) or resolved(signature.sig_field, "/Lock")
    if not isinstance(parameters, generic.DictionaryObject):
        return None
    action = str(resolved(parameters, "/Action"))
    if action not in ("/All", "/Include", "/Exclude"):
        raise UnclearError("a lock that is none")
    named = resolved(parameters, "/Fields")
    fields = items(named) if isinstance(named, generic.ArrayObject) else []
    return Lock(action, frozenset(str(target(one)) for one in fields))


def _field_mdp(dictionary: generic.DictionaryObject) -> generic.PdfObject | None:
    references = resolved(dictionary, "/Reference")
    for one in items(references) if isinstance(references, generic.ArrayObject) else []:
        reference = target(one)
        if isinstance(reference, generic.DictionaryObject) and (
            str(resolved(reference, "/TransformMethod")) == "/FieldMDP"
        ):
            return resolved(reference, "/TransformParams")
    return None
