"""Helpers of the pages' templates: words of states, roles, events, people."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.ids import TypeCode
from core.permits import Role
from core.sanitize import shown
from core.text import Language, Text
from core.web.view import ReaderView
from identity.people.model import IDENTITY_PREFIX
from issuing_api.pages.kinds import RequestKind, kind_of
from issuing_api.pages.labels import PAGE
from issuing_api.pages.record_labels import (
    CERTIFICATE_LABELS,
    EVENT_LABELS,
    JOB_WHY,
    OTHER_ACTORS,
)
from registry.desk.batch_rows import RowCounts, RowState
from registry.desk.row_words import without_commands
from registry.ledger.certificates import Standing
from registry.licences.reason_words import REASON_NAMES
from registry.model import Licence, LicenceState, Reason, TypeKind
from registry.officers.model import UNDER_WAY, DeskRequest, DeskRequestState, Job, JobState
from registry.officers.words import JOB_STATES, REQUEST_STATES, ROLES
from registry.state_words import standing_on, words_of
from registry.types.licence_type import LicenceType
from signing.render.design.colours import Rgb

_REQUEST_TONES = {
    DeskRequestState.WAITING: "waiting",
    DeskRequestState.APPROVED: "record",
    DeskRequestState.DONE: "good",
    DeskRequestState.REJECTED: "bad",
}
_LICENCE_TONES = {
    LicenceState.IN_FORCE: "good",
    LicenceState.PENDING: "waiting",
    LicenceState.SUSPENDED: "lapsed",
    LicenceState.CANCELLED: "bad",
}
_CERTIFICATE_TONES = {Standing.VALID: "good", Standing.REVOKED: "bad", Standing.EXPIRED: "lapsed"}
_JOB_TONES = {
    JobState.WAITING: "waiting",
    JobState.RUNNING: "record",
    JobState.STOPPED: "lapsed",
    JobState.CANCELLED: "bad",
    JobState.DONE: "good",
}
_ROW_TONES = {
    RowState.WAITING: "waiting",
    RowState.GRANTED: "good",
    RowState.SKIPPED: "lapsed",
    RowState.FAILED: "bad",
}
_QUIET = "quiet"


class OfficerView(ReaderView):
    """One rendering for an officer."""

    def __init__(
        self, language: Language, zone: ZoneInfo, today: date, names: Mapping[str, str]
    ) -> None:
        """`names` are those of people by their names as actors."""
        super().__init__(language, zone)
        self.today = today
        self._names = names

    def word(self, key: str, **values: object) -> str:
        """Return the page's own word for `key`; raises `KeyError`."""
        return PAGE[key].to(self.language).format(**values)

    def say(self, text: Text) -> str:
        """Return a text; of a message, not what it says of commands: departments have none."""
        return super().say(without_commands(text))

    def person(self, actor: str | None) -> str:
        """Return the name of who acted."""
        if actor is None:
            return ""
        if actor in self._names:
            return shown(self._names[actor])
        if actor.startswith(IDENTITY_PREFIX):
            return self.word("unknown_person", id=actor.removeprefix(IDENTITY_PREFIX)[:8])
        kind = actor.partition(":")[0]
        return self.say(OTHER_ACTORS.get(kind, OTHER_ACTORS["service"]))

    def role(self, role: Role) -> str:
        """Return a role in words."""
        return ROLES[role].to(self.language)

    def request_words(self, state: DeskRequestState) -> Text:
        """Return a request's state in both languages."""
        return REQUEST_STATES[state]

    def request_state(self, state: DeskRequestState) -> str:
        """Return a request's state in words."""
        return REQUEST_STATES[state].to(self.language)

    def request_name(self, found: DeskRequest, types: Mapping[TypeCode, LicenceType]) -> str:
        """Return the thing that a request is for, with its kind."""
        known = None if found.type_code is None else types.get(found.type_code)
        name = "" if known is None else self.say(known.name)
        kind = kind_of(found)
        if kind is RequestKind.LICENCE:
            return name or str(found.type_code)
        if found.document is not None:
            return self.word("kind_countersign", name=name)
        if kind is RequestKind.BATCH and known is not None and known.is_document:
            return self.word("kind_documents", name=name, rows=_figure(found.rows))
        return self.word(f"kind_{kind}", name=name, rows=_figure(found.rows))

    def request_badge(
        self, found: DeskRequest, progress: Mapping[str, tuple[RowCounts, Job | None]]
    ) -> tuple[str, str]:
        """Return the colour's name and the words of a request; of a batch, what its job does."""
        if found.request_id not in progress:
            return self.request_tone(found.state), self.request_state(found.state)
        counts, job = progress[found.request_id]
        if job is None:
            return "bad", self.word("job_gone")
        return self.job_badge(job, counts)

    def job_badge(self, job: Job, counts: RowCounts) -> tuple[str, str]:
        """Return the colour's name and the words of a job, with how far it has come."""
        state, tone = self.job_state(job.state), self.job_tone(job.state)
        if job.state in UNDER_WAY and job.why is not None:
            state = self.word("job_paused")
        if job.state is JobState.DONE and counts[RowState.FAILED]:
            tone = _JOB_TONES[JobState.STOPPED]
        total = sum(counts.values())
        if not total:
            return tone, state
        words = "job_progress_before" if counts.before else "job_progress"
        return tone, self.word(
            words,
            state=state,
            done=_figure(counts[RowState.GRANTED]),
            total=_figure(total),
            before=_figure(counts.before),
        )

    def job_state(self, state: JobState) -> str:
        """Return a job's state in words."""
        return JOB_STATES[state].to(self.language)

    def job_tone(self, state: JobState) -> str:
        """Return the colour's name of a job's state."""
        return _JOB_TONES[state]

    def job_why(self, why: str) -> str:
        """Return the cause why a job stopped or waits; a code that has no words as it is."""
        label = JOB_WHY.get(why)
        return why if label is None else label.to(self.language)

    def row_tone(self, state: RowState) -> str:
        """Return the colour's name of a row's state."""
        return _ROW_TONES[state]

    def request_tone(self, state: DeskRequestState) -> str:
        """Return the colour's name of a request's state."""
        return _REQUEST_TONES.get(state, _QUIET)

    def licence_state(self, licence: Licence) -> str:
        """Return how a licence stands today, in words."""
        return standing_on(licence, self.today).to(self.language)

    def document_state(self, document: Licence) -> str:
        """Return how a document stands today, in words of documents."""
        return standing_on(document, self.today, TypeKind.DOCUMENT).to(self.language)

    def document_word(self, state: LicenceState) -> str:
        """Return a state's word for documents, for filters."""
        return words_of(state, None, TypeKind.DOCUMENT).word.to(self.language)

    def licence_tone(self, licence: Licence) -> str:
        """Return the colour's name of a licence's state."""
        return _LICENCE_TONES.get(licence.effective_state(self.today), _QUIET)

    def state_word(self, state: LicenceState) -> str:
        """Return a state's word, for filters."""
        return words_of(state, None).word.to(self.language)

    def reason(self, reason: str | None) -> str:
        """Return a reason in words; empty for none."""
        return "" if reason is None else REASON_NAMES[Reason(reason)].to(self.language)

    def certificate(self, standing: Standing | None) -> str:
        """Return how a certificate stands, in words."""
        return CERTIFICATE_LABELS[standing].to(self.language)

    def certificate_tone(self, standing: Standing | None) -> str:
        """Return the colour's name of a certificate's standing."""
        return _QUIET if standing is None else _CERTIFICATE_TONES.get(standing, _QUIET)

    def event(self, action: str) -> str:
        """Return an event in words; the audit's own name for one that has none."""
        label = EVENT_LABELS.get(action)
        return action if label is None else label.to(self.language)

    def minute(self, at: datetime) -> str:
        """Return an instant without seconds, for lists; dates in figures sort by eye."""
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}"

    def until(self, day: date | None) -> str:
        """Return a last day, or that there is none."""
        return self.word("long_term") if day is None else self.day(day)

    def text(self, value: str) -> str:
        """Return text of unknown origin, safe to look at."""
        return shown(value)

    def both(self, text: Text) -> str:
        """Return a name of the register: Chinese, with English beside it for who reads that."""
        return text.zh if self.language == "zh" or text.zh == text.en else f"{text.en} {text.zh}"

    def colour(self, rgb: Rgb) -> str:
        """Return a colour of a page as SVG writes it."""
        red, green, blue = (round(255 * part) for part in rgb)
        return f"rgb({red},{green},{blue})"


def _figure(count: int | None) -> str:
    """Return a count with its thousands apart."""
    return f"{count or 0:,}"
