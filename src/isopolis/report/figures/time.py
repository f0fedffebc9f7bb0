"""Charts of change, and of what is known for the whole city only."""

from __future__ import annotations

from collections.abc import Sequence

from isopolis.model import Finding
from isopolis.model.text import joint, phrase

from .. import charts
from ..blocks import Figure, Table, table
from ..charts import Dot
from ..prose import Names, dated, interval, people, percent, sentence, shown
from ..select import ByDimension, ends
from ..svg import draw
from .common import IN_ORDER, ROWS, dot, explained, in_percent, left, notes, outside, percents

__all__ = ["change", "survey"]

MEASURE = "dissimilarity"


def change(part: ByDimension, names: Names, key: str) -> Figure | None:
    """Dissimilarity at two dates."""
    found = [f for f in part.changes() if f.measure == f"{MEASURE}_change" and f.defined and f.group]
    pairs = [(f, *_ends(f, part)) for f in found]
    whole = [(f, before, after) for f, before, after in pairs if before is not None and after is not None]
    if not whole:
        return None
    first, last = whole[0][0].date.partition("/")[::2]
    rows = [
        Dot(
            names.group(f.group),
            after,
            before,
            text=joint((shown(MEASURE, before), shown(MEASURE, after)), " → "),
        )
        for f, before, after in whole[:ROWS]
    ]
    svg = draw(
        lambda: charts.arrows(
            rows,
            axis=phrase("dissimilarity from everyone else (D)"),
            before=first,
            after=last,
            as_percent=in_percent(found),
        ),
        key,
    )
    most = max(whole, key=lambda w: abs(w[0].number))[0]
    moved = {"group": names.group(most.group), "change": shown(most.measure, abs(most.number))}
    grew = phrase(
        "The largest change is that of the group “{group}”: its dissimilarity grew by {change}.", **moved
    )
    fell = phrase(
        "The largest change is that of the group “{group}”: its dissimilarity fell by {change}.", **moved
    )
    title = names.dimension(part.name)
    return Figure(
        key,
        phrase("{dimension}: change from {first} to {last}", dimension=title, first=first, last=last),
        notes(grew if most.number > 0 else fell, IN_ORDER),
        svg,
        _change_table(
            whole,
            names,
            phrase(
                "{dimension}: dissimilarity in {first} and in {last}", dimension=title, first=first, last=last
            ),
        ),
        notes(left([f for f, *_ in whole], "groups"), outside(found)),
        explained(found),
    )


def _change_table(whole: Sequence[tuple[Finding, float, float]], names: Names, caption: str) -> Table:
    first, last = whole[0][0].date.partition("/")[::2]
    head = (
        phrase("Group"),
        first or phrase("Before"),
        last or phrase("After"),
        phrase("Change"),
        phrase("Change by chance"),
        phrase("Interval of the change"),
    )
    rows = [
        (
            names.group(f.group),
            shown(MEASURE, before),
            shown(MEASURE, after),
            shown(f.measure, f.number),
            shown(f.measure, f.expected),
            interval(f),
        )
        for f, before, after in whole
    ]
    return table(caption, head, rows)


def _ends(finding: Finding, part: ByDimension) -> tuple[float | None, float | None]:
    """Values before and after, from the finding itself or from the findings of both dates."""
    before, after = ends(finding)
    if before is not None and after is not None:
        return before, after
    out: list[float | None] = []
    for date in finding.date.partition("/")[::2]:
        same = [f for f in part.spread(date) if f.group == finding.group and f.defined]
        out.append(same[0].number if same else None)
    return out[0], out[1]


def survey(part: ByDimension, names: Names, key: str) -> Figure | None:
    """Shares known from a sample of the whole city, with their intervals."""
    found = [f for f in part.survey() if f.defined]
    if not found:
        return None
    rows = [dot(f, names.group(f.group)) for f in found[:ROWS]]
    svg = draw(
        lambda: charts.dots(
            rows,
            axis=phrase("share of the people asked"),
            value=phrase("estimate"),
            band=phrase("interval"),
            as_percent=True,
        ),
        key,
    )
    title = names.dimension(part.name)
    listed = [(names.group(f.group), percent(f.number), percents(f), people(f.n_people)) for f in found]
    return Figure(
        key,
        dated(phrase("{dimension}: shares in the whole city", dimension=title), part.newest),
        notes(sentence(found[0].explanation), IN_ORDER),
        svg,
        table(
            dated(phrase("{dimension}: share of each group in the whole city", dimension=title), part.newest),
            (phrase("Group"), phrase("Share"), phrase("Interval"), phrase("People the estimate is about")),
            listed,
        ),
        left(found, "groups"),
        explained(found),
    )
