"""The form of a flag: what it is, its value, its variants, its prerequisites and its rules."""

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QScrollArea, QWidget

from console.players.definitions import Flag, FlagType, Rule, Segment
from console.players.flag_values import default_of, variant_with
from console.ui.dialogs import plain_label
from console.ui.flags.parts import Problems, Section, bring_into_sight, column_of, labelled, order_tabs, take_out
from console.ui.flags.paths import Path, steps_of
from console.ui.flags.prerequisites_editor import PrerequisitesEditor
from console.ui.flags.rule_card import RuleCard
from console.ui.flags.variants_editor import VariantsEditor
from console.ui.theme import Theme
from console.ui.widgets.form_fields import Choice
from console.ui.widgets.value_field import DraftProblem, ValueField

_TYPES: dict[FlagType, str] = {
    "boolean": "Boolean: on or off",
    "string": "String: text",
    "number": "Number",
    "json": "JSON: any value",
    "multivariate": "Multivariate: one of several variants",
}


class FlagForm(QScrollArea):
    """Shows a flag and gives it back as edited; knows no server. `changed` when a person edits it."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._flag = Flag(key="")
        self._segments: list[Segment] = []
        self._attributes: list[str] = []
        self.rules: list[RuleCard] = []
        self.problems = Problems(self)
        self.key = QLineEdit()
        self.key.setProperty("role", "mono")
        self.key.setPlaceholderText("new_tutorial")
        self.name = QLineEdit()
        self.name.setPlaceholderText("What people call it")
        self.description = QLineEdit()
        self.description.setPlaceholderText("What it is for, and when it can go")
        self.type = Choice()
        for flag_type, text in _TYPES.items():
            self.type.addItem(text, flag_type)
        self.default = ValueField("Default value")
        self.variants = VariantsEditor(theme)
        self.prerequisites = PrerequisitesEditor(theme)
        self._about = Section("Flag")
        self._rules = Section("Rules")
        self._ordering = QTimer(self)
        self._ordering.setSingleShot(True)
        self._ordering.setInterval(0)
        self._ordering.timeout.connect(self._order_tabs)
        self._lay_out()
        self._connect()

    # what is shown

    def show_flag(self, flag: Flag, *, new: bool) -> None:
        """Show a flag without telling that it was edited."""
        self.problems.clear()
        self._flag = flag
        with QSignalBlocker(self):
            self.key.setText(flag.key)
            self._key_row.setVisible(new)
            self.name.setText(flag.name)
            self.description.setText(flag.description)
            with QSignalBlocker(self.type):
                self.type.setCurrentIndex(self.type.findData(flag.type))
            self.variants.set_type(flag.type)
            self.variants.show_variants(flag.variants)
            self.prerequisites.show_prerequisites(flag.prerequisites)
            # Cards are dear to make: those of the flag before are used again.
            for card in self.rules[len(flag.rules) :]:
                self._take_out(card)
            for _ in flag.rules[len(self.rules) :]:
                self._new_card()
            for card, rule in zip(self.rules, flag.rules, strict=True):
                card.set_type(flag.type, flag.variants)
                card.show_rule(_with_variant(rule, flag))
            self.default.set_type(flag.type, flag.variants)
            self.default.show_value(default_of(flag))
            self._number_rules()

    def flag(self) -> Flag:
        """The flag as it is to be sent. Raises DraftProblem."""
        return replace(
            self._flag,
            key=self.key.text().strip(),
            name=self.name.text().strip(),
            description=self.description.text().strip(),
            type=self.type.currentData(),
            default_value=self.default.value(),
            variants=self.variants.variants(),
            prerequisites=self.prerequisites.prerequisites(),
            rules=[card.rule() for card in self.rules],
        )

    def set_around(self, flags: list[Flag], segments: list[Segment], attributes: list[str]) -> None:
        """The other flags, the segments and the attributes there are to choose from."""
        self._segments, self._attributes = segments, attributes
        with QSignalBlocker(self):
            self.prerequisites.set_flags(flags)
            for card in self.rules:
                card.set_segments(segments)
                card.conditions.set_attributes(attributes)

    def set_enabled_flag(self, on: bool) -> None:
        """Whether the flag is on: its switch is not in this form."""
        self._flag = replace(self._flag, enabled=on)

    def show_problem(self, path: str, text: str) -> bool:
        """Mark what a path of the server leads to. False when it leads to nothing here."""
        return self.mark(self.widget_at(steps_of(path)), text)

    def mark(self, widget: QWidget | None, text: str) -> bool:
        """Mark a field as wrong and bring it to sight."""
        if widget is None or not self.problems.show(widget, text):
            return False
        bring_into_sight(self, widget, self.problems.sentence)
        return True

    def widget_at(self, steps: Path) -> QWidget | None:
        """Where the value of a path is edited."""
        match steps:
            case ("rules", int(index), *rest) if index < len(self.rules):
                return self.rules[index].widget_at(tuple(rest))
            case ("rules", *_):
                return self._rules
            case ("variants", *rest):
                return self.variants.widget_at(tuple(rest))
            case ("prerequisites", *rest):
                return self.prerequisites.widget_at(tuple(rest))
            case ("default_value", *_):
                return self.default.field
            case (str(name), *_):
                return {"key": self.key, "name": self.name, "description": self.description, "type": self.type}.get(
                    name
                )
        return None

    def add_rule(self) -> None:
        """A rule at the end, for every player."""
        known = {card.rule_id for card in self.rules}
        number = next(n for n in range(1, len(known) + 2) if f"rule-{n}" not in known)
        card = self._new_card()
        card.show_rule(Rule(rule_id=f"rule-{number}", value=self._first_value()))
        self._number_rules()
        self.changed.emit()
        card.description.setFocus()
        QTimer.singleShot(0, card, lambda: self.ensureWidgetVisible(card, 16, 16))

    # parts

    def _first_value(self) -> Any:
        """What a new rule gives: on, or what everyone gets, to be changed."""
        if self.type.currentData() in ("boolean", "multivariate"):
            return None
        try:
            return self.default.value()
        except DraftProblem:
            return None

    def _lay_out(self) -> None:
        page = QWidget()
        column = column_of(page)
        self._key_row = QWidget()
        self._key_row.setLayout(labelled("Key", self.key))
        key_layout = self._key_row.layout()
        assert key_layout is not None
        key_layout.setContentsMargins(0, 0, 0, 0)
        self._about.content.addWidget(self._key_row)
        for label, field in (
            ("Name", self.name),
            ("Description", self.description),
            ("Type", self.type),
            ("Default value", self.default),
        ):
            self._about.content.addLayout(labelled(label, field))
        add_rule = self._add_rule = QPushButton("+ Rule")
        add_rule.setProperty("role", "quiet")
        add_rule.clicked.connect(lambda _checked=False: self.add_rule())
        self._rules.head.addWidget(add_rule)
        self._no_rules = plain_label("None: everyone gets the default value while the flag is on.", "dim")
        self._rules.content.addWidget(self._no_rules)
        for section in (self._about, self._rules, self.variants, self.prerequisites):
            column.addWidget(section)
        column.addStretch(1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _connect(self) -> None:
        for line in (self.key, self.name, self.description):
            line.textEdited.connect(lambda _text: self.changed.emit())
        self.type.activated.connect(lambda _index: self._type_chosen())
        self.variants.keys_changed.connect(self._fit_values)
        for part in (self.default, self.variants, self.prerequisites):
            part.changed.connect(self.changed)
        self.variants.changed.connect(self._fit_values)
        self.changed.connect(self.problems.clear)
        self.changed.connect(self._ordering.start)

    def _type_chosen(self) -> None:
        self.variants.set_type(self.type.currentData())
        self._fit_values()
        self.changed.emit()

    def _fit_values(self) -> None:
        """Type or variants changed: every value is of the new ones."""
        flag_type, variants = self.type.currentData(), self.variants.drafts
        with QSignalBlocker(self):
            self.default.set_type(flag_type, variants)
            for card in self.rules:
                card.set_type(flag_type, variants)

    def _new_card(self) -> RuleCard:
        card = RuleCard(self._theme, self._attributes)
        card.set_segments(self._segments)
        card.set_type(self.type.currentData(), self.variants.drafts)
        card.changed.connect(self.changed)
        card.moved.connect(lambda step, card=card: self._move(card, step))
        card.removed.connect(lambda card=card: self._remove(card))
        self.rules.append(card)
        self._rules.content.addWidget(card)
        return card

    def _order_tabs(self) -> None:
        """Parts come and go; cards are moved."""
        variants, needed = self.variants, self.prerequisites
        rules = [self._add_rule, *self.rules]
        order_tabs([self._about, *rules, variants.add_button, *variants.rows, needed.add_button, *needed.rows])

    def _move(self, card: RuleCard, step: int) -> None:
        index = self.rules.index(card)
        self.rules.insert(index + step, self.rules.pop(index))
        self._rules.content.removeWidget(card)
        self._rules.content.insertWidget(index + step + 1, card)  # after the line for no rules
        self._number_rules()
        self.changed.emit()

    def _remove(self, card: RuleCard) -> None:
        self._take_out(card)
        self._number_rules()
        self.changed.emit()

    def _take_out(self, card: RuleCard) -> None:
        self.rules.remove(card)
        take_out(self._rules.content, card)

    def _number_rules(self) -> None:
        for index, card in enumerate(self.rules):
            card.set_place(index, len(self.rules))
        self._ordering.start()
        self._no_rules.setVisible(not self.rules)


def _with_variant(rule: Rule, flag: Flag) -> Rule:
    """A rule of variants may give one by its value: shown as the variant it is."""
    if flag.type != "multivariate" or rule.variant_key is not None or rule.split is not None:
        return rule
    variant = variant_with(flag, rule.value)
    return rule if variant is None else replace(rule, value=None, variant_key=variant.key)
