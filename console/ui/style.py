"""The look of every Qt widget: fonts, palette and style sheet, made from the theme's tokens."""

from dataclasses import asdict
from string import Template

from PySide6.QtCore import Qt, QTemporaryDir
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from console.resources import resource
from console.ui import theme
from console.ui.icons import tinted
from console.ui.theme import Tokens

_FONT_FILES = (
    "ConsoleSans-Regular.ttf",
    "ConsoleSans-Medium.ttf",
    "ConsoleSans-SemiBold.ttf",
    "JetBrainsMono-Regular.ttf",
    "JetBrainsMono-Medium.ttf",
)
# FreeType's full hinting makes small light text on a dark ground look bold.
_HINTING = QFont.HintingPreference.PreferNoHinting
# Icons the style sheet names; a style sheet takes files only.
_SHEET_ICONS = ("chevron-left", "chevron-right", "chevron-down", "chevron-up", "check", "minus", "dot", "close")


def load_fonts() -> None:
    """Make the bundled fonts known to Qt. Call once, after the QApplication exists."""
    for name in _FONT_FILES:
        QFontDatabase.addApplicationFont(str(resource(f"fonts/{name}")))


def ui_font(px: int = theme.TEXT_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The text font, with tabular digits so that changing numbers do not jitter."""
    font = QFont(theme.UI_FONT)
    font.setPixelSize(px)
    font.setWeight(weight)
    font.setHintingPreference(_HINTING)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def mono_font(px: int = theme.MONO_PX) -> QFont:
    """The font of times, numbers, ids and bytes."""
    font = QFont(theme.MONO_FONT)
    font.setPixelSize(px)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setHintingPreference(_HINTING)
    font.setFeature(QFont.Tag("calt"), 0)  # no ligatures: bytes are shown as they are
    return font


def heading_font() -> QFont:
    """The font of section heads, in capitals."""
    font = ui_font(theme.HEADING_PX, QFont.Weight.DemiBold)
    font.setCapitalization(QFont.Capitalization.AllUppercase)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
    return font


def palette(tokens: Tokens) -> QPalette:
    """Colours for what paints itself. The colour scheme hint alone changes nothing on plain X11."""
    result = QPalette()
    role = QPalette.ColorRole
    for key, color in {
        role.Window: tokens.window,
        role.WindowText: tokens.text,
        role.Base: tokens.panel,
        role.AlternateBase: tokens.raised,
        role.Text: tokens.text,
        role.Button: tokens.raised,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.bad,
        role.Highlight: tokens.selection,
        role.HighlightedText: tokens.text,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.PlaceholderText: tokens.dim,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Accent: tokens.accent,
        role.Light: tokens.raised,
        role.Midlight: tokens.raised,
        role.Mid: tokens.line,
        role.Dark: tokens.line,
        role.Shadow: tokens.window,
    }.items():
        result.setColor(key, QColor(color))
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, key, QColor(tokens.faint))
    return result


class Style:
    """Applies the theme to the application, and holds the tinted icon files the style sheet points to."""

    def __init__(self, application: QApplication) -> None:
        self._application = application
        self._files = QTemporaryDir()
        load_fonts()
        application.setStyle("Fusion")
        application.setFont(ui_font())
        application.setEffectEnabled(Qt.UIEffect.UI_AnimateCombo, False)

    def apply(self, tokens: Tokens) -> None:
        """Repaint everything in these colours."""
        hints = self._application.styleHints()
        hints.setColorScheme(Qt.ColorScheme.Dark if tokens.scheme == "dark" else Qt.ColorScheme.Light)
        self._application.setPalette(palette(tokens))
        self._application.setStyleSheet(style_sheet(tokens, self._icon_files(tokens)))

    def _icon_files(self, tokens: Tokens) -> dict[str, str]:
        files = {}
        for name in _SHEET_ICONS:
            for suffix, color in (("", tokens.dim), ("_on", tokens.on_accent)):
                path = self._files.filePath(f"{name}{suffix}-{tokens.scheme}.svg")
                with open(path, "wb") as file:  # noqa: PTH123  # a temporary file of Qt's
                    file.write(tinted(name, color))
                files[f"icon_{name.replace('-', '_')}{suffix}"] = path
        return files


def style_sheet(tokens: Tokens, icon_files: dict[str, str]) -> str:
    """The style sheet, with the theme's colours and sizes filled in."""
    values = {name: value for name, value in asdict(tokens).items() if isinstance(value, str)}
    values |= icon_files
    values |= {
        "mono": theme.MONO_FONT,
        "mono_px": str(theme.MONO_PX),
        "heading_px": str(theme.HEADING_PX),
        "radius": str(theme.RADIUS),
    }
    return Template(resource("style/console.qss").read_text("utf-8")).substitute(values)
