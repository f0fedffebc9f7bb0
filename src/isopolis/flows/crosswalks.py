"""Which old zone became which new ones: from outlines, or from a table of who lives where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from isopolis.measure.change import Crosswalk, from_shares
from isopolis.model import CallError, Problems, Zones
from isopolis.model.text import count, phrase, phrases

__all__ = ["AREA", "crosswalk_by_area", "crosswalk_by_people", "read_crosswalk"]

Floats = npt.NDArray[np.float64]

AREA = "area"
COVERED = 0.99
"""Part of an old zone's area that the new zones must cover."""

OLD, NEW = "from", "to"
WEIGHTS = ("people", "area", "share", "weight")


def read_crosswalk(text: str, old: Zones, new: Zones, people: Floats) -> Crosswalk:
    """Make the crosswalk that a user named: ``area``, or a CSV file.

    Parameters
    ----------
    text : str
        ``area`` for outlines, else the path of a table (see `crosswalk_by_people`).
    old, new : Zones
    people : (old,) array
        Who lives in each old zone: a zone with nobody may lead nowhere.

    Raises
    ------
    DataError, CallError
    """
    if text.strip().lower() == AREA:
        return crosswalk_by_area(old, new, people)
    return crosswalk_by_people(Path(text), old, new, people)


def crosswalk_by_area(old: Zones, new: Zones, people: Floats) -> Crosswalk:
    """Share people out by the area that outlines have in common.

    Raises
    ------
    CallError
        If a city has no outlines.
    DataError
        With every zone in which people live and that has no outline, or that the new zones do not cover.
    """
    import shapely

    for zones, which in ((old, "older"), (new, "newer")):
        if zones.geometry is None:
            raise CallError(f"the {which} city has no outlines; name a crosswalk table instead")
    (here, shapes), (there, others) = _drawn(old), _drawn(new, crs=old.crs)
    tree = shapely.STRtree(others)
    left, right = tree.query(shapes, predicate="intersects")
    area = shapely.area(shapely.intersection(shapes[left], others[right]))
    whole = shapely.area(shapes)
    covered = np.zeros(len(old))
    covered[here] = np.bincount(left, area, len(here)) / np.where(whole > 0, whole, 1.0)
    problems = Problems()
    thin = [str(old.ids[i]) for i in np.flatnonzero((people > 0) & (covered < COVERED))]
    if thin:
        problems.error(
            "zone-not-covered",
            phrases(
                "{n} zone with people is not covered by the outlines of the newer city: {listed}",
                "{n} zones with people are not covered by the outlines of the newer city: {listed}",
                len(thin),
                listed=", ".join(thin[:5]),
            ),
            count=len(thin),
            rule=phrase("outlines that cover {share} of each zone", share=f"{COVERED:.0%}"),
            hint=phrase("Use outlines of the whole city, or a crosswalk table by people."),
        )
    problems.raise_if_fatal()
    # slivers where two drawings of one border cross are no neighbours
    keep = area > 1e-6 * np.minimum(whole[left], shapely.area(others)[right])
    size = (len(old), len(new))
    return from_shares(here[left][keep], there[right][keep], area[keep], size, by=AREA)


def _drawn(zones: Zones, crs: str = "") -> tuple[npt.NDArray[np.intp], npt.NDArray[np.object_]]:
    where = np.flatnonzero(zones.drawable)
    assert zones.geometry is not None
    shapes = np.array([zones.geometry[i] for i in where], dtype=object)
    if crs and zones.crs and crs != zones.crs:
        import geopandas as gpd

        shapes = np.asarray(gpd.GeoSeries(shapes, crs=zones.crs).to_crs(crs).array, dtype=object)
    return where, shapes


def crosswalk_by_people(path: Path, old: Zones, new: Zones, people: Floats) -> Crosswalk:
    """Read a table with the columns ``from``, ``to`` and ``people`` (or ``area``, ``share``, ``weight``).

    A row for each pair of zones, or for each block inside both: rows of a pair are added up.

    Raises
    ------
    DataError
        With everything that is wrong: a missing column, an unknown zone, a weight that is no number, a zone
        with people that leads nowhere.
    """
    import pandas as pd

    problems = Problems()
    if not path.is_file():
        raise CallError(f'there is no crosswalk table {path}; name a CSV file, or "area" for the outlines')
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.columns = [c.strip().lower() for c in table.columns]
    weight = next((c for c in WEIGHTS if c in table.columns), "")
    for column in (OLD, NEW):
        if column not in table.columns:
            problems.error("no-column", phrase('there is no column "{name}"', name=column), file=path.name)
    if not weight:
        message = phrase('there is no column "{name}"', name="people")
        problems.error("no-column", message, file=path.name, rule=", ".join(WEIGHTS))
    problems.raise_if_fatal()
    rows = _codes(table[OLD], old, OLD, path.name, problems)
    columns = _codes(table[NEW], new, NEW, path.name, problems)
    values = pd.to_numeric(table[weight], errors="coerce").to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(bad):
        problems.error(
            "bad-weight",
            phrase("a weight is no number of 0 or more"),
            file=path.name,
            column=weight,
            rows=tuple(int(r) + 2 for r in bad[:5]),
            count=len(bad),
            value=str(table[weight].iloc[bad[0]]),
        )
    problems.raise_if_fatal()
    made = from_shares(rows, columns, values, (len(old), len(new)), by=AREA if weight == AREA else "people")
    _nowhere(made, old, people, path.name, problems)
    problems.raise_if_fatal()
    return made


def _codes(
    texts: npt.ArrayLike, zones: Zones, column: str, file: str, problems: Problems
) -> npt.NDArray[np.int64]:
    position = {str(z): i for i, z in enumerate(zones.ids)}
    given = [str(t).strip() for t in np.asarray(texts, dtype=object)]
    codes = np.array([position.get(t, -1) for t in given], dtype=np.int64)
    unknown = np.flatnonzero(codes < 0)
    if len(unknown):
        problems.error(
            "unknown-zone",
            phrase("there is no such zone"),
            file=file,
            column=column,
            rows=tuple(int(r) + 2 for r in unknown[:5]),
            count=len(unknown),
            value=given[unknown[0]],
            hint=phrase("Zone ids are text: keep leading zeros."),
        )
    return codes


def _nowhere(made: Crosswalk, old: Zones, people: Floats, file: str, problems: Problems) -> None:
    gone = np.flatnonzero(made.lost & (people > 0))
    if not len(gone):
        return
    problems.error(
        "zone-leads-nowhere",
        phrase(
            "{zones} with {people} people lead nowhere: {listed}",
            zones=phrases("{n} zone", "{n} zones", len(gone)),
            people=count(float(people[gone].sum())),
            listed=", ".join(str(old.ids[i]) for i in gone[:5]),
        ),
        file=file,
        count=len(gone),
        rule=phrase("a row with a weight above 0 for every zone with people"),
    )
