"""Charts that compare groups: headlines, dissimilarity, exposure."""

from __future__ import annotations

from collections.abc import Sequence

from isopolis.model import Finding

from .. import charts
from ..blocks import Figure, Table, table
from ..charts import Dot
from ..prose import Names, interval, measure_title, number, people, percent
from ..select import ByDimension
from ..svg import draw
from .common import ROWS, at, dot, method

__all__ = ["exposure_table", "glance", "isolation", "spread"]


def glance(headlines: Sequence[Finding], names: Names) -> Figure | None:
    """How far each headline is from chance."""
    rows = [(i, f) for i, f in enumerate(headlines, start=1) if f.excess is not None][:ROWS]
    if not rows:
        return None
    drawn = [Dot(f"{i}. {names.subject(f)}", f.excess or 0.0, text=percent(f.excess)) for i, f in rows]
    svg = draw(lambda: charts.bars(drawn, axis="excess over chance", as_percent=True), "glance")
    return Figure(
        "glance",
        "The headlines at a glance",
        "Excess over chance: 0% is what chance alone would give, 100% is the most that is possible. "
        "Measures on different scales can be compared this way.",
        svg,
        table(
            "Excess over chance of each headline",
            ("No.", "Who", "Measure", "Excess over chance"),
            [(str(i), names.subject(f), measure_title(f.measure), percent(f.excess)) for i, f in rows],
            words=(1, 2),
        ),
    )


def spread(part: ByDimension, names: Names, key: str) -> Figure | None:
    """Dissimilarity of each group from the rest, with chance and interval."""
    found = part.spread()
    defined = sorted((f for f in found if f.defined), key=_beyond_chance)
    if not defined:
        return None
    rows = [dot(f, names.group(f.group)) for f in defined[:ROWS]]
    svg = draw(
        lambda: charts.dots(
            rows,
            axis="dissimilarity from everyone else (D)",
            value="measured",
            mark="expected by chance",
            band="interval",
        ),
        key,
    )
    most, least = defined[0], defined[-1]
    summary = (
        f"{percent(most.number)} of the group “{names.group(most.group)}” would have to move to another zone "
        f"to be spread as everyone else is. Chance alone would give {percent(most.expected)}."
    )
    if least.number < most.number:
        even = names.group(least.group)
        summary += (
            f" Chance taken away, the group spread most evenly is “{even}”, with {percent(least.number)}."
        )
    return Figure(
        key,
        f"{names.dimension(part.name)}: how unevenly each group is spread{at(part)}",
        summary,
        svg,
        _spread_table(found, part, names),
        method(defined),
    )


def _beyond_chance(finding: Finding) -> tuple[float, int]:
    """Largest excess first; of two halves of the city, the smaller."""
    return -round(finding.number if finding.excess is None else finding.excess, 9), finding.n_group


def _spread_table(found: Sequence[Finding], part: ByDimension, names: Names) -> Table:
    rows = []
    for f in found:
        value = number(f.number) if f.defined else "none"
        rows.append(
            (
                names.group(f.group),
                people(f.n_group),
                value,
                number(f.expected),
                percent(f.excess),
                interval(f),
            )
        )
    return table(
        f"{names.dimension(part.name)}: dissimilarity of each group from everyone else{at(part)}",
        ("Group", "People", "Measured", "By chance", "Excess over chance", "Interval"),
        rows,
    )


def isolation(part: ByDimension, names: Names, key: str) -> Figure | None:
    """Share of their own group that members meet, beside the group's share of the city."""
    cells = part.exposure()
    own = [f for (g, h), f in cells.items() if g == h and f.defined]
    if not own:
        return None
    rows = []
    for f in own[:ROWS]:
        city = f.n_group / f.n_people if f.n_people else None
        rows.append(Dot(names.group(f.group), f.number, city, text=percent(f.number)))
    svg = draw(
        lambda: charts.dots(
            rows,
            axis="people of the same group in the zone of an average member",
            value="in an average member’s zone",
            mark="in the whole city",
            as_percent=True,
        ),
        key,
    )
    gap = max(own, key=lambda f: f.number - (f.n_group / f.n_people if f.n_people else 0.0))
    share = percent(gap.n_group / gap.n_people) if gap.n_people else "–"
    return Figure(
        key,
        f"{names.dimension(part.name)}: who lives near whom{at(part)}",
        f"An average member of “{names.group(gap.group)}” lives in a zone where {percent(gap.number)} are of "
        f"the same group, against {share} of the whole city. The gap is widest for this group.",
        svg,
        exposure_table(part, names),
    )


def exposure_table(part: ByDimension, names: Names) -> Table:
    """Exposure matrix: who meets whom in the zone of an average member."""
    cells = part.exposure()
    groups = list(dict.fromkeys(g for g, _ in cells))
    others = list(dict.fromkeys(h for _, h in cells))
    columns = [h for h in groups if h in others] + [h for h in others if h not in groups]

    def cell(g: str, h: str) -> str:
        finding = cells.get((g, h))
        return percent(finding.number) if finding is not None and finding.defined else "–"

    rows = [(names.group(g), *(cell(g, h) for h in columns), _share(cells, g)) for g in groups]
    return table(
        f"{names.dimension(part.name)}: mix of people in an average member’s zone{at(part)}",
        ("An average member of", *(names.group(h) for h in columns), "Share of the city"),
        rows,
        note="Each row says: in the zone of an average member of this group, so many in a hundred are …",
    )


def _share(cells: dict[tuple[str, str], Finding], group: str) -> str:
    finding = cells.get((group, group)) or next((f for (g, _), f in cells.items() if g == group), None)
    return percent(finding.n_group / finding.n_people) if finding is not None and finding.n_people else "–"
