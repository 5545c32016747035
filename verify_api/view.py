"""Helpers of the templates: words, dates and hostile text, in one reader's language."""

from core.sanitize import shown
from core.web.view import ReaderView
from registry.answers.answers import CheckResult, LicenceSummary
from registry.answers.signature_words import (
    person_in_words,
    person_verdict,
    sub_indication_in_words,
)
from registry.state_words import words_of
from signing.report import (
    Coverage,
    Indication,
    LaterChanges,
    SignatureKind,
    SignatureReport,
)
from verify_api import texts


class PageView(ReaderView):
    """One rendering's language and time zone."""

    def word(self, key: str, **values: object) -> str:
        """Return the page's own word for `key`; raises `KeyError`."""
        return texts.PAGE[key].to(self.language).format(**values)

    def foreign(self, text: str) -> str:
        """Return text of unknown origin, safe to look at."""
        return shown(text)

    def result(self, result: CheckResult) -> str:
        """Return a check's result in words."""
        return texts.CHECK_RESULTS[result].to(self.language)

    def state(self, licence: LicenceSummary) -> str:
        """Return the state of what was found, in the one word that it has with its reason."""
        return words_of(licence.state, licence.reason, licence.kind).word.to(self.language)

    def kind(self, kind: SignatureKind) -> str:
        """Return the words for the kind of a signature field."""
        return texts.KINDS[kind].to(self.language)

    def indication(self, indication: Indication) -> str:
        """Return a signature's indication in words."""
        return texts.INDICATIONS[indication].to(self.language)

    def verified(self, indication: Indication, sub_indication: str | None) -> str:
        """Return the indication in words, and by its names in EN 319 102-1."""
        names = " / ".join(one for one in (indication.value, sub_indication) if one)
        word = self.indication(indication)
        why = sub_indication_in_words(sub_indication)
        if self.language == "zh":
            return f"{word}（{names}）" + (f"：{why.zh}" if why else "")
        return f"{word} ({names})" + (f": {why.en}" if why else "")

    def person(self, signature: SignatureReport, *, only_claims: bool) -> str:
        """Return the person who signed, with their body and who vouched for them."""
        return self.say(person_in_words(signature, only_claims=only_claims))

    def person_verdict(self, signature: SignatureReport) -> str:
        """Return the worth of a person's signature."""
        return self.say(person_verdict(signature))

    def coverage(self, coverage: Coverage) -> str:
        """Return how much a signature covers."""
        return texts.COVERAGES[coverage].to(self.language)

    def later(self, changes: LaterChanges) -> str:
        """Return the words for additions after a signature."""
        return texts.LATER_CHANGES[changes].to(self.language)
