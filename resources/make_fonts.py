"""Makes the interface font from Inter's OpenType files: `python resources/make_fonts.py FOLDER_OF_OTF_FILES`.

Needs `fonttools`, which nothing else here does. Two things are changed, and the font therefore has a name of its own:

* The outlines become quadratic (TrueType, within 1 of 2,816 units). FreeType darkens the stems of cubic (CFF) outlines,
  which Qt asks for; small light text on a dark ground then looks a weight heavier than it is.
* The family is called "Console Sans": where Inter is installed, Qt would take the installed files instead of ours.
"""

import sys
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

FAMILY = "Console Sans"
STYLES = {"Regular": "Regular", "Medium": "Medium", "SemiBold": "Semi Bold"}
MAX_ERROR_UNITS = 1.0
_MAXP_FIELDS = (
    *("maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours", "maxZones", "maxTwilightPoints"),
    *("maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements", "maxSizeOfInstructions"),
    *("maxComponentElements", "maxComponentDepth"),
)


def convert(source: Path, target: Path, style: str) -> None:
    """Write `source` with quadratic outlines and under its new name."""
    font = TTFont(source)
    glyph_set = font.getGlyphSet()
    glyphs = {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(glyph_set)
        glyph_set[name].draw(Cu2QuPen(pen, MAX_ERROR_UNITS, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder, table.glyphs = font.getGlyphOrder(), glyphs
    del font["CFF "]
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in _MAXP_FIELDS:
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0  # without glyph names
    font.sfntVersion = "\x00\x01\x00\x00"
    _name(font, style)
    font.save(target)


def _name(font: TTFont, style: str) -> None:
    full = FAMILY if style == "Regular" else f"{FAMILY} {style}"
    names = font["name"]
    for number in (3, 16, 17, 21, 22):
        names.removeNames(number)
    post_script = f"{FAMILY.replace(' ', '')}-{style.replace(' ', '')}"
    for number, text in {1: full, 2: "Regular", 3: post_script, 4: full, 6: post_script, 16: FAMILY, 17: style}.items():
        names.setName(text, number, 3, 1, 0x409)
        names.setName(text, number, 1, 0, 0)


def main(folder: Path) -> None:
    fonts = Path(__file__).parent / "fonts"
    for file_style, style in STYLES.items():
        convert(folder / f"Inter-{file_style}.otf", fonts / f"ConsoleSans-{file_style}.ttf", style)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
