"""One measure at a time, for a notebook or a script."""

from __future__ import annotations

from isopolis.explain import Explain
from isopolis.measure import CATALOGUE, FAMILIES, MEASURES, MeasureSpec, estimate
from isopolis.model import CallError, City, Counts, Finding, Group
from isopolis.model.text import joint, phrase

from .ask import Asked, among_all, everything, question, versus_other, versus_rest
from .diagnose import SEED
from .findings import Maker
from .observe import table_of
from .space import drawable_table, parent_codes
from .words import Names

__all__ = ["explain", "index_of", "measure", "measures", "registered", "standing"]

GROUPS = {
    "any": phrase("Any number of groups."),
    "one": phrase("One group against everybody else."),
    "two": phrase("Two groups."),
    "many": phrase("All groups at once."),
}
"""What the registry calls the groups that an index is about, in words."""


def measures() -> tuple[MeasureSpec, ...]:
    """Every registered measure, family by family."""
    place = {family: i for i, family in enumerate(FAMILIES)}
    return tuple(sorted(MEASURES.values(), key=lambda m: place.get(m.family, len(place))))


def explain(name: str) -> Explain:
    """Return the explanation of a measure or index, by its name or symbol in any case.

    ``…_change`` is explained by its measure.

    Raises
    ------
    CallError
        If there is no such measure.
    """
    return index_of(name).explain


def index_of(name: str) -> MeasureSpec:
    """Return a measure or an index of the catalogue, by its name or symbol in any case.

    Raises
    ------
    CallError
        If there is none.
    """
    wanted = name.strip().lower().removesuffix("_change")
    if wanted in CATALOGUE:
        return CATALOGUE[wanted]
    # letters that two indices share mean the one that a diagnosis asks
    by_symbol = {m.symbol.lower(): m for m in (*CATALOGUE.values(), *MEASURES.values())}
    return by_symbol.get(wanted) or CATALOGUE[wanted]


def standing(spec: MeasureSpec) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what the catalogue says of an index: headings, each with its sentences."""
    recommended = spec.verdict == "recommended"
    verdict = phrase("Recommended: {because}", because=phrase(spec.because)) if recommended else phrase(
        "Legacy, kept so that older studies can be checked: {because}", because=phrase(spec.because)
    )  # fmt: skip
    asked = (
        phrase("In every diagnosis.")
        if spec.name in MEASURES
        else phrase('By name: isopolis.measure.value_of("{name}", table).', name=spec.name)
    )
    needs = joint(spec.needs, ", ") if spec.needs else phrase("counts")
    found = (
        (phrase("Verdict"), (verdict,)),
        (phrase("Groups"), (GROUPS[spec.groups],)),
        (phrase("Needs"), (needs,)),
        (phrase("Asked"), (asked,)),
        (phrase("In other tools"), spec.peers),
    )
    return tuple((heading, texts) for heading, texts in found if texts)


def registered(name: str) -> MeasureSpec:
    """Return a measure of which findings are made; say of another index where it is.

    Raises
    ------
    CallError
        If there is no such measure.
    """
    if name not in MEASURES and name in CATALOGUE:
        raise CallError(
            f"{name} is in the catalogue and no finding is made of it; findings are made of "
            f"{', '.join(MEASURES)}. "
            f'Its value: isopolis.measure.value_of("{name}", table), see docs/measures.md'
        )
    return MEASURES[name]


def measure(
    city: City,
    name: str,
    group: str,
    versus: str | None = None,
    *,
    date: str | None = None,
    radius: float | None = None,
    level: str | None = None,
    seed: int = SEED,
    simulations: int | None = None,
) -> Finding:
    """Measure one thing.

    Parameters
    ----------
    city : City
    name : str
        A registered measure, as ``isopolis measures`` lists them.
    group : str
        A group (``birthplace=born_abroad``, ``age=65+ & disability=yes``), or the
        name of a dimension for all its groups at once.
    versus : str, optional
        Another group; everyone else when not given.
    date : str, optional
        The newest when not given.
    radius : float, optional
        Metres, for measures by distance.
    level : str, optional
        Level above the zones, for nested measures; the finest when not given.
    seed, simulations : int
        See `isopolis.diagnose`.

    Returns
    -------
    Finding
        Undefined with a reason where the data have no answer.

    Raises
    ------
    CallError
        If a name is unknown, or the measure needs something that was not given.
    """
    spec = registered(name)
    if spec.kind == "local":
        raise CallError(f"{name} gives one value per zone: read them from diagnose(city).local")
    all_groups = "=" not in group
    wanted = tuple(p.strip() for p in group.split(" × ")) if all_groups else Group.parse(group).dimensions
    if versus and all_groups:
        raise CallError(f'"{group}" is a dimension: versus needs a group, as dimension=category')
    crossed = tuple(dict.fromkeys((*wanted, *(Group.parse(versus).dimensions if versus else ()))))
    counts = city.table(*crossed, date=date)
    asked = _asked(city, spec, counts, group, versus, all_groups)
    if spec.kind == "spatial":
        asked, counts = _by_distance(city, asked, counts, radius)
    table = table_of(counts)
    total = None
    if spec.kind == "nested":
        asked = _nested(city, asked, counts, level)
        total = float(MEASURES["mutual_information"].kernel(table.seen.x))
    key = f"one/{asked.question.key}/{counts.date}"
    made = estimate(table.seen, [asked.question], seed=seed, key=key, simulations=simulations)
    return Maker(city, seed, Names.of(city)).found(asked, made[0], table, total=total)


def _columns(counts: Counts, group: str) -> tuple[int, ...]:
    wanted = Group.parse(group)
    for name, category in wanted:
        counts.dimension(name).index(category)
    return tuple(i for i, g in enumerate(counts.groups()) if g.within(wanted))


def _asked(
    city: City, spec: MeasureSpec, counts: Counts, group: str, versus: str | None, all_groups: bool
) -> Asked:
    dimension = " × ".join(d.name for d in counts.dimensions)
    kind = city.zones.kind
    if all_groups:
        if spec.kind in ("exposure", "share") or spec.name == "isolation":
            raise CallError(f"{spec.name} is about one group: write {counts.dimensions[0].name}=category")
        return Asked(question(spec.name, everything, dimension), dimension, scale=kind)
    if spec.kind in ("ordered", "spatial", "nested"):
        raise CallError(f'{spec.name} is about all groups at once: write the dimension alone, "{dimension}"')
    columns = _columns(counts, group)
    if versus is None:
        if spec.kind == "exposure":
            raise CallError("exposure needs versus: whom does the group meet?")
        asked = question(spec.name, versus_rest(*columns), group)
        return Asked(asked, dimension, group, "rest", kind, columns)
    others = _columns(counts, versus)
    if set(columns) & set(others):
        raise CallError(f'"{group}" and "{versus}" share people: name two groups that exclude each other')
    pick = among_all if spec.kind == "exposure" else versus_other
    return Asked(
        question(spec.name, pick(columns, others), f"{group}|{versus}"),
        dimension,
        group,
        versus,
        kind,
        others,
    )


def _by_distance(city: City, asked: Asked, counts: Counts, radius: float | None) -> tuple[Asked, Counts]:
    from isopolis.measure.spatial import neighbours_within

    if radius is None:
        raise CallError(f"{asked.measure} needs a radius in metres")
    placed = drawable_table(city, counts)
    if placed is None:
        raise CallError(f"{city.name} has no outlines, so nothing can be said about distance")
    cut, points, _ = placed
    matrix = neighbours_within(points, radius)
    moved = question(asked.measure, everything, f"{asked.dimension}/{radius:g}", matrix)
    return Asked(moved, asked.dimension, scale=f"{radius:g} m"), cut


def _nested(city: City, asked: Asked, counts: Counts, level: str | None) -> Asked:
    levels = {found.name: found for found in parent_codes(city, table_of(counts))}
    if not levels or (level and level not in levels):
        have = ", ".join(levels) or "none"
        raise CallError(f"{asked.measure} needs a level above the zones; {city.name} has {have}")
    chosen = levels[level] if level else next(iter(levels.values()))
    moved = question(asked.measure, everything, f"{asked.dimension}/{chosen.name}", chosen.codes)
    return Asked(moved, asked.dimension, scale=chosen.name)
