"""The form's fields at one revision, each with its widgets."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pyhanko.pdf_utils import generic

from signing.inspection.changes.finding import UnclearError
from signing.inspection.changes.view import Key, RevisionView, Value, key_of
from signing.inspection.objects import is_name, raw

_MOST_FIELDS = 50_000
_MOST_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Field:
    """A field that holds a value, or a node above such fields."""

    key: Key | None
    name: str
    kind: str
    """/Sig, /Tx, /Btn, /Ch, inherited or its own; empty where there is none."""
    dictionary: generic.DictionaryObject
    widgets: tuple[tuple[Key | None, generic.DictionaryObject], ...] = field(default=())

    def looks(self) -> Iterator[generic.DictionaryObject]:
        """Yield the field's own dictionary and those of its widgets."""
        yield self.dictionary
        for _, widget in self.widgets:
            if widget is not self.dictionary:
                yield widget


def read_fields(view: RevisionView, form: generic.DictionaryObject) -> list[Field]:
    """Walk the field tree (ISO 32000-2 12.7.4). Raises `UnclearError`."""
    found: list[Field] = []
    seen: set[Key] = set()
    work: list[tuple[Value, str, str, int]] = [
        (one, "", "", 0) for one in reversed(view.array(form, "/Fields"))
    ]
    while work:
        reference, above, kind, depth = work.pop()
        key = key_of(reference)
        if (key is not None and key in seen) or depth > _MOST_DEPTH or len(found) > _MOST_FIELDS:
            raise UnclearError("a field tree that is none")
        if key is not None:
            seen.add(key)
        one, kids = _read(view, reference, above, kind)
        found.append(one)
        work.extend((kid, one.name, one.kind, depth + 1) for kid in reversed(kids))
    return found


def _read(
    view: RevisionView, reference: Value, above: str, inherited: str
) -> tuple[Field, list[generic.PdfObject]]:
    """Return a field and those below it."""
    node = view.expect(reference, "a field")
    part: object = view.entry(node, "/T")
    name = ".".join(filter(None, (above, str(part) if isinstance(part, str) else "")))
    named = view.entry(node, "/FT")
    kind = str(named) if isinstance(named, generic.NameObject) else inherited
    widgets: list[tuple[Key | None, generic.DictionaryObject]] = []
    below: list[generic.PdfObject] = []
    for kid in view.array(node, "/Kids"):
        held = view.expect(kid, "a field's kid")
        if "/T" in held or "/Kids" in held:
            below.append(kid)
        else:
            widgets.append((key_of(kid), held))
    if is_name(view.entry(node, "/Subtype"), "/Widget") or "/Rect" in node:
        widgets.append((key_of(reference), node))
    return Field(key_of(reference), name, kind, node, tuple(widgets)), below


def matched(
    old: list[Field], new: list[Field]
) -> tuple[list[tuple[Field, Field]], list[Field], list[Field]]:
    """Return the fields that stayed (before and after), the removed and the added ones."""
    by_key = {one.key: one for one in new if one.key is not None}
    by_name = {one.name: one for one in new if one.key is None}
    kept: list[tuple[Field, Field]] = []
    removed: list[Field] = []
    taken: set[int] = set()
    for one in old:
        other = by_name.get(one.name) if one.key is None else by_key.get(one.key)
        if other is None:
            removed.append(one)
        else:
            kept.append((one, other))
            taken.add(id(other))
    return kept, removed, [one for one in new if id(one) not in taken]


def value_of(view: RevisionView, one: Field) -> generic.DictionaryObject | None:
    """Return the signature dictionary of a field, None where it has none."""
    value = view.follow(raw(one.dictionary, "/V"))
    return value if isinstance(value, generic.DictionaryObject) else None
