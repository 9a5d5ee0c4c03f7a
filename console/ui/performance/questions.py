"""What the performance view asks the event store: all that is in sight, and more finely the part looked at closely."""

from console.messages import Columns
from console.ui.performance.choices import Choices
from console.ui.performance.details import Details
from console.ui.performance.model import PerformanceModel
from console.ui.performance.near_bands import NearBands
from console.ui.performance.pictures import Pictures
from console.ui.performance.session_rates import RATES
from console.ui.performance.standing import StandingQuestions

_BINS = 240


class Questions:
    """Keeps the standing questions to what the pictures and the details show of the model."""

    def __init__(
        self, standing: StandingQuestions, model: PerformanceModel, pictures: Pictures, details: Details
    ) -> None:
        self._standing = standing
        self._model = model
        self._pictures = pictures
        self._details = details
        self._near: NearBands | None = None  # of which finer bands were asked, and answered
        self._near_answered: NearBands | None = None

    @property
    def has_near(self) -> bool:
        """Whether finer bands of a part were told, for the scope that is shown."""
        return self._near_answered is not None

    @property
    def near(self) -> tuple[NearBands, Columns] | None:
        """The finer bands, and of which part they are."""
        near, finer = self._near_answered, self._standing.answer("near")
        return None if near is None or finer is None else (near, finer)

    def want(self, choices: Choices) -> None:
        """Ask the store what is in sight, and nothing else."""
        model = self._model
        params = model.query_params(span=model.span)
        wanted = self._details.questions(params, choices) if self._details.isVisible() else {}
        if choices.spread:
            bands = {"by": choices.picture, "rate": RATES[choices.rate], "bins": _BINS}
            # The plot goes on beyond the range, so that another one can be marked; time played is only of the range.
            whole = model.query_params(span=model.span if choices.picture == "session" else None)
            wanted = wanted | {"bands": ("frame_rate_bands", whole | bands)}
            self._near = self._pictures.near_bands()
            if self._near is not None:
                span = model.query_params(span=self._near.span)
                wanted["near"] = ("frame_rate_bands", span | bands | {"bins": 2 * _BINS})
        self._standing.want(wanted)

    def want_nothing(self) -> None:
        """Nobody looks."""
        self._standing.want({})

    def answered(self, slot: str) -> None:
        """Note which part the newest finer bands are of."""
        if slot == "near":
            self._near_answered = self._near

    def forget(self) -> None:
        """Drop what was answered, of another scope."""
        self._near_answered = None
        self._standing.forget()
