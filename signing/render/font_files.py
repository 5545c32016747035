"""The package's font files, opened without naming their 30,000 glyphs."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files

from fontTools.ttLib import TTFont


@contextmanager
def open_font(file_name: str) -> Iterator[TTFont]:
    """Open a font of the package for reading; tables are read when they are used.

    The files hold no glyph names (`post` format 3). fontTools would make some from the Unicode
    map, which takes 0.3 s; numbers serve as well.
    """
    with as_file(files("signing") / "fonts" / file_name) as path, TTFont(path, lazy=True) as font:
        font.setGlyphOrder([f"glyph{number:05d}" for number in range(font["maxp"].numGlyphs)])
        yield font
