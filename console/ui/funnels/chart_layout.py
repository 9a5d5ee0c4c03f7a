"""Where the parts of a funnel's chart lie, and what is written in them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from console.telemetry.funnels import StepTally
from console.ui.funnels.model import MAX_SHOWN_GROUPS, Bar, Report, difference, length, part_of

HEAD = 28
ROW = 24
STEP = 40
GAP = 8
NAME_WIDTH = 232
NARROW_NAME_WIDTH = 152
COLUMNS = (("Reached", 72), ("Of first", 72), ("Of previous", 88), ("Median", 92), ("90 %", 92))
NARROW_COLUMNS = COLUMNS[:4]
_ROOMY = 840


@dataclass(frozen=True)
class Line:
    """One bar with its numbers. `top` and `height` in pixels; shares of the group's first step, 0 … 1."""

    bar: Bar
    top: int
    height: int
    title: str
    aside: str
    share: float
    share_before: float
    cells: tuple[str, ...]
    likely: bool  # whether a difference is more than chance would do
    hover: str
    lost_hover: str


@dataclass(frozen=True)
class Layout:
    """What to paint, from the top down."""

    lines: tuple[Line, ...]
    heads: tuple[tuple[str, int], ...]
    name_width: int
    height: int

    def line_of(self, bar: Bar) -> Line | None:
        """The line in which a bar is; who was lost after a step is shown beside those that reached the next one."""
        row = Bar(bar.step + 1 if bar.lost else bar.step, group=bar.group)
        return next((line for line in self.lines if line.bar == row), None)

    def at(self, y: float) -> Line | None:
        """The line at a height."""
        return next((line for line in self.lines if line.top <= y < line.top + line.height), None)


def laid_out(report: Report, width: int) -> Layout:
    """Lines for a width. With a breakdown, every step has a line for each group below its own."""
    shown = report.groups[:MAX_SHOWN_GROUPS]
    roomy = width >= _ROOMY
    heads = COLUMNS if roomy else NARROW_COLUMNS
    if shown:
        heads = (*heads[:3], ("Difference", 92), *heads[3:4])
    lines: list[Line] = []
    top = HEAD
    for step in range(len(report.steps)):
        lines.append(_line(report, None, report.tallies, step, top, [name for name, _ in heads]))
        top += STEP
        for group in shown:
            lines.append(_line(report, group.name, group.tallies, step, top, [name for name, _ in heads]))
            top += ROW
        top += GAP
    return Layout(tuple(lines), tuple(heads), NAME_WIDTH if roomy else NARROW_NAME_WIDTH, top)


def _line(
    report: Report, group: str | None, tallies: tuple[StepTally, ...], step: int, top: int, heads: list[str]
) -> Line:
    told, first = tallies[step], tallies[0].units
    before = tallies[step - 1].units if step else told.units
    points, likely = "", False
    if group is not None and report.groups and group != report.groups[0].name:
        points, likely = difference(tallies, report.groups[0].tallies, step)
    values = {
        "Reached": f"{told.units:,}",
        "Of first": part_of(told.units, first) if step else "",
        "Of previous": part_of(told.units, before) if step else "",
        "Median": length(told.median_secs) if step else "",
        "90 %": length(told.p90_secs) if step else "",
        "Difference": points,
    }
    title = report.steps[step].title if group is None else next(g.title for g in report.groups if g.name == group)
    return Line(
        Bar(step, group=group),
        top,
        STEP if group is None else ROW,
        title,
        report.steps[step].kind if group is None else "",
        told.units / first if first else 0.0,
        before / first if first else 0.0,
        tuple(values[head] for head in heads),
        likely,
        "\n".join(_hover(report, group, tallies, step, points, likely)),
        _lost_hover(report, tallies, step),
    )


def _hover(
    report: Report, group: str | None, tallies: tuple[StepTally, ...], step: int, points: str, likely: bool
) -> Iterator[str]:
    told, unit = tallies[step], report.unit
    yield f"{told.units:,} of {tallies[0].units:,} {unit}s reached “{report.steps[step].title}”"
    if step and told.units:
        previous = report.steps[step - 1].title
        yield f"Half of them within {length(told.median_secs)} of “{previous}”, 9 in 10 within {length(told.p90_secs)}"
        yield "counted from the first time they reached the one to the first time they reached the other"
    if group is not None and points:
        against = report.groups[0].title
        yield f"{points} (points of a percentage) against {against}: " + (
            "more than chance would do" if likely else "chance alone may do as much, with so few"
        )
    yield "Click to see who they are"


def _lost_hover(report: Report, tallies: tuple[StepTally, ...], step: int) -> str:
    if not step:
        return ""
    lost = tallies[step - 1].units - tallies[step].units
    one = report.unit if lost == 1 else f"{report.unit}s"
    return (
        f"{lost:,} {one} ended between “{report.steps[step - 1].title}” and “{report.steps[step].title}”"
        f" ({part_of(lost, tallies[step - 1].units)})\nClick to see who they are"
    )
