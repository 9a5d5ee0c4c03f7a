"""Questions about all players, one after the other: only the latest one that a person waits for is of use."""

import asyncio
import threading
from collections.abc import Callable

from console.server.player_questions import IsWanted, NotWanted, PageQuestion, PlayersAnswer, PlayersQuestion

_LOOK_SECS = 0.1


class PlayerQuestionTurns:
    """Call it on the loop. `answer` blocks, as `PlayerQuestions.answer` and `StoreProcess.ask_players` do."""

    def __init__(
        self,
        answer: Callable[[PlayersQuestion, IsWanted], PlayersAnswer],
        read_ahead: Callable[[str], None] = lambda _app_id: None,
    ) -> None:
        self._answer = answer
        self._read_ahead = read_ahead
        self._counting = asyncio.Lock()
        self._listing = asyncio.Lock()  # whoever scrolls does not wait for what is counted

    def expect(self, app_id: str) -> None:
        """Somebody looks at this application's players, or at segments: questions may follow. For any thread."""
        self._read_ahead(app_id)

    async def ask(self, question: PlayersQuestion, *, is_waited_for: Callable[[], bool]) -> PlayersAnswer:
        """Answer when those before are answered, unless nobody waits any more; then stop in the middle, too.

        Whoever types asks again and again: what was asked before and given up would keep the last one waiting. Raises
        ConnectionError for a caller who is gone, and what `answer` raises.
        """
        async with self._listing if isinstance(question, PageQuestion) else self._counting:
            if not is_waited_for():
                raise _gone()
            given_up = threading.Event()
            answer = asyncio.ensure_future(asyncio.to_thread(self._answer, question, lambda: not given_up.is_set()))
            try:
                while not answer.done():
                    await asyncio.wait([answer], timeout=_LOOK_SECS)
                    if not is_waited_for():
                        given_up.set()
            except asyncio.CancelledError:
                given_up.set()
                await asyncio.gather(answer, return_exceptions=True)
                raise
            try:
                return answer.result()
            except NotWanted:
                if given_up.is_set():
                    raise _gone() from None
                raise  # the server is stopping


def _gone() -> ConnectionError:
    return ConnectionResetError("the caller of a question about players is gone")
