"""The look: every colour from the tokens, both schemes readable."""

import re

import pytest
from PySide6.QtGui import QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from console.resources import resource
from console.ui import icons
from console.ui.style import Style, mono_font, palette, style_sheet, ui_font
from console.ui.theme import DARK, LIGHT, UI_FONT, Tokens


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_text_is_readable_on_every_ground(tokens: Tokens) -> None:
    for ground in (tokens.window, tokens.panel, tokens.raised):
        for name in ("text", "dim", "accent", "good", "warning", "bad"):
            assert contrast(getattr(tokens, name), ground) >= 4.5, (name, ground)
        for kind, color in tokens.kind_text.items():
            assert contrast(color, ground) >= 4.5, kind
    assert contrast(tokens.text, tokens.selection) >= 4.5
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5
    assert contrast(tokens.bad, tokens.bad_surface) >= 4.5


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_style_sheet_fills_every_name(tokens: Tokens, style: Style, qapp: QApplication) -> None:
    style.apply(tokens)
    sheet = qapp.styleSheet()
    assert "$" not in sheet
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == tokens.window


def test_style_sheet_source_has_no_colour_literal() -> None:
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", resource("style/console.qss").read_text("utf-8"))


def test_style_sheet_raises_for_an_unknown_name() -> None:
    with pytest.raises(KeyError):
        style_sheet(DARK, {})


def test_bundled_fonts_are_used(style: Style) -> None:
    assert {UI_FONT, "JetBrains Mono"} <= set(QFontDatabase.families())
    assert QFontInfo(mono_font()).family() == "JetBrains Mono"
    assert QFontInfo(ui_font()).family() == UI_FONT


def test_disabled_text_differs(style: Style) -> None:
    colors = palette(DARK)
    assert colors.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text) != colors.color(
        QPalette.ColorGroup.Normal, QPalette.ColorRole.Text
    )


def test_every_icon_can_be_drawn_in_any_colour(style: Style) -> None:
    names = sorted(path.stem for path in resource("icons").glob("*.svg"))
    assert len(names) > 30
    for name in names:
        image = icons.pixmap(name, DARK.accent, 16, 2.0).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(32) for y in range(32)), name
    dot = icons.pixmap("dot", "#ff0000").toImage()
    assert dot.pixelColor(8, 8).name() == "#ff0000"


def test_unknown_icon_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        icons.icon("no-such-icon", DARK.text)
