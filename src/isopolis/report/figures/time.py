"""Charts of change, and of what is known for the whole city only."""

from __future__ import annotations

from isopolis.model import Finding

from .. import charts
from ..blocks import Figure, table
from ..charts import Dot
from ..prose import Names, interval, number, people, percent, sentence
from ..select import ByDimension
from ..svg import draw
from .common import ROWS, at, dot, method, percents

__all__ = ["change", "survey"]


def change(part: ByDimension, names: Names, key: str) -> Figure | None:
    """Dissimilarity at two dates."""
    found = [f for f in part.changes() if f.measure == "dissimilarity_change" and f.defined and f.group]
    pairs = [(f, *_ends(f, part)) for f in found]
    whole = [(f, before, after) for f, before, after in pairs if before is not None and after is not None]
    if not whole:
        return None
    first, last = whole[0][0].date.partition("/")[::2]
    rows = [
        Dot(names.group(f.group), after, before, text=f"{number(before)} → {number(after)}")
        for f, before, after in whole[:ROWS]
    ]
    svg = draw(
        lambda: charts.arrows(rows, axis="dissimilarity from everyone else (D)", before=first, after=last),
        key,
    )
    most = max(whole, key=lambda w: abs(w[0].number))[0]
    way = "grew" if most.number > 0 else "fell"
    title = names.dimension(part.name)
    return Figure(
        key,
        f"{title}: change from {first} to {last}",
        f"The largest change is that of “{names.group(most.group)}”: its dissimilarity {way} by "
        f"{number(abs(most.number))}.",
        svg,
        table(
            f"{title}: dissimilarity in {first} and in {last}",
            (
                "Group",
                first or "Before",
                last or "After",
                "Change",
                "Change by chance",
                "Interval of the change",
            ),
            [
                (
                    names.group(f.group),
                    number(b),
                    number(a),
                    number(f.number),
                    number(f.expected),
                    interval(f),
                )
                for f, b, a in whole
            ],
        ),
        method(found),
    )


def _ends(finding: Finding, part: ByDimension) -> tuple[float | None, float | None]:
    """Values before and after, from the finding itself or from the findings of both dates."""
    detail = finding.detail
    if "before" in detail and "after" in detail:
        return _end(detail["before"]), _end(detail["after"])
    out: list[float | None] = []
    for date in finding.date.partition("/")[::2]:
        same = [f for f in part.spread(date) if f.group == finding.group and f.defined]
        out.append(same[0].number if same else None)
    return out[0], out[1]


def _end(told: object) -> float | None:
    """Value of one date, told as a number or as ``{"value": number, ...}``."""
    value = told.get("value") if isinstance(told, dict) else told
    return float(value) if isinstance(value, int | float) else None


def survey(part: ByDimension, names: Names, key: str) -> Figure | None:
    """Shares known from a sample of the whole city, with their intervals."""
    found = [f for f in part.survey() if f.defined]
    if not found:
        return None
    rows = [dot(f, names.group(f.group), percent) for f in found[:ROWS]]
    svg = draw(
        lambda: charts.dots(
            rows, axis="share of the people asked", value="estimate", band="interval", as_percent=True
        ),
        key,
    )
    title = names.dimension(part.name)
    listed = [(names.group(f.group), percent(f.number), percents(f), people(f.n_people)) for f in found]
    return Figure(
        key,
        f"{title}: shares in the whole city{at(part)}",
        sentence(found[0].explanation),
        svg,
        table(
            f"{title}: share of each group in the whole city{at(part)}",
            ("Group", "Share", "Interval", "People the estimate is about"),
            listed,
        ),
        method(found),
    )
