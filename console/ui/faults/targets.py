"""Whom fault rules are for, as a person chooses it: an application, maybe one of its keys."""

from collections.abc import Sequence

from msgspec.structs import replace

from console.messages import Application, Key
from console.messages.faults import Fault
from console.ui.widgets.form_fields import FIELD_HEIGHT, Choice
from console.ui.widgets.formatting import visible

_MIN_WIDTH = 240


def application_choice(applications: Sequence[Application], chosen: str | None) -> Choice:
    """Every application, after everybody; the data are app ids, "" for everybody."""
    choice = Choice()
    choice.setAccessibleName("For")
    choice.setMinimumWidth(_MIN_WIDTH)
    choice.setFixedHeight(FIELD_HEIGHT)
    choice.addItem("Everybody", "")
    for application in applications:
        choice.addItem(visible(application.name), application.app_id)
    choice.setCurrentIndex(max(0, choice.findData(chosen or "")))
    return choice


def fill_keys(choice: Choice, applications: Sequence[Application], app_id: str) -> None:
    """The keys of an application, after any key; the data are key ids, "" for any."""
    choice.clear()
    choice.addItem("Any key", "")
    for application in applications:
        if application.app_id == app_id:
            for key in application.keys:
                if key.revoked_at_us is None:
                    choice.addItem(_key_name(key), key.key_id)
    choice.setEnabled(choice.count() > 1)


def for_application(fault: Fault, app_id: str) -> Fault:
    """The rule for an application alone; for everybody when there is none."""
    return replace(fault, app_ids=[app_id]) if app_id else fault


def names_of(applications: Sequence[Application]) -> dict[str, str]:
    """What applications and keys are called, by their ids."""
    names = {application.app_id: visible(application.name) for application in applications}
    for application in applications:
        names |= {key.key_id: _key_name(key) for key in application.keys}
    return names


def _key_name(key: Key) -> str:
    return visible(f"{key.label} ({key.hint})" if key.label else key.hint)
