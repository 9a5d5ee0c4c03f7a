"""Says how the look for what a filter matches is going, where it takes long or did not come to its end."""

from typing import Any

from console.ui.context import Action, MessageKind
from console.ui.widgets.filter_note import FilterNote
from console.ui.widgets.filtered_rows import FilteredRows


class FilterProgress:
    """Keeps one note in step with the results of one table."""

    def __init__(self, results: FilteredRows[Any], note: FilterNote, what: str) -> None:
        self._results = results
        self._note = note
        self._what = what
        self._told = ""

    def tell(self) -> None:
        """Say what there is to say, or nothing."""
        results, what = self._results, self._what
        again: Action = ("Look again", results.look_again)
        if results.state == "looking" and results.slow:
            passed = f" {results.seconds} s" if results.seconds else ""
            text = f"Looking through the recorded {what}s …{passed}"
            self._say("looking", text, "info", ("Cancel", results.give_up))
        elif results.state == "given up":
            text = f"Not all recorded {what}s were looked at. New ones are shown as they come."
            self._say("given up", text, "warning", again)
        elif results.state == "failed":
            self._say("failed", f"The filter could not be answered: {results.reason}", "bad", again)
        else:
            self._told = ""
            self._note.hide()

    def _say(self, which: str, text: str, kind: MessageKind, action: Action) -> None:
        if self._told == which and self._note.text:
            self._note.update_text(text)
        else:
            self._told = which
            self._note.say(text, kind, (action,))
