"""Annotations of a page before and after an update; fields' widgets are the form's matter."""

from pyhanko.pdf_utils import generic

from signing.inspection.changes.finding import UpdateFindings
from signing.inspection.changes.form import FormComparison
from signing.inspection.changes.pages import InheritedPage, annotations
from signing.inspection.changes.view import Comparison, Key, RevisionView, key_of

_APART = frozenset({"/P", "/Parent", "/StructParent"})


def compare_annotations(
    views: tuple[RevisionView, RevisionView],
    pair: tuple[InheritedPage, InheritedPage],
    form: FormComparison,
    comparison: Comparison,
    findings: UpdateFindings,
) -> None:
    """Compare the annotations of one page."""
    before, after = annotations(views[0], pair[0]), annotations(views[1], pair[1])
    old = {key_of(one): one for one in before if key_of(one) is not None}
    new = {key_of(one): one for one in after if key_of(one) is not None}
    if _direct_changed(before, after, comparison):
        findings.annotate("annotation_changed")
    for key in old.keys() - new.keys():
        _removed(key, form, findings)
    added = [key for key in new if key not in old]
    if any(key not in form.new_widgets for key in added):
        findings.annotate("annotation_changed")
    kept = [key for key in old if key in new]
    if kept != [key for key in new if key in old]:
        findings.annotate("annotation_changed")
    for key in kept:
        if key not in form.known_widgets and not _same(views, key, comparison):
            findings.annotate("annotation_changed")


def _removed(key: Key | None, form: FormComparison, findings: UpdateFindings) -> None:
    if key in form.known_widgets:
        findings.prove("field_changed", f"widget {key} was taken off its page")
    else:
        findings.annotate("annotation_changed")


def _direct_changed(
    before: list[generic.PdfObject], after: list[generic.PdfObject], comparison: Comparison
) -> bool:
    """Compare annotations that are no objects of their own, in their order."""
    old = [one for one in before if key_of(one) is None]
    new = [one for one in after if key_of(one) is None]
    return len(old) != len(new) or not all(
        comparison.same(one, other, _APART) for one, other in zip(old, new, strict=True)
    )


def _same(
    views: tuple[RevisionView, RevisionView], key: Key | None, comparison: Comparison
) -> bool:
    if key is None or not comparison.is_dirty(key):
        return True
    return comparison.same(views[0].object(key), views[1].object(key), _APART)
