"""Charts that compare groups: headlines, dissimilarity, exposure."""

from __future__ import annotations

from collections.abc import Sequence

from isopolis.model import Finding
from isopolis.model.text import joint, phrase

from .. import charts
from ..blocks import Figure, Table, table
from ..charts import Dot
from ..prose import Names, dated, interval, is_change, measure_title, people, percent, shown
from ..select import ByDimension
from ..svg import draw
from .common import IN_ORDER, ROWS, band, dot, explained, in_percent, left, notes, outside

__all__ = ["exposure_table", "glance", "isolation", "spread"]


def glance(headlines: Sequence[Finding], names: Names) -> Figure | None:
    """How far each headline is from chance."""
    ranked = [
        (i, f) for i, f in enumerate(headlines, start=1) if f.excess is not None and not is_change(f.measure)
    ]
    rows = ranked[:ROWS]
    if not rows:
        return None
    drawn = [
        Dot(joint((f"{i}.", names.subject(f))), f.excess or 0.0, text=percent(f.excess)) for i, f in rows
    ]
    svg = draw(lambda: charts.bars(drawn, axis=phrase("excess over chance"), as_percent=True), "glance")
    return Figure(
        "glance",
        phrase("The headlines at a glance"),
        phrase(
            "Excess over chance: 0% is what chance alone would give, 100% is the most that is possible. "
            "Measures on different scales can be compared this way. Rows stand in the order of the headlines."
        ),
        svg,
        table(
            phrase("Excess over chance of each headline"),
            (phrase("No."), phrase("Who"), phrase("Measure"), phrase("Excess over chance")),
            [(str(i), names.subject(f), measure_title(f.measure), percent(f.excess)) for i, f in rows],
            words=(1, 2),
        ),
        left(headlines, "headlines") if len(ranked) > ROWS else "",
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
            axis=phrase("dissimilarity from everyone else (D)"),
            value=phrase("measured"),
            mark=phrase("expected by chance"),
            band=band(defined),
            as_percent=in_percent(defined),
        ),
        key,
    )
    return Figure(
        key,
        dated(
            phrase("{dimension}: how unevenly each group is spread", dimension=names.dimension(part.name)),
            part.newest,
        ),
        _spread_told(defined, names),
        svg,
        _spread_table(found, part, names),
        notes(left(defined, "groups"), outside(defined)),
        explained(defined),
    )


def _spread_told(defined: Sequence[Finding], names: Names) -> str:
    """Say who is spread least and who most evenly, both beyond chance."""
    most = defined[0]
    told = [
        phrase(
            "{percent} of the group “{group}” would have to move to another zone "
            "to be spread as everyone else is.",
            percent=percent(most.number),
            group=names.group(most.group),
        )
    ]
    if most.expected is not None:
        told.append(phrase("Chance alone would give {percent}.", percent=percent(most.expected)))
    ranked = [f for f in defined if f.excess is not None]
    least = ranked[-1] if ranked else most
    # two halves of a city are equally far from each other
    if ranked and percent(least.excess) != percent(most.excess):
        told.append(_most_even(least, names.group(least.group)))
    if len(defined) > 1:
        told.append(phrase("Rows stand by excess over chance, the largest first."))
    return joint(told)


def _most_even(least: Finding, group: str) -> str:
    if (least.excess or 0) <= 0:
        return phrase(
            "Chance taken away, the group spread most evenly is “{group}”, "
            "no more unevenly than chance would spread it.",
            group=group,
        )
    return phrase(
        "Chance taken away, the group spread most evenly is “{group}”, with an excess of {percent}.",
        group=group,
        percent=percent(least.excess),
    )


def _beyond_chance(finding: Finding) -> tuple[float, int]:
    """Largest excess first; of two halves of the city, the smaller."""
    return -round(finding.number if finding.excess is None else finding.excess, 9), finding.n_group


def _spread_table(found: Sequence[Finding], part: ByDimension, names: Names) -> Table:
    rows = []
    for f in found:
        value = shown(f.measure, f.number) if f.defined else phrase("none")
        rows.append(
            (
                names.group(f.group),
                people(f.n_group),
                value,
                shown(f.measure, f.expected),
                percent(f.excess),
                interval(f),
            )
        )
    return table(
        dated(
            phrase(
                "{dimension}: dissimilarity of each group from everyone else",
                dimension=names.dimension(part.name),
            ),
            part.newest,
        ),
        (
            phrase("Group"),
            phrase("People"),
            phrase("Measured"),
            phrase("By chance"),
            phrase("Excess over chance"),
            phrase("Interval"),
        ),
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
            axis=phrase("people of the same group in the zone of an average member"),
            value=phrase("in an average member's zone"),
            mark=phrase("in the whole city"),
            as_percent=True,
        ),
        key,
    )
    gap = max(own, key=lambda f: f.number - (f.n_group / f.n_people if f.n_people else 0.0))
    share = percent(gap.n_group / gap.n_people) if gap.n_people else "–"
    return Figure(
        key,
        dated(phrase("{dimension}: who lives near whom", dimension=names.dimension(part.name)), part.newest),
        notes(
            phrase(
                "An average member of the group “{group}” lives in a zone where {percent} are of the same "
                "group, against {share} of the whole city. The gap is widest for this group.",
                group=names.group(gap.group),
                percent=percent(gap.number),
                share=share,
            ),
            IN_ORDER,
        ),
        svg,
        exposure_table(part, names),
        left(own, "groups"),
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
        dated(
            phrase(
                "{dimension}: mix of people in an average member's zone",
                dimension=names.dimension(part.name),
            ),
            part.newest,
        ),
        (phrase("An average member of"), *(names.group(h) for h in columns), phrase("Share of the city")),
        rows,
        note=phrase(
            "Each row says: in the zone of an average member of this group, so many in a hundred are …"
        ),
    )


def _share(cells: dict[tuple[str, str], Finding], group: str) -> str:
    finding = cells.get((group, group)) or next((f for (g, _), f in cells.items() if g == group), None)
    return percent(finding.n_group / finding.n_people) if finding is not None and finding.n_people else "–"
