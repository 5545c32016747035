"""A world with officers who hand documents in, and workers that seal them."""

from dataclasses import replace
from typing import Any

from cli.demo_world import examples_directory
from core.ids import SealId
from registry.bodies.authorities import add_mandate, find_seal
from registry.desk.documents.papers import Papers
from registry.desk.documents.rows import DocumentDraft
from registry.desk.documents.wishes import SealWishes
from registry.officers.model import DeskRequest, Job
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from signing.intake.intake import Intake
from signing.intake.places import PlaceAsked
from tests.permits import MANAGE_AUTHORITY
from tests.registry.desk.batch.batch_world import BatchWorld
from tests.world import World

DOCUMENT_TYPE = examples_directory() / "types" / "official-document.toml"
SEAL = "qinglan-market"
SLUG = "official-document"
WORD = SealWishes(place=PlaceAsked(word="Seal here"))


class LentIntake:
    """An intake that stays open when a home is closed."""

    def __init__(self, intake: Intake) -> None:
        self.take, self.find, self.picture = intake.take, intake.find, intake.picture
        self.undrawn = intake.undrawn

    def close(self) -> None:
        """Leave it open for the next test."""


class PaperOffice(BatchWorld):
    """Officers who seal documents."""

    def __init__(self, world: World, intake: Intake | None = None, *, furnish: bool = True) -> None:
        super().__init__(world)
        if intake is not None:
            world.home.__dict__["intake"] = LentIntake(intake)
        if furnish:
            self.publish()
            self.staff()

    def publish(self, more: str = "") -> None:
        """Publish the type of documents, with the authority's mandate."""
        home, now = self.world.home, self.world.clock.now()
        with home.database.writing() as connection:
            kind = parse_type(DOCUMENT_TYPE.read_text("utf-8") + more)
            put_type(connection, kind, MANAGE_AUTHORITY, now)
            seal = find_seal(connection, SealId(SEAL))
            if not more:
                add_mandate(connection, kind.code, seal, MANAGE_AUTHORITY, now)

    @property
    def papers(self) -> Papers:
        """Of a process of its own."""
        return self.desk.documents

    def drafted(
        self, *files: bytes, by: str = "li", wishes: SealWishes = WORD, **more: Any
    ) -> DocumentDraft:
        """Begin a draft, hand files in and say how they are sealed."""
        standing, papers = self.standing(by), self.papers
        draft = papers.drafts.begin(standing, SLUG, None)
        for number, one in enumerate(files, 1):
            papers.drafts.add(standing, draft.draft_id, one, name=f"文件{number}", **more)
        return papers.drafts.choose(standing, draft.draft_id, wishes, {})

    def asked(
        self, draft: DocumentDraft, by: str = "li", key: str = "documents-001"
    ) -> DeskRequest:
        """Agree to the sample, and ask."""
        standing, papers = self.standing(by), self.papers
        found, files = papers.drafts.find(standing, draft.draft_id)
        code = papers.asking.code(found, files)
        return papers.asking.ask(standing, draft.draft_id, code, key)

    def begun_of(self, *files: bytes, by: str = "zhao", key: str = "documents-001") -> Job:
        """Have files asked for, and begin the job."""
        made = self.asked(self.drafted(*files), key=key)
        return self.desk.batches.carry_out(self.standing(by), made.request_id)

    def with_wishes(self, **more: Any) -> SealWishes:
        """Return the usual wishes with others."""
        return replace(WORD, **more)
