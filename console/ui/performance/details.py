"""Below the plots: the worst places, how time spreads over rates, and groups compared."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from console.columns import numbers
from console.messages import Columns
from console.telemetry.frame_rates import RateHistogram
from console.ui.performance.choices import Choices
from console.ui.performance.comparison import Comparison, groups_of
from console.ui.performance.distribution import Distribution
from console.ui.performance.session_rates import RATES
from console.ui.performance.standing import StandingQuestions
from console.ui.performance.summary import Summary
from console.ui.performance.worst_table import MAX_WORST, WorstTable, worst_places
from console.ui.theme import Theme

_WORST, _DISTRIBUTION, _COMPARISON = range(3)


class Details(QWidget):
    """One page at a time. `turned()`: another page, or other groups to compare, so other questions."""

    turned = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.worst = WorstTable(theme)
        self._theme = theme
        self._distribution: Distribution | None = None
        self.comparison = Comparison(theme)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Details of the frame rate")
        self._pages = QStackedWidget()
        later = QWidget()
        self._room = QVBoxLayout(later)
        self._room.setContentsMargins(0, 0, 0, 0)
        pages = (("Worst places", self.worst), ("Distribution", later), ("Compare", self.comparison))
        for words, page in pages:
            self.tabs.addTab(words)
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self._pages, 1)
        self.tabs.currentChanged.connect(self._turn)
        self.comparison.grouping_changed.connect(self.turned)

    @property
    def distribution(self) -> Distribution:
        """Built when it is first looked at: a plot costs as much as the rest of the view."""
        if self._distribution is None:
            self._distribution = Distribution(self._theme)
            self._room.addWidget(self._distribution)
        return self._distribution

    def set_tokens(self) -> None:
        """Paint in the theme's colours."""
        if self._distribution is not None:
            self._distribution.set_tokens()

    def questions(self, params: dict[str, object], choices: Choices) -> dict[str, tuple[str, dict[str, Any]]]:
        """What the page in sight asks of the store, for a scope and a span of time."""
        page = self._pages.currentIndex()
        of_rate = params | {"rate": RATES[choices.rate]}
        if page == _WORST:
            return {"worst": ("frame_rate_worst", params | {"below": round(choices.mildest), "limit": MAX_WORST})}
        if page == _DISTRIBUTION:
            return {"all": ("frame_rate_histograms", of_rate | {"by": "all"})}
        by = {"by": self.comparison.grouping}
        return {
            "groups": ("frame_rate_groups", of_rate | by),
            "histograms": ("frame_rate_histograms", of_rate | by),
        }

    def show_answers(self, standing: StandingQuestions, summary: Summary | None, choices: Choices) -> None:
        """Bring the page in sight to what is known. `summary` is of the sessions that are shown."""
        page = self._pages.currentIndex()
        if page == _WORST:
            answer = standing.answer("worst")
            self.worst.show_places(None if answer is None else worst_places(answer), choices)
        elif page == _DISTRIBUTION:
            shown = None if summary is None else summary.histograms[choices.rate]
            self.distribution.show_histograms(shown, _histogram(standing.answer("all")), choices)
        else:
            groups, histograms = standing.answer("groups"), standing.answer("histograms")
            known = [] if groups is None or histograms is None else groups_of(groups, histograms)
            self.comparison.show_groups(known, choices)

    def _turn(self, page: int) -> None:
        if page == _DISTRIBUTION:
            self.distribution.set_tokens()
        self._pages.setCurrentIndex(page)
        self.turned.emit()


def _histogram(answer: Columns | None) -> RateHistogram | None:
    if answer is None or not answer.rows:
        return None
    return RateHistogram.of_bins(numbers(answer, "bin").astype("int64"), numbers(answer, "seconds").astype("float64"))
