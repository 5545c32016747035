"""All updates of one file, each judged once, however many signatures ask."""

from signing.inspection.changes.finding import UnclearError, UpdateFinding, UpdateFindings
from signing.inspection.changes.graph import Graph
from signing.inspection.changes.layout import UpdateLayout, only_white_space, read_layout
from signing.inspection.changes.update import Update
from signing.inspection.changes.view import RevisionView
from signing.inspection.objects import READ_ERRORS
from signing.inspection.reader import SealedReader


class History:
    """The updates after the first signature, in order."""

    def __init__(self, reader: SealedReader, starts: dict[int, int]) -> None:
        """Take the revisions before which a signature ends, and where it does."""
        self._reader = reader
        self._starts = starts
        self._first = min(starts, default=reader.xrefs.total_revisions)
        self._findings: list[UpdateFinding] = []
        self._layouts: list[UpdateLayout | None] = []
        self._graph: Graph | None = None

    def finding(self, revision: int) -> UpdateFinding:
        """Return the finding on one update."""
        while len(self._findings) <= revision - self._first:
            self._judge_next()
        return self._findings[revision - self._first]

    def trailing(self) -> UpdateFinding:
        """Return the finding on what stands after the last update."""
        findings = UpdateFindings()
        layout = self._layouts[-1] if self._layouts else None
        if layout is not None:
            data = self._reader.data
            try:
                only_white_space(data, layout.end, len(data), comments=False)
            except UnclearError as error:
                findings.doubt(str(error), "garbage_after_eof")
        return findings.close()

    def _judge_next(self) -> None:
        revision = self._first + len(self._findings)
        if self._graph is None:
            self._graph = Graph(self._reader, revision - 1)
        layout: UpdateLayout | None = None
        try:
            layout = read_layout(self._reader, revision, self._start(revision))
            finding = Update(self._reader, revision, layout, self._graph).judge()
        except UnclearError as error:
            finding = _unclear(str(error))
        except READ_ERRORS as error:
            finding = _unclear(type(error).__name__)
        self._findings.append(finding)
        self._layouts.append(layout)
        self._graph.advance(RevisionView(self._reader, revision), self._reader.listed_in(revision))

    def _start(self, revision: int) -> int:
        known = self._starts.get(revision)
        if known is not None:
            return known
        before = self._layouts[-1]
        if before is None:
            raise UnclearError("the update before could not be read")
        return before.end


def _unclear(why: str) -> UpdateFinding:
    findings = UpdateFindings()
    findings.doubt(why)
    return findings.close()
