"""One chapter per dimension."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from isopolis.model import Finding

from . import figures
from .atlas import Atlas
from .blocks import Block, Figure, Section, Text, table
from .local import Local
from .prose import Names, clean, joined, measure_title, percent, sentence, several, shown, verb
from .select import ByDimension
from .small_units import corrected_for_small_zones
from .tables import findings

__all__ = ["Limits", "chapter", "crossings", "where_most"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a report holds, so that the page stays light.

    Parameters
    ----------
    chapters : int
        Dimensions with a chapter of their own.
    maps : int
        Dimensions with maps.
    rows : int
        Findings listed under a chapter.
    pdf_chapters : int
        Dimensions with a chapter in the PDF.
    pdf_full : int
        Dimensions with every chart in the PDF, and crossings that it has.
    """

    chapters: int = 40
    maps: int = 12
    rows: int = 400
    pdf_chapters: int = 5
    pdf_full: int = 2


CROSSED = (
    "Here each group is the people who are in two groups at once, such as older women. "
    "Each is compared with everyone else. Small groups look uneven by chance: read the excess."
)


READ_FIRST = (
    "Read first the excess over chance of each group, under “How evenly groups are spread”: "
    "it can be compared between groups of any size."
)


def chapter(
    part: ByDimension, place: int, names: Names, atlas: Atlas, limits: Limits, *, mapped: bool = False
) -> Section:
    """Return the chapter on one dimension, `place` counted from 0; `mapped` when its map stands elsewhere."""
    key = f"dim-{place + 1}"
    title, full = names.dimension(part.name), place < limits.pdf_full
    parts = [
        Section(
            f"{key}-where",
            "Where",
            tuple(_where(part, key, atlas, limits if place < limits.maps else None, mapped)),
        ),
        _section(
            f"{key}-spread",
            "How evenly groups are spread",
            figures.spread(part, names, f"{key}-d"),
            *corrected_for_small_zones(part.spread(part.newest), names),
        ),
        _section(
            f"{key}-near", "Who lives near whom", figures.isolation(part, names, f"{key}-x"), short=full
        ),
        _section(f"{key}-scale", "Near and far", figures.profile(part, names, f"{key}-h"), short=full),
        _section(f"{key}-nested", "Between and within larger areas", figures.nested(part, names, f"{key}-n")),
        _section(
            f"{key}-inside", "Inside each larger area", figures.inside(part, names, f"{key}-i"), short=full
        ),
        _section(f"{key}-change", "Change over time", figures.change(part, names, f"{key}-c")),
        Section(f"{key}-all", "All numbers", tuple(_all(part, names, limits.rows)), short=False),
    ]
    kept = tuple(s for s in parts if not s.empty)
    return Section(key, title, tuple(_opening(part, names)), kept, short=place < limits.pdf_chapters)


def _section(key: str, title: str, figure: Figure | None, *more: Block, short: bool = True) -> Section:
    return Section(key, title, () if figure is None else (figure, *more), short=short)


def crossings(parts: Sequence[ByDimension], names: Names, limits: Limits) -> Section:
    """Return the chapter on people who are in two groups at once."""
    inner = tuple(
        _crossing(part, f"cross-{i}", names, limits, short=i <= limits.pdf_full)
        for i, part in enumerate(parts[: limits.chapters], start=1)
    )
    return Section("crossings", "In two groups at once", (Text(CROSSED),) if inner else (), inner)


def _crossing(part: ByDimension, key: str, names: Names, limits: Limits, *, short: bool) -> Section:
    figure = figures.spread(part, names, f"{key}-d")
    listed = Section(f"{key}-all", "All numbers", tuple(_all(part, names, limits.rows)), short=False)
    return Section(key, names.dimension(part.name), () if figure is None else (figure,), (listed,), short)


def _opening(part: ByDimension, names: Names) -> Iterator[Block]:
    """Say what is measured here, and the measures of all groups together."""
    rows = []
    for f in part.take(
        "information_theory",
        "mutual_information",
        "rank_order_information_theory",
        "ordinal_information_theory",
        "variance_ratio",
    ):
        if not f.group and f.scale in ("", part.scale):
            value = shown(f.measure, f.number) if f.defined else f"none: {clean(f.value)}"
            rows.append(
                (clean(measure_title(f.measure)), value, shown(f.measure, f.expected), percent(f.excess))
            )
    told = [sentence(f.explanation) for f in part.take("information_theory") if not f.group and f.explanation]
    if part.spread():
        yield Text(READ_FIRST)
    if told:
        yield Text(told[0])
    counted = [f for f in part.findings if f.date == part.newest and f.n_people]
    if counted:
        most = max(counted, key=lambda f: f.n_people)
        when = f" in {clean(part.newest)}" if part.newest else ""
        yield Text(f"Based on {several(most.n_people, 'person')} in {several(most.n_zones, 'zone')}{when}.")
    if rows:
        head = ("Measure", "Value", "By chance", "Excess over chance")
        yield table(f"{names.dimension(part.name)}: all groups together", head, rows)


def where_most(part: ByDimension, atlas: Atlas, key: str) -> Figure | None:
    """Return the map of the zones that contribute most, None when there is nothing to show."""
    return atlas.score(Local(part.tables[0], atlas.city.zones), key) if part.tables else None


def _where(part: ByDimension, key: str, atlas: Atlas, limits: Limits | None, mapped: bool) -> Iterator[Block]:
    if not part.tables or limits is None:
        return
    figure = None if mapped else where_most(part, atlas, f"{key}-m")
    if figure is not None:
        yield figure
    local = Local(part.tables[0], atlas.city.zones)
    most = max(part.spread(), key=_concerned, default=None)
    category = most.group.partition("=")[2] if most is not None else ""
    if category in local.table.counts.dimensions[0].categories:
        second = atlas.quotient(local, category, f"{key}-q")
        if second is not None:
            yield second


def _concerned(finding: Finding) -> tuple[float, int]:
    """People who would have to move for evenness beyond chance; of two halves of the city, the smaller."""
    if not finding.defined or not finding.n_people:
        return 0.0, 0
    share = finding.n_group / finding.n_people
    return round((finding.excess or 0.0) * finding.n_group * (1 - share), 3), -finding.n_group


def _all(part: ByDimension, names: Names, rows: int) -> Iterator[Block]:
    if not part.findings:
        return
    title = names.dimension(part.name)
    missing = [f for f in part.findings if not f.defined]
    if missing:
        reasons = dict.fromkeys(clean(f.value) for f in missing)
        yield Text(
            f"{len(missing)} of {several(len(part.findings), 'number')} "
            f"{verb(len(missing), 'does', 'do')} not exist: {joined(reasons)}"
        )
    yield findings(part.findings[:rows], names, f"{title}: every finding")
    if len(part.findings) > rows:
        rest = len(part.findings) - rows
        yield Text(f"The other {several(rest, 'finding')} {verb(rest, 'is', 'are')} in findings.csv.", "note")
