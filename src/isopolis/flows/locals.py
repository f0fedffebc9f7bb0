"""Where: the zones of one dimension, and those that contribute most."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.measure import MEASURES, Estimate, Question
from isopolis.measure.inference import stands_out
from isopolis.measure.local import contribution, local_expected, local_mutual_information, location_quotient
from isopolis.model import City, Finding, Mechanism
from isopolis.model.text import phrase

from .ask import Asked, everything
from .diagnosis import FALSE, Floats, LocalTable
from .findings import Maker
from .observe import Table

__all__ = ["local_table", "top_zones"]

NAMED = 10
SMALL_ZONE = 30


def local_table(table: Table, zones: int) -> LocalTable:
    """Local results of one table, laid out over all `zones` of the city."""
    x = table.seen.x
    n = x.sum(axis=1)
    sure = n > 0
    if table.seen.lower is not None and table.seen.upper is not None:
        sure &= ~(table.seen.upper > table.seen.lower).any(axis=1)

    def spread(rows: Floats) -> Floats:
        out = np.zeros((zones, *rows.shape[1:]))
        out[table.kept] = np.where(sure.reshape(-1, *([1] * (rows.ndim - 1))), rows, 0)
        return out

    measured = np.zeros(zones, dtype=bool)
    measured[table.kept] = sure
    share = x / np.maximum(n, 1e-300)[:, None]
    return LocalTable(
        counts=table.counts,
        people=spread(n),
        measured=measured,
        share=spread(share),
        quotient=spread(location_quotient(x)),
        local_m=spread(local_mutual_information(x)),
        local_expected=spread(local_expected(x)),
        contribution=spread(contribution(x)),
        stands_out=_marks(table, zones, sure),
    )


AS_COUNTED = (Mechanism.EXACT, Mechanism.INTERVAL, Mechanism.NOT_COLLECTED)
"""How counts may have come about for chance to be the only thing between them and an even city."""


def _marks(table: Table, zones: int, sure: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8] | None:
    """Zones that stand out, of those counted in full; None where the counts are a sample or carry noise."""
    known = np.isin(np.unique(table.counts.mechanism), [int(m) for m in AS_COUNTED])
    if table.seen.se is not None or table.counts.weighted or not known.all() or not sure.any():
        return None
    out = np.zeros((zones, table.seen.x.shape[1]), dtype=np.int8)
    out[table.kept[sure]] = stands_out(table.seen.x[sure], FALSE)
    return out


def top_zones(local: LocalTable, city: City, maker: Maker, table: Table) -> list[Finding]:
    """Findings for the zones that contribute most, beyond what chance gives for their size.

    Zones with fewer than `SMALL_ZONE` people are not named.
    """
    beyond = local.people * (local.local_m - local.local_expected)
    fit = local.measured & (local.people >= SMALL_ZONE) & (beyond > 0)
    order = np.flatnonzero(fit)[np.argsort(-beyond[fit], kind="stable")][:NAMED]
    spec = MEASURES["local_mutual_information"]
    maximum = spec.maximum(table.seen.x)
    provenance = maker.provenance(table.counts)
    out = []
    for i in order:
        asked = Asked(Question(spec, everything, f"local/{local.name}"), local.name, scale=city.zones.kind)
        estimate = Estimate(
            float(local.local_m[i]),
            expected=float(local.local_expected[i]),
            maximum=maximum,
            null_method=phrase("exact mean for a zone of this size, both margins fixed"),
        )
        finding = maker.found(
            asked,
            estimate,
            table,
            scope=str(city.zones.ids[i]),
            detail=_zone_detail(local, city, int(i)),
            provenance=provenance,
        )
        out.append(finding)
    return out


def _zone_detail(local: LocalTable, city: City, i: int) -> dict[str, object]:
    dimension = local.counts.dimensions[0]
    assert city.zones.names is not None
    return {
        "zone": str(city.zones.ids[i]),
        "name": str(city.zones.names[i]),
        "people": round(float(local.people[i])),
        "contribution": float(local.contribution[i]),
        "share": {c: float(s) for c, s in zip(dimension.categories, local.share[i], strict=True)},
        "location_quotient": {
            c: float(q) for c, q in zip(dimension.categories, local.quotient[i], strict=True)
        },
        **_standing(local, i),
    }


def _standing(local: LocalTable, i: int) -> dict[str, object]:
    if local.stands_out is None:
        return {}
    words = {1: "above", 0: "as by chance", -1: "below"}
    marks = zip(local.counts.dimensions[0].categories, local.stands_out[i], strict=True)
    return {
        "beyond_chance": {c: words[int(m)] for c, m in marks},
        "beyond_chance_method": f"exact tails for every zone and group, at most {FALSE:.0%} of the marks "
        "false (Benjamini and Yekutieli 2001)",
    }
