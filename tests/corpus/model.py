"""A case of the corpora: bytes, what is peculiar about them, and the answer that is required."""

import inspect
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tests.corpus.pdf import Pdf, load


@dataclass(frozen=True, slots=True)
class Pattern:
    """An answer that is allowed; an empty set allows anything."""

    integrity: tuple[str, ...]
    """Results of `checks.integrity`; `refused` where the file is not taken (415, 422)."""
    outcomes: tuple[str, ...]
    codes: tuple[str, ...] = ()
    """Codes of `checks.integrity` (or of the refusal), one of which is wanted."""
    notes: tuple[str, ...] = ()
    """Notes that the signatures together must bear."""
    later_changes: tuple[str, ...] = ()
    """What the first signature (the one that covers least) may have."""
    absent_notes: tuple[str, ...] = ()
    """Notes that no signature may bear."""


Required = tuple[Pattern, ...]
"""Answers of which any one is right."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, as far as it is compared."""

    integrity: str
    outcome: str
    code: str
    notes: tuple[str, ...] = ()
    later_changes: tuple[str | None, ...] = ()

    def fits(self, required: Required) -> bool:
        return any(self._fits(pattern) for pattern in required)

    def _fits(self, pattern: Pattern) -> bool:
        first = self.later_changes[0] if self.later_changes else None
        return (
            self.integrity in pattern.integrity
            and self.outcome in pattern.outcomes
            and (not pattern.codes or self.code in pattern.codes)
            and set(pattern.notes) <= set(self.notes)
            and (not pattern.later_changes or first in pattern.later_changes)
            and not set(pattern.absent_notes) & set(self.notes)
        )


def sound(later: str = "none", *notes: str) -> Required:
    """Every signature holds, and what was added since is harmless."""
    return (Pattern(("passed",), ("not_issued_here",), (), notes, (later,)),)


def not_judged(*codes: str, notes: tuple[str, ...] = ()) -> Required:
    """Our limit, with its reason; a foreign file stays not issued here."""
    return (Pattern(("error",), ("not_issued_here",), codes, notes),)


SOUND = sound()
UNSIGNED: Required = (Pattern(("skipped",), ("not_issued_here",)),)
NEVER_SIGNED: Required = (Pattern(("skipped",), ("not_issued_here",), ("never_signed",)),)
FILLED: Required = (
    Pattern(("error",), ("not_issued_here",), ("filled_after_signing",), (), ("form_fill",)),
)
ANNOTATED: Required = (
    Pattern(("error",), ("not_issued_here",), ("annotated_after_signing",), (), ("permitted",)),
)
UNCLEAR: Required = (
    Pattern(("error",), ("not_issued_here",), ("structure_unclear",), (), ("unclear",)),
)
PROVEN: Required = (Pattern(("failed",), ("altered",)),)
"""There is proof of change, so `altered` is demanded."""
NOT_GOOD: Required = (Pattern(("failed",), ("altered",)), Pattern(("error",), ("not_issued_here",)))
"""Never good; altered or not judged."""
NOT_GOOD_OR_UNSIGNED: Required = (*NOT_GOOD, *UNSIGNED)
"""The same where nothing may be left that is a signature."""
ADDITION: Required = (Pattern(("error",), ("could_not_check",), ("unregistered_addition",)),)
IN_FORCE: Required = (Pattern(("passed",), ("in_force",)),)
BOTH = ("pdfium", "poppler")
PDFIUM = ("pdfium",)
POPPLER = ("poppler",)
UNSEEN: tuple[str, ...] = ()
"""Nothing on the page changes; the meaning does."""


@dataclass(frozen=True, slots=True)
class Papers:
    """Licences of ours, granted and registered in a miniature world."""

    licence: bytes
    """At B-LT, certified (DocMDP P=1)."""
    archived: bytes
    """At B-LTA: a sealed revision and an archive timestamp, both registered."""
    other: bytes
    """Another licence, at B-B."""


@dataclass(frozen=True, slots=True)
class Base:
    """What an attack starts from."""

    name: str
    make: Callable[[Papers], Pdf]


OURS = Base("ours", lambda papers: load(papers.licence))


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    peculiar: str
    family: str
    kind: str
    """`honest` or `attack`."""
    base: str
    required: Required
    build: Callable[[Papers], bytes]
    before: Callable[[Papers], bytes] | None = None
    """What people signed or sealed; `shown_by` speaks of the difference from it."""
    shown_by: tuple[str, ...] = UNSEEN

    def described(self) -> dict[str, Any]:
        """Return what other judges need, for answers.json."""
        return {
            "name": self.name,
            "peculiar": self.peculiar,
            "family": self.family,
            "kind": self.kind,
            "base": self.base,
            "required": [asdict(pattern) for pattern in self.required],
            "shown_by": list(self.shown_by),
        }


CASES: dict[str, Case] = {}
"""All cases by name, once `tests.corpus.cases` is imported."""


def _register(case: Case) -> None:
    if case.name in CASES:
        raise ValueError(f"two cases {case.name}")
    CASES[case.name] = case


def _told(function: Callable[..., object]) -> tuple[str, str, str]:
    """Return a case's name, sentence and family from its function."""
    family = function.__module__.rpartition(".")[2].partition("_")[2].replace("_", "-")
    sentence = inspect.cleandoc(function.__doc__ or "").replace("\n", " ")
    if not sentence:
        raise ValueError(f"{function.__name__} does not say what is peculiar")
    return function.__name__.replace("_", "-"), sentence, family


def honest(
    required: Required = SOUND,
) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Register a file as another maker's software writes it."""

    def register(function: Callable[[], bytes]) -> Callable[[], bytes]:
        name, sentence, family = _told(function)
        _register(Case(name, sentence, family, "honest", "foreign", required, lambda _: function()))
        return function

    return register


def honest_of_ours(
    required: Required,
) -> Callable[[Callable[[Papers], bytes]], Callable[[Papers], bytes]]:
    """Register a licence of ours, as honest people's software leaves it."""

    def register(function: Callable[[Papers], bytes]) -> Callable[[Papers], bytes]:
        name, sentence, family = _told(function)
        _register(Case(name, sentence, family, "honest", "ours", required, function))
        return function

    return register


def attack(
    *bases: Base,
    ours: Required = PROVEN,
    foreign: Required = NOT_GOOD,
    shown_by: tuple[str, ...] = BOTH,
) -> Callable[[Callable[[Pdf], bytes]], Callable[[Pdf], bytes]]:
    """Register an attack on each of the bases."""

    def register(function: Callable[[Pdf], bytes]) -> Callable[[Pdf], bytes]:
        name, sentence, family = _told(function)
        for base in bases:
            _register(
                Case(
                    f"{name}-{base.name}",
                    sentence,
                    family,
                    "attack",
                    base.name,
                    ours if base is OURS else foreign,
                    lambda papers, base=base: function(base.make(papers)),  # type: ignore[misc]
                    lambda papers, base=base: base.make(papers).data,  # type: ignore[misc]
                    shown_by,
                )
            )
        return function

    return register
