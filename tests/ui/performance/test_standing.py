"""Questions that the performance view keeps asking while games play."""

import pytest
from pytestqt.qtbot import QtBot

from console.client import ConsoleUnavailable
from console.ui.context import ViewContext
from console.ui.performance import standing
from tests.ui.fakes import FakeClient


def test_answers_are_asked_again_while_games_play(
    qtbot: QtBot, context: ViewContext, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "_AGAIN_MS", 0)
    questions = standing.StandingQuestions(context)
    client.failures["query"] = ConsoleUnavailable("starting")
    questions.want({"all": ("frame_rate_groups", {"by": "build"})})
    assert questions.answer("all") is None
    del client.failures["query"]
    questions.ask_anew()
    assert questions.answer("all") is not None
    before = len(client.called("query"))
    questions.want({"all": ("frame_rate_groups", {"by": "build"})})
    assert len(client.called("query")) == before
    with qtbot.waitSignal(questions.answered):
        questions.outdated()
    assert len(client.called("query")) == before + 1
    # The answer of another span stays until there is one of this; that of another question would be taken for it.
    client.failures["query"] = ConsoleUnavailable("gone")
    questions.want({"all": ("frame_rate_groups", {"by": "build", "from_us": 1})})
    assert questions.answer("all") is not None
    questions.want({"all": ("frame_rate_groups", {"by": "gpu", "from_us": 1})})
    assert questions.answer("all") is None
    del client.failures["query"]
    questions.want({"all": ("frame_rate_groups", {"by": "gpu", "from_us": 1})})  # it failed: it is asked again
    assert questions.answer("all") is not None
    questions.forget()
    assert questions.answer("all") is None
