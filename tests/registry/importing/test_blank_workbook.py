"""An empty workbook of a type can be filled in and read back, and says what belongs where."""

import io
from pathlib import Path

import openpyxl
import pytest

from registry.importing.blank_workbook import blank_workbook
from registry.importing.sheet_judging import plan, read_table
from registry.types.drafting.samples import sample_row
from registry.types.licence_type import LicenceType
from tests.registry.type_samples import EXAMPLES, TODAY, example_type

TYPES = sorted(
    path.stem for path in (EXAMPLES / "types").glob("*.toml") if path.stem != "official-document"
)


def filled(licence_type: LicenceType, path: Path) -> None:
    """Fill one row in, as somebody types it: text into cells that are text."""
    book = openpyxl.load_workbook(io.BytesIO(blank_workbook(licence_type)))
    sheet = book.worksheets[0]
    row = sample_row(licence_type, TODAY)
    keys = [key for label, key in licence_type.columns.items() if label != key]
    for at, key in enumerate(keys, start=1):
        cell = sheet.cell(2, at)
        assert cell.number_format == "@", "no spreadsheet makes a number of it"
        cell.value = row.get(key)
    book.save(path)


@pytest.mark.parametrize("name", TYPES)
def test_it_is_read_back_as_it_was_filled_in(name: str, tmp_path: Path) -> None:
    licence_type = example_type(name)
    (tmp_path / "blank.xlsx").write_bytes(blank_workbook(licence_type))
    blank = plan(licence_type, read_table(tmp_path / "blank.xlsx"), today=TODAY)
    assert (blank.applications, blank.problems) == ((), ())
    filled(licence_type, tmp_path / "t.xlsx")
    found = plan(licence_type, read_table(tmp_path / "t.xlsx"), today=TODAY)
    photo = licence_type.photo_field
    missing = [] if photo is None or not photo.required else [photo.label.zh]
    assert [one.field for one in found.problems] == missing
    assert len(found.applications) == (0 if missing else 1)


def test_choices_drop_down_and_each_column_is_explained() -> None:
    licence_type = example_type("food-operation")
    book = openpyxl.load_workbook(io.BytesIO(blank_workbook(licence_type)))
    rows, told = book.worksheets
    (choices,) = (one for one in rows.data_validations.dataValidation if one.type == "list")
    assert "F2" in choices.sqref, "主体业态"
    column = choices.formula1.split("$")[1]
    main_form = licence_type.fields["main_form"]
    assert [told[f"{column}{at}"].value for at in range(3, 3 + len(main_form.choices))] == [
        one.value for one in main_form.choices
    ]
    labels = [label for label, key in licence_type.columns.items() if label != key]
    assert [told.cell(at, 1).value for at in range(3, 3 + len(labels))] == labels
    assert all(told.cell(at, 3).value and told.cell(at, 4).value for at in range(3, 12))
