"""What a filter can do with the cell under the pointer."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtWidgets import QMenu

from console.telemetry.filters import Scope
from console.ui.widgets.filter_language import FilterLanguage
from console.ui.widgets.filter_terms import How, joined
from console.ui.widgets.formatting import cut, visible

_TERM_CHARS: Final = 44


def add_cell_actions(menu: QMenu, terms: Sequence[str], language: FilterLanguage, scope: Scope) -> None:
    """Filter by the first term, exclude it, join it to what is filtered by; the others in menus of their own."""
    terms = [one for one in terms if one]
    for place, found in enumerate(terms):
        into = menu if place == 0 else menu.addMenu(_shown(found))
        _add(into, "Filter by", found, "only", language, scope)
        _add(into, "Exclude", found, "not", language, scope)
        if not language.filter.is_empty:
            _add(into, "And", found, "and", language, scope)
            _add(into, "Or", found, "or", language, scope)
    if terms:
        menu.addSeparator()


def _add(menu: QMenu, what: str, found: str, how: How, language: FilterLanguage, scope: Scope) -> None:
    menu.addAction(f"{what} {_shown(found)}").triggered.connect(partial(_use, language, found, how, scope))


def _use(language: FilterLanguage, found: str, how: How, scope: Scope, _checked: bool = False) -> None:
    language.use(joined(language.filter.text, found, how, scope))


def _shown(found: str) -> str:
    return cut(visible(found, 1_000), _TERM_CHARS, middle=True).replace("&", "&&")
