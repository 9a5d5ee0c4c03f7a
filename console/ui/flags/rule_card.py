"""One rule of a flag: who it is for, when, how many of them, and what they get."""

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from console.players.definitions import FlagType, Rule, Segment, Variant
from console.ui.flags.condition_editor import ConditionEditor
from console.ui.flags.parts import IconButton, Section, labelled
from console.ui.flags.paths import Path
from console.ui.flags.schedule_field import ScheduleField
from console.ui.flags.split_field import SplitField
from console.ui.theme import Theme
from console.ui.widgets.form_fields import FIELD_HEIGHT, Choice, NumberField, Slide
from console.ui.widgets.formatting import visible
from console.ui.widgets.value_field import ValueField

_INDENT = 84


class RuleCard(Section):
    """`changed` when a person edits it; `moved(step)` and `removed` for what the list of rules does."""

    changed = Signal()
    moved = Signal(int)
    removed = Signal()

    def __init__(self, theme: Theme, attributes: list[str]) -> None:
        super().__init__(card=True)
        self.rule_id = ""
        self._type: FlagType = "boolean"
        self._variants: list[Variant] = []
        self.number = QLabel()
        self.number.setProperty("role", "mono-dim")
        self.number.setFixedWidth(24)
        self.description = QLineEdit()
        self.description.setPlaceholderText("What this rule is for")
        self.description.setAccessibleName("Description of the rule")
        self.up = IconButton(theme, "chevron-up", "Try this rule earlier", lambda: self.moved.emit(-1))
        self.down = IconButton(theme, "chevron-down", "Try this rule later", lambda: self.moved.emit(1))
        self.segment = Choice()
        self.segment.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.narrowed = QCheckBox("who also meet conditions of this rule")
        self.conditions = ConditionEditor(theme, "")
        self.conditions.set_attributes(attributes)
        self.partly = QCheckBox("only")
        self.slider = Slide(Qt.Orientation.Horizontal)
        self.percent = NumberField("Roll-out, per cent", 100, " %")
        self.scheduled = QCheckBox("only")
        self.schedule = ScheduleField(theme)
        self.kind = Choice()
        self.value = ValueField("Value of the rule")
        self.variant = ValueField("Variant of the rule")
        self.split = SplitField(theme)
        self._lay_out(theme)
        self._connect()

    # what is shown

    def show_rule(self, rule: Rule) -> None:
        """Show a rule without telling that it was edited."""
        self.rule_id = rule.rule_id
        with QSignalBlocker(self):
            self.description.setText(rule.description)
            self._choose_segment(rule.segment_id)
            self.narrowed.setChecked(rule.conditions is not None)
            self.conditions.show_conditions(rule.conditions)
            self.partly.setChecked(rule.rollout is not None)
            self.percent.setValue(100.0 if rule.rollout is None else rule.rollout)
            self.schedule.show_schedule(rule.schedule)
            self.scheduled.setChecked(self.schedule.schedule() is not None)
            kind = "split" if rule.split is not None else "variant" if rule.variant_key is not None else "value"
            self._offer_kinds(kind)
            self.split.show_split(rule.split or [])
            if rule.variant_key is not None:
                self.variant.show_variant(rule.variant_key)
            if kind == "value":
                self.value.show_value(True if rule.value is None and self._type == "boolean" else rule.value)
        self._show_parts()

    def rule(self) -> Rule:
        """The rule as it is to be sent. Raises DraftProblem."""
        kind = self.kind.currentData()
        return Rule(
            rule_id=self.rule_id,
            description=self.description.text().strip(),
            segment_id=self.segment.currentData(),
            conditions=self.conditions.conditions() if self.narrowed.isChecked() else None,
            schedule=self.schedule.schedule() if self.scheduled.isChecked() else None,
            rollout=self.percent.value() if self.partly.isChecked() else None,
            value=self.value.value() if kind == "value" else None,
            variant_key=self.variant.variant_key() if kind == "variant" else None,
            split=self.split.split() if kind == "split" else None,
        )

    def set_place(self, index: int, count: int) -> None:
        """Which rule of how many this is."""
        self.number.setText(f"{index + 1}")
        self.up.setEnabled(index > 0)
        self.down.setEnabled(index < count - 1)

    def set_type(self, flag_type: FlagType, variants: list[Variant]) -> None:
        """What values and variants the flag has now."""
        self._type, self._variants = flag_type, variants
        self.value.set_type(flag_type, variants)
        self.variant.set_type("multivariate", variants)
        self.split.set_variants([one.key for one in variants])
        self._offer_kinds(self.kind.currentData() or "value")
        self._show_parts()

    def set_segments(self, segments: list[Segment]) -> None:
        """The segments there are; one that is gone stays chosen, for the server to refuse."""
        chosen = self.segment.currentData()
        with QSignalBlocker(self.segment):
            self.segment.clear()
            self.segment.addItem("Every player", None)
            for segment in segments:
                self.segment.addItem(visible(segment.name or segment.segment_id, 60), segment.segment_id)
            self._choose_segment(chosen)

    def widget_at(self, steps: Path) -> QWidget:
        """Where the value of a path is edited."""
        match steps:
            case ("segment_id", *_):
                return self.segment
            case ("conditions", *rest):
                return self.conditions.widget_at(tuple(rest))
            case ("rollout", *_):
                return self.percent
            case ("schedule", *rest):
                return self.schedule.widget_at(tuple(rest))
            case ("split", *rest):
                return self.split.widget_at(tuple(rest))
            case ("variant_key", *_):
                return self.variant.field
            case ("value", *_):
                return self.value.field
            case ("description", *_):
                return self.description
        return self

    # parts

    def _lay_out(self, theme: Theme) -> None:
        self.head.addWidget(self.number)
        self.head.addWidget(self.description, 1)
        self.head.addWidget(self.up)
        self.head.addWidget(self.down)
        self.head.addWidget(IconButton(theme, "trash", "Remove the rule", self.removed.emit))
        self.slider.setRange(0, 100)
        self.slider.setAccessibleName("Roll-out, per cent")
        self.set_segments([])
        self.content.addLayout(labelled("For", self.segment, width=72))
        narrowed = QHBoxLayout()
        narrowed.setContentsMargins(_INDENT, 0, 0, 0)
        narrowed.addWidget(self.narrowed, 1)
        narrowed.addWidget(self.conditions.as_json)
        self.content.addLayout(narrowed)
        self.content.addWidget(self.conditions)
        self._rollout_row = _row(self.slider, self.percent)
        self.content.addLayout(labelled("Roll-out", _beside(self.partly, self._rollout_row), width=72))
        self.content.addLayout(labelled("Schedule", _beside(self.scheduled, self.schedule), width=72))
        self.kind.setAccessibleName("What they get")
        serve = _row(self.kind, self.value, self.variant)
        self.content.addLayout(labelled("They get", serve, width=72))
        self.content.addLayout(_indented(self.split))

    def _connect(self) -> None:
        self.description.textEdited.connect(lambda _text: self.changed.emit())
        self.segment.activated.connect(lambda _index: self.changed.emit())
        self.kind.activated.connect(lambda _index: self._edited())
        self.scheduled.toggled.connect(self._schedule_wanted)
        for box in (self.narrowed, self.partly, self.scheduled):
            box.toggled.connect(lambda _on: self._edited())
        self.slider.valueChanged.connect(lambda value: self.percent.setValue(float(value)))
        self.percent.valueChanged.connect(self._percent_changed)
        for part in (self.conditions, self.schedule, self.value, self.variant, self.split):
            part.changed.connect(self.changed)

    def _edited(self) -> None:
        self._show_parts()
        self.changed.emit()

    def _schedule_wanted(self, on: bool) -> None:
        """Offer a beginning: what has no end on either side is no schedule."""
        if on and self.schedule.schedule() is None:
            self.schedule.start.tick.setChecked(True)

    def _percent_changed(self, percent: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(math.floor(percent))
        self.changed.emit()

    def _choose_segment(self, segment_id: str | None) -> None:
        if segment_id is not None and self.segment.findData(segment_id) < 0:
            self.segment.addItem(f"{visible(segment_id, 60)} (not found)", segment_id)
        self.segment.setCurrentIndex(max(self.segment.findData(segment_id), 0))

    def _offer_kinds(self, wanted: str) -> None:
        kinds = [] if self._type == "multivariate" else [("the value", "value")]
        if self._variants or wanted != "value" or not kinds:
            kinds += [("the variant", "variant"), ("a split of variants", "split")]
        with QSignalBlocker(self.kind):
            self.kind.clear()
            for text, kind in kinds:
                self.kind.addItem(text, kind)
            self.kind.setCurrentIndex(max(self.kind.findData(wanted), 0))

    def _show_parts(self) -> None:
        kind = self.kind.currentData()
        self.conditions.setVisible(self.narrowed.isChecked())
        self.conditions.as_json.setVisible(self.narrowed.isChecked())
        self._rollout_row.setVisible(self.partly.isChecked())
        self.schedule.setVisible(self.scheduled.isChecked())
        self.partly.setText("only" if self.partly.isChecked() else "only a part of them")
        self.scheduled.setText("only" if self.scheduled.isChecked() else "only for a time")
        self.value.setVisible(kind == "value")
        self.variant.setVisible(kind == "variant")
        self.split.setVisible(kind == "split")
        self.kind.setVisible(self.kind.count() > 1)


def _indented(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(_INDENT, 0, 0, 0)
    row.addWidget(widget, 1)
    return row


def _row(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 0 if isinstance(widget, QComboBox) else 1)
    return holder


def _beside(first: QWidget, second: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(12)
    first.setFixedHeight(FIELD_HEIGHT)
    row.addWidget(first, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(second, 1)
    row.addStretch(0)
    return holder
