"""What the window remembers between runs, in a file of the person's own."""

from pathlib import Path
from typing import Literal

from platformdirs import user_config_path
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication

from console.ui.theme import Scheme

ThemeChoice = Literal["dark", "light", "system"]

_THEME = "window/theme"


def open_settings(file: Path | None) -> QSettings:
    """Sizes, columns and the theme are the person's, not the workspace's: one file for all workspaces."""
    path = file if file is not None else user_config_path("playtest-console", appauthor=False) / "window.ini"
    path.parent.mkdir(parents=True, exist_ok=True)
    return QSettings(str(path), QSettings.Format.IniFormat)


def theme_choice(settings: QSettings) -> ThemeChoice:
    """Dark unless the person chose otherwise."""
    value = settings.value(_THEME)
    if value == "light":
        return "light"
    return "system" if value == "system" else "dark"


def keep_theme_choice(settings: QSettings, choice: ThemeChoice) -> None:
    settings.setValue(_THEME, choice)


def scheme_of(choice: ThemeChoice, system: Qt.ColorScheme | None = None) -> Scheme:
    """The scheme to paint in. `system` is asked of the desktop when it is not given."""
    if choice != "system":
        return choice
    if system is None:
        system = QGuiApplication.styleHints().colorScheme()
    return "light" if system == Qt.ColorScheme.Light else "dark"
