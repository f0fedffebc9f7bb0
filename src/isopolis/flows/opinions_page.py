"""What a page tells everybody of a conversation: rounded, through the gate, in plain sentences.

A page may change while people vote, and two looks a day apart must not tell what one person said: counts
are rounded to tens, shares to twentieths, and nothing is said about fewer than ten votes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from isopolis.engage.opinions.shown import POLICY
from isopolis.engage.opinions.standing import STANDINGS, informed, marking
from isopolis.model.text import phrase, phrases, to_tree

from .opinions import Census, Opinions
from .opinions_words import as_json, lead

__all__ = ["page", "rounded", "rounded_share"]

STEP = 0.05
FINE = ((5000, 20), (500, 12), (0, 6))
"""From so many people on the map is cut into so many squares each way."""
STEADY = 0.9
ABSENT = ("voters", "placed", "voted_too_little", "residents", "not_there")
SAID_MOST = 5
WIDTH, HEIGHT, EDGE = 600.0, 420.0, 34.0


def rounded(n: float) -> int | None:
    """Return a count as it may be shown: to tens, None below ten."""
    if n < POLICY.threshold:
        return None
    return int(POLICY.rounding * ((2 * int(n) + POLICY.rounding) // (2 * POLICY.rounding)))


def rounded_share(share: float) -> float:
    """Return a share to twentieths."""
    return round(round(share / STEP) * STEP, 2)


def page(found: Opinions, *, final: bool) -> dict[str, Any]:
    """Return what may be shown, ready to be kept as JSON; statements by their ids.

    Parameters
    ----------
    found : Opinions
    final : bool
        Groups of the census are told at the end only: two tables with a day between them would tell who
        voted on that day.
    """
    told = as_json(found)
    stability = told["stability"] | {"reason": to_tree(found.map.reason)}
    rows = _statements(found)
    census = [_census(c, found) for c in found.census] if final else []
    return {
        "state": found.map.state,
        "lead": to_tree(lead(found)),
        "said": to_tree(_sentences(found, rows, census)),
        "map": _drawn(found),
        "groups": _groups(found),
        "stability": stability,
        "statements": rows,
        "census": census,
        "absent": {k: told["non_participants"][k] for k in ABSENT},
        "method": told["method"],
        "final": final,
    }  # fmt: skip


def _votes(found: Opinions) -> tuple[Any, Any, Any]:
    votes, m = found.votes, len(found.votes.statements)
    agree, against = (np.bincount(votes.statement[votes.value == v], minlength=m) for v in (1, -1))
    return agree, against, np.bincount(votes.statement, minlength=m)


def _share_of(agree: float, against: float, votes: float) -> dict[str, Any] | None:
    if votes < POLICY.threshold:
        return None
    return {
        "votes": rounded(votes),
        "agree": rounded_share(agree / votes),
        "disagree": rounded_share(against / votes),
    }


def _statements(found: Opinions) -> list[dict[str, Any]]:
    drawn, counts = found.map, found.map.counts
    agree, against, votes = _votes(found)
    value = informed(counts) if drawn.number else (agree + 1) / (votes + 2)
    tested = drawn.stability
    rows = []
    for j in np.flatnonzero(found.votes.allowed).tolist():
        enough = votes[j] >= POLICY.threshold
        kept = None if tested is None or not drawn.number else rounded_share(float(tested.kept[j]))
        rows.append({
            "id": found.talk.statements[j].id,
            "all": _share_of(agree[j], against[j], votes[j]),
            "value": _told(float(value[j]), drawn.number) if enough else None,
            "standing": STANDINGS[drawn.standing[j]] if drawn.number and enough else "unknown",
            "kept": kept,
            "by_group": [
                _share_of(counts.agree[g, j], counts.disagree[g, j], counts.votes[g, j])
                for g in range(drawn.number)
            ],
        })  # fmt: skip
    return sorted(rows, key=lambda r: (r["value"] is None, -(r["value"] or 0.0), int(r["id"])))


def _told(value: float, groups: int) -> float:
    return round(value, 2) if groups else rounded_share(value)


def _groups(found: Opinions) -> list[dict[str, Any]]:
    drawn, counts = found.map, found.map.counts
    if not drawn.number:
        return []
    marks = marking(counts, found.votes.allowed)
    out = []
    for g, name in enumerate(found.group_names):
        told = [(j, way, _share_of(counts.agree[g, j], counts.disagree[g, j], counts.votes[g, j]))
                for j, way in marks[g]]  # fmt: skip
        out.append({
            "group": name,
            "people": int((drawn.group == g).sum()),
            "marks": [
                {"id": found.talk.statements[j].id, "way": way,
                 "share": s["agree" if way > 0 else "disagree"]}
                for j, way, s in told if s
            ],
        })  # fmt: skip
    return out


# -- the map ---------------------------------------------------------------------------------------------
def _drawn(found: Opinions) -> dict[str, Any] | None:
    """Return circles of groups and squares where ten people or more stand; no single person is on it."""
    drawn = found.map
    where = drawn.positions[drawn.placed]
    if len(where) < POLICY.threshold:
        return None
    low, high = np.quantile(where, 0.01, axis=0), np.quantile(where, 0.99, axis=0)
    span = np.where(high > low, high - low, 1.0)
    room = np.array([WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE])
    at = EDGE + np.clip((where - low) / span, 0, 1) * room
    cells = next(k for n, k in FINE if len(where) >= n)
    size = room / cells
    cell = np.minimum((at - EDGE) // size, cells - 1).astype(int)
    count = np.bincount(cell[:, 1] * cells + cell[:, 0], minlength=cells * cells)
    squares = [
        {"x": round(EDGE + (k % cells) * size[0], 1), "y": round(EDGE + (k // cells) * size[1], 1),
         "level": 1 + int(n >= 2 * POLICY.threshold) + int(n >= 5 * POLICY.threshold)}
        for k, n in enumerate(count.tolist()) if n >= POLICY.threshold
    ]  # fmt: skip
    group = drawn.group[drawn.placed]
    circles = []
    for g, name in enumerate(found.group_names):
        mine = at[group == g]
        centre = mine.mean(axis=0)
        radius = float(np.median(np.hypot(*(mine - centre).T)))
        circles.append({"group": name, "x": round(float(centre[0]), 1), "y": round(float(centre[1]), 1),
                        "r": round(max(radius, 14.0), 1)})  # fmt: skip
    return {"squares": squares, "circles": circles, "w": round(size[0] - 1, 1), "h": round(size[1] - 1, 1)}


# -- the census ------------------------------------------------------------------------------------------
def _census(census: Census, found: Opinions) -> dict[str, Any]:
    value, standing = census.consensus, census.standing
    rows = []
    for j in np.flatnonzero(found.votes.allowed & census.told).tolist() if value is not None else ():
        assert value is not None
        least = census.names[census.shown[int(np.argmin(census.counts.share[:, j]))]]
        rows.append({
            "id": found.talk.statements[j].id, "value": round(float(value[j]), 2),
            "standing": STANDINGS[standing[j]], "least": least,
        })  # fmt: skip
    groups = []
    for i, name in enumerate(census.names):
        voters, lived = census.voters[i], census.residents[i]
        away = None if voters is None or lived is None else int(lived) - voters
        groups.append({"group": name, "voters": voters, "residents": None if lived is None else int(lived),
                       "not_there": away if away is not None and away >= 0 else None})  # fmt: skip
    return {
        "attribute": census.attribute, "groups": groups, "unknown": census.unknown,
        "statements": sorted(rows, key=lambda r: -r["value"]), "enough": value is not None,
        "hidden": sum(v is None for v in census.voters),
    }  # fmt: skip


# -- sentences -------------------------------------------------------------------------------------------
def _sentences(found: Opinions, rows: list[dict[str, Any]], census: list[dict[str, Any]]) -> list[str]:
    """Say what came out, for somebody with two minutes; statements by their numbers."""
    kinds: dict[str, list[str]] = {}
    for row in rows:
        kinds.setdefault(row["standing"], []).append(row["id"])
    out: list[str] = []
    if found.map.number:
        out.append(_agreed(kinds))
        if kinds.get("agreed") and found.map.stability is not None:
            kept = [r for r in rows if r["standing"] == "agreed" and (r["kept"] or 0) >= STEADY]
            out.append(phrases(
                "{n} of these agreements came out again in nine of ten resamples, or in more.",
                "{n} of these agreements came out again in nine of ten resamples, or in more.", len(kept),
            ))  # fmt: skip
        out.append(_divides(kinds))
    else:
        out.append(phrase(
            "Without groups it cannot be said what unites them: shares of all voters follow the larger side."
        ))  # fmt: skip
    out += [_across(one, set(kinds.get("agreed", []))) for one in census]
    out.append(phrase(
        "Groups of opinion are groups of those who came. They are not the city, and nobody was drawn by lot."
    ))  # fmt: skip
    return out


def _listed(ids: list[str]) -> str:
    return ", ".join([*ids[:SAID_MOST], *(["…"] if len(ids) > SAID_MOST else [])])


def _agreed(kinds: dict[str, list[str]]) -> str:
    ids = kinds.get("agreed", [])
    if not ids:
        return phrase("There is no statement that a majority of every group agrees with.")
    return phrases(
        "A majority of every group agrees with {n} statement ({listed}).",
        "A majority of every group agrees with {n} statements ({listed}).", len(ids), listed=_listed(ids),
    )  # fmt: skip


def _divides(kinds: dict[str, list[str]]) -> str:
    ids = kinds.get("divides", [])
    if not ids:
        return phrase("On no statement does a majority of one group agree where one of another disagrees.")
    return phrases(
        "{n} statement divides: one group agrees where another disagrees ({listed}).",
        "{n} statements divide: one group agrees where another disagrees ({listed}).", len(ids),
        listed=_listed(ids),
    )  # fmt: skip


def _across(one: dict[str, Any], agreed: set[str]) -> str:
    if not one["enough"]:
        return phrase(
            "By {attribute} nothing can be said: fewer than two groups have enough voters.",
            attribute=one["attribute"],
        )  # fmt: skip
    both = [r["id"] for r in one["statements"] if r["standing"] == "agreed"]
    held = [i for i in both if i in agreed]
    return phrase(
        "By {attribute}, every group that can be shown agrees with {n} statements; {held} of them have the "
        "agreement of all groups of opinion too.",
        attribute=one["attribute"], n=len(both), held=len(held),
    )  # fmt: skip
