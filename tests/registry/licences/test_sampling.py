"""Rows of a batch that people look at, and the code that stands for the whole batch."""

from dataclasses import replace

from core.ids import AuthorityId
from registry.importing.sheet_judging import plan, read_table
from registry.licences.sampling import batch_code, choose_samples
from registry.model import Application
from tests.registry.type_samples import EXAMPLES, TODAY, example_type

FOOD = example_type("food-operation")
BODY = AuthorityId("body")


def rows() -> list[Application]:
    """Return the example's rows, three of them out of the ordinary."""
    table = read_table(EXAMPLES / "data" / "food-operation.csv")
    found = list(plan(FOOD, table, today=TODAY).applications)
    found[5] = replace(found[5], data=found[5].data | {"scope": "售" * 900})
    found[7] = replace(found[7], data=found[7].data | {"operator": "㐂记"})
    found[9] = replace(found[9], photo=b"a photo")
    return found


def test_what_is_likeliest_to_look_wrong_is_shown_first() -> None:
    applications = rows()

    def shown(count: int, seed: str = "a") -> dict[str, str]:
        chosen = choose_samples(applications, count, seed, lambda text: "㐂" in text)
        return {one.application.source: one.why.en for one in chosen}

    few = {"row 2": "the first row", "row 7": "the most text", "row 9": "rare characters"}
    assert shown(3) == few
    more = shown(8)
    assert more.items() >= {**few, "row 11": "with a photo"}.items()
    assert (len(more), list(more.values()).count("by chance")) == (8, 4)
    assert shown(8) == more, "the same rows have the same sample"
    assert any(shown(8, seed) != more for seed in "bcd")
    assert len(shown(50)) == len(applications)
    assert choose_samples([], 8, "a", lambda _: True) == []


def test_a_code_is_of_rows_photos_type_and_settings() -> None:
    applications = rows()
    settings = {"level": "B-LT", "further": False}
    code = batch_code(FOOD, BODY, applications, settings)
    assert code == batch_code(FOOD, BODY, rows(), dict(settings))
    photo = [*applications[:-1], replace(applications[-1], photo=b"another")]
    said = [replace(applications[0], stated="0" * 64), *applications[1:]]
    others = {
        batch_code(FOOD, BODY, photo, settings),
        batch_code(FOOD, BODY, said, settings),
        batch_code(FOOD, BODY, applications[1:], settings),
        batch_code(FOOD, BODY, applications, settings | {"further": True}),
        batch_code(FOOD, AuthorityId("other"), applications, settings),
        batch_code(example_type("disability"), BODY, applications, settings),
    }
    assert len(others | {code}) == 7
