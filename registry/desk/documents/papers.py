"""Documents at the desk, put together: drafts, asking, pictures, and the sealing by a job."""

from dataclasses import dataclass
from functools import cached_property

from registry.desk.documents.asking import DocumentAsking
from registry.desk.documents.drafting import DocumentDrafts, DocumentParts
from registry.desk.documents.looking import DocumentLooks
from registry.desk.documents.round_looks import RoundLooks
from registry.desk.documents.round_steps import RoundSteps
from registry.desk.documents.rounds import Rounds
from registry.desk.documents.sealing import FileSealing
from registry.desk.rights import Rights
from registry.types.catalogue import Catalogue


@dataclass(frozen=True)
class Papers:
    """Takes documents of others to be sealed; one per process."""

    rights: Rights
    catalogue: Catalogue
    parts: DocumentParts

    @cached_property
    def drafts(self) -> DocumentDrafts:
        """Keeps what is handed in."""
        return DocumentDrafts(self.rights, self.catalogue, self.parts)

    @cached_property
    def asking(self) -> DocumentAsking:
        """Shows samples, and asks for what was agreed to."""
        return DocumentAsking(self.rights, self.catalogue, self.parts)

    @cached_property
    def looks(self) -> DocumentLooks:
        """Draws pages."""
        return DocumentLooks(self.rights, self.catalogue, self.parts)

    @cached_property
    def files(self) -> FileSealing:
        """Seals files of requests."""
        return FileSealing(self.rights.database, self.parts.signing, self.parts.countersigning)

    @cached_property
    def rounds(self) -> Rounds:
        """Finds documents that several seal."""
        return Rounds(self.rights, self.catalogue, self.parts)

    @cached_property
    def round_looks(self) -> RoundLooks:
        """Draws their pages."""
        return RoundLooks(self.rounds)

    @cached_property
    def countersigning(self) -> RoundSteps:
        """Takes the steps of their rounds."""
        return RoundSteps(self.rounds)
