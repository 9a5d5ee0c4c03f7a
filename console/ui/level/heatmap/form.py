"""The fields of the heatmap's tool; what is chosen is remembered."""

from collections.abc import Sequence

from PySide6.QtCore import QSettings, QSignalBlocker, Signal
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.ui.hover import plain_hover
from console.ui.level.heatmap.options import (
    AGAINST_WORDS,
    CELL_CHOICES,
    MEASURES,
    PER_WORDS,
    RATES,
    Options,
)
from console.ui.widgets.form_fields import FIELD_HEIGHT, Choice, CountField, Slide
from console.ui.widgets.formatting import cut, visible

_LABEL_PX = 64
_BUILD_CHARS = 16  # what tells builds apart is at their ends
_SMOOTH_STEPS = 8  # of half a cell
_MOST_LEAST = 100_000


class HeatForm(QWidget):
    """`changed()`: other options. `keep_wanted()`, `moment_wanted()`: what is to be compared with is shown now."""

    changed = Signal()
    keep_wanted = Signal()
    moment_wanted = Signal()

    def __init__(self, settings: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._row_of: dict[QWidget, QWidget] = {}
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        self._build_what()
        self._build_cells()
        self._build_comparison()
        self._kept_words = self._moment_words = ""
        self._restore()
        self._show_fields()
        for choice in self.findChildren(Choice):
            choice.currentIndexChanged.connect(self._changed)
        self._least.valueChanged.connect(self._changed)
        self._smooth.valueChanged.connect(self._changed)
        self._moment.clicked.connect(self.moment_wanted)
        self._keep.clicked.connect(self.keep_wanted)

    def _build_what(self) -> None:
        self._measure = self._choice("Show", [(measure.name, measure.words) for measure in MEASURES], "")
        for index, measure in enumerate(MEASURES):
            self._measure.setItemData(index, measure.tip, Qt.ItemDataRole.ToolTipRole)
        self._event = self._choice("Event", [("", "any")], "Which gameplay events are counted, by name")
        self._rate = self._choice(
            "Rates",
            list(RATES),
            "Games send three frame rates with every stretch of a track: which of them the map is made of",
        )
        self._per = self._choice("Amounts", list(PER_WORDS), "Divided by the selection's sessions or minutes played")

    def _build_cells(self) -> None:
        self._cell = self._choice("Cells", CELL_CHOICES, "The side of a cell, in metres")
        self._least = CountField()
        self._least.setRange(1, _MOST_LEAST)
        self._least.setGroupSeparatorShown(True)
        self._least.setFixedHeight(FIELD_HEIGHT)
        self._least.lineEdit().setTextMargins(6, 0, 0, 0)
        self._row("At least", self._least, "")
        self._smooth = Slide(Qt.Orientation.Horizontal)
        self._smooth.setRange(0, _SMOOTH_STEPS)
        self._smooth_words = _dim("")
        # The widest it can say: the slider keeps its length.
        self._smooth_words.setFixedWidth(self._smooth_words.fontMetrics().horizontalAdvance("3.5 cells"))
        self._row(
            "Smooth",
            self._smooth,
            "How far cells run into their neighbours: up to four cells, none at the left",
            self._smooth_words,
        )
        scales = [(True, "logarithmic"), (False, "linear")]
        self._scale = self._choice("Scale", scales, "Logarithmic shows what is rare beside what is frequent")
        floors = [(False, "near the samples"), (True, "at all heights")]
        self._through = self._choice(
            "Floors",
            floors,
            "Which surfaces show the map: those up to two metres below the samples, or all that lie above one another",
        )

    def _build_comparison(self) -> None:
        self._against = self._choice("Compare", list(AGAINST_WORDS), "Show the difference of two selections")
        self._build = self._choice("Build", [("", "…")], "")
        self._base = self._choice("minus", [("", "…")], "")
        self._moment = QPushButton("Split at the cursor")
        self._moment.setToolTip(
            "Compare what came after the moment that the timeline's cursor is at with what came before"
        )
        self._row("", self._moment, "")
        self._keep = QPushButton("Keep what is selected")
        self._keep.setToolTip("Keep the sessions and the time that are selected now, then select the others to compare")
        self._row("", self._keep, "")
        self._told = _dim("")
        self._told.setWordWrap(True)
        self._rows.addWidget(self._told)

    def options(self) -> Options:
        """What is chosen."""
        return Options(
            measure=self._measure.currentData(),
            event=self._event.currentData(),
            rate=self._rate.currentData(),
            per=self._per.currentData(),
            cell_m=self._cell.currentData(),
            least=self._least.value(),
            smooth=self._smooth.value() / 2,
            log=self._scale.currentData(),
            through=self._through.currentData(),
            against=self._against.currentData(),
            build=self._build.currentData() or "",
            base=self._base.currentData() or "",
        )

    def choose(self, options: Options) -> None:
        """Show other options; `changed` tells of them once."""
        with QSignalBlocker(self):
            for choice, value in (
                (self._measure, options.measure),
                (self._event, options.event),
                (self._rate, options.rate),
                (self._per, options.per),
                (self._cell, options.cell_m),
                (self._scale, options.log),
                (self._through, options.through),
                (self._against, options.against),
                (self._build, options.build),
                (self._base, options.base),
            ):
                _choose(choice, value)
            self._least.setValue(options.least)
            self._smooth.setValue(round(options.smooth * 2))
        self._changed()

    def set_events(self, names: Sequence[str]) -> None:
        """The names of gameplay events that there are."""
        _fill(self._event, [("", "any"), *((name, visible(name, 40)) for name in names)])

    def set_builds(self, builds: Sequence[str]) -> None:
        """The builds that there are, the newest first; at first it is compared with the one before it."""
        known = self._build.count() > 1
        entries = [(build, cut(visible(build), _BUILD_CHARS, middle=True)) for build in builds]
        if [entry[0] for entry in entries] == [self._build.itemData(index) for index in range(self._build.count())]:
            return
        for choice in (self._build, self._base):
            _fill(choice, entries or [("", "…")])
        if not known and len(entries) > 1:
            self._base.setCurrentIndex(1)

    def tell_kept(self, words: str) -> None:
        """What selection is kept."""
        self._kept_words = words
        self._show_fields()

    def tell_moment(self, words: str) -> None:
        """Where the recording is split."""
        self._moment_words = words
        self._show_fields()

    def missing(self) -> str:
        """What is to be chosen before there is anything to compare; "" when nothing is."""
        against, options = self._against.currentData(), self.options()
        if against == "builds" and (not options.base or options.base == options.build):
            return "Choose two builds to compare." if self._build.count() > 1 else "There is only one build here."
        if against == "moment" and not self._moment_words:
            return "Move the timeline's cursor to a moment, then split there."
        if against == "kept" and not self._kept_words:
            return "Select sessions or a range of time, keep them, then select others."
        return ""

    # ----------------------------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self._show_fields()
        options = self.options()
        for name, value in (
            ("measure", options.measure),
            ("rate", options.rate),
            ("per", options.per),
            ("cell_m", options.cell_m),
            ("least", options.least),
            ("smooth", options.smooth),
            ("log", options.log),
            ("through", options.through),
        ):
            self._settings.setValue(f"heatmap/{name}", value)
        self.changed.emit()

    def _restore(self) -> None:
        default = Options()
        _choose(self._measure, self._settings.value("heatmap/measure", default.measure, str))
        _choose(self._rate, self._settings.value("heatmap/rate", default.rate, str))
        _choose(self._per, self._settings.value("heatmap/per", default.per, str))
        _choose(self._cell, self._settings.value("heatmap/cell_m", default.cell_m, float))
        _choose(self._scale, self._settings.value("heatmap/log", default.log, bool))
        _choose(self._through, self._settings.value("heatmap/through", default.through, bool))
        self._least.setValue(int(str(self._settings.value("heatmap/least", default.least, int))))
        smooth = self._settings.value("heatmap/smooth", default.smooth, float)
        self._smooth.setValue(round(float(str(smooth)) * 2))

    def _show_fields(self) -> None:
        """Only what has a meaning now."""
        options = self.options()
        what, against = options.what, options.against
        self._measure.setToolTip(what.tip)
        counted = "event" if what.query == "heat_events" else "sample"
        self._least.setSuffix(f" {counted}" if self._least.value() == 1 else f" {counted}s")
        self._least.setToolTip(f"How many {counted}s a cell needs to be shown: fewer tell little")
        more = "the game ran faster in this build" if what.rate else "there is more in this build"
        for build, colour in zip((self._build, self._base), ("orange", "blue")[:: -1 if what.rate else 1], strict=True):
            build.setToolTip(f"Cells are {colour} where {more}")
        smooth = self._smooth.value() / 2
        self._smooth_words.setText("off" if not smooth else f"{smooth:g} cell{'' if smooth == 1 else 's'}")
        for field, shown in (
            (self._event, what.query == "heat_events"),
            (self._rate, what.rate),
            (self._per, what.per),
            (self._scale, not what.rate and not against),
            (self._build, against == "builds"),
            (self._base, against == "builds"),
            (self._moment, against == "moment"),
            (self._keep, against == "kept"),
        ):
            self._row_of[field].setVisible(shown)
        told = {"moment": self._moment_words, "kept": self._kept_words}.get(against, "")
        self._told.setText(f"Compared with: {told}" if told else "")
        self._told.setVisible(bool(told))

    def _choice(self, words: str, entries: Sequence[tuple[object, str]], tip: str) -> Choice:
        choice = Choice()
        for value, text in entries:
            choice.addItem(text, value)
        choice.setFixedHeight(FIELD_HEIGHT)
        # A build's long name must not make the form wider than its place.
        choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        choice.setMinimumContentsLength(8)
        self._row(words, choice, tip)
        return choice

    def _row(self, words: str, field: QWidget, tip: str, value: QLabel | None = None) -> None:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        label = _dim(words)
        label.setFixedWidth(_LABEL_PX)
        layout.addWidget(label)
        layout.addWidget(field, 1)
        if value is not None:
            layout.addWidget(value)
        if words:
            field.setAccessibleName(words)
        if tip:
            field.setToolTip(tip)
        self._rows.addWidget(row)
        self._row_of[field] = row


def _dim(words: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "dim")
    return label


def _choose(choice: Choice, value: object) -> None:
    index = choice.findData(value)
    if index >= 0:
        choice.setCurrentIndex(index)


def _fill(choice: Choice, entries: Sequence[tuple[object, str]]) -> None:
    """Other entries; what was chosen stays chosen when it is still there, and nothing is told otherwise."""
    known = [(choice.itemData(index), choice.itemText(index)) for index in range(choice.count())]
    if known == list(entries):
        return
    chosen = choice.currentData()
    with QSignalBlocker(choice):
        choice.clear()
        for value, text in entries:
            choice.addItem(text, value)
            whole = plain_hover(str(value)) if value else ""
            choice.setItemData(choice.count() - 1, whole, Qt.ItemDataRole.ToolTipRole)
        _choose(choice, chosen)
