"""What is said of a map of opinions: the JSON form, and sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from isopolis.engage.opinions.standing import STANDINGS, informed, marking
from isopolis.model.text import count, phrase, phrases

from .opinions import Census, Opinions

__all__ = ["as_json", "lead"]

DIGITS = 2
"""Of consensus over census groups: enough to compare, too few to count votes back."""


def as_json(found: Opinions) -> dict[str, Any]:
    """Return the plain form: `groups`, `stability`, `consensus` and what belongs to them."""
    return {
        "conversation": found.talk.name,
        "topic": found.talk.summary.get("topic", ""),
        "state": found.map.state,
        "reason": str(found.map.reason),
        "groups": _groups(found),
        "stability": _stability(found),
        "consensus": _consensus(found),
        "published": _published(found),
        "non_participants": _absent(found),
        "census": [_census(found, c) for c in found.census],
        "method": {
            "axes": "principal components of votes, missing ones as the mean of their statement",
            "groups": "k-means, number by silhouette",
            "fewest_statements": 7,
            "votes_counted": len(found.votes.value),
            "vote_rows": len(found.talk.votes.value),
            "moderated_out": int((~found.votes.allowed).sum()),
            "seed": found.seed,
        },
        "positions": _positions(found),
        "caveats": [c.to_dict() for c in found.caveats],
    }


def _groups(found: Opinions) -> list[dict[str, Any]]:
    drawn, counts = found.map, found.map.counts
    marks = marking(counts, found.votes.allowed) if drawn.number else []
    out = []
    for g, name in enumerate(found.group_names):
        n = int((drawn.group == g).sum())
        centre = drawn.positions[drawn.group == g].mean(axis=0)
        out.append({
            "group": name,
            "people": n,
            "share_of_placed": n / int(drawn.placed.sum()),
            "centre": [float(x) for x in centre],
            "marked_by": [
                {
                    "statement": found.talk.statements[j].id,
                    "text": found.talk.statements[j].text,
                    "vote": "agrees" if way > 0 else "disagrees",
                    "share": float((counts.share if way > 0 else counts.against)[g, j]),
                    "votes": int(counts.votes[g, j]),
                }
                for j, way in marks[g]
            ],
        })  # fmt: skip
    return out


def _stability(found: Opinions) -> dict[str, Any]:
    tested, drawn = found.map.stability, found.map
    base: dict[str, Any] = {"number_of_groups": drawn.number, "silhouettes": _by_number(drawn.silhouettes)}
    if tested is None:
        why = drawn.reason or phrase("no resamples were asked for")
        return base | {"resamples": 0, "state": drawn.state, "reason": str(why)}
    low, middle, high = (float(x) for x in np.quantile(tested.agreement, (0.05, 0.5, 0.95)))
    return base | {
        "resamples": tested.resamples,
        "state": drawn.state,
        "reason": str(drawn.reason),
        "numbers": _by_number(tested.numbers),
        "same_number": tested.numbers.get(drawn.number, 0.0) if drawn.number else None,
        "agreement": {"median": middle, "p05": low, "p95": high},
        "statements_kept": float(tested.kept[found.votes.allowed].mean()) if drawn.number else None,
    }


def _by_number(of: dict[int, float]) -> dict[str, float]:
    return {str(k): v for k, v in of.items()}


def _consensus(found: Opinions) -> list[dict[str, Any]]:
    """One row per statement that moderation left in, most agreed first."""
    drawn, counts = found.map, found.map.counts
    value = informed(counts) if drawn.number else None
    rows: list[dict[str, Any]] = []
    votes, m = found.votes, len(found.votes.statements)
    all_yes, all_no = (np.bincount(votes.statement[votes.value == v], minlength=m) for v in (1, -1))
    all_ = np.bincount(votes.statement, minlength=m)
    there = {} if found.published is None else found.published.consensus
    for j in np.flatnonzero(found.votes.allowed).tolist():
        statement = found.talk.statements[j]
        rows.append({
            "statement": statement.id,
            "text": statement.text,
            "agree": int(all_yes[j]),
            "disagree": int(all_no[j]),
            "pass": int(all_[j] - all_yes[j] - all_no[j]),
            "value": None if value is None else float(value[j]),
            "published_groups": there.get(statement.id),
            "standing": STANDINGS[drawn.standing[j]] if drawn.number else None,
            "standing_kept": _kept(found, j),
            "by_group": {
                name: {"agree": float(counts.share[g, j]), "disagree": float(counts.against[g, j]),
                       "votes": int(counts.votes[g, j])}
                for g, name in enumerate(found.group_names)
            },
        })  # fmt: skip
    share = {r["statement"]: (r["agree"] + 1) / (r["agree"] + r["disagree"] + r["pass"] + 2) for r in rows}
    return sorted(rows, key=lambda r: (-(r["value"] or 0.0), -share[r["statement"]]))


def _kept(found: Opinions, j: int) -> float | None:
    tested = found.map.stability
    return None if tested is None or not found.map.number else float(tested.kept[j])


def _published(found: Opinions) -> dict[str, Any] | None:
    there = found.published
    if there is None:
        return None
    return {
        "groups": {name: int((there.group == i).sum()) for i, name in enumerate(there.names)},
        "adjusted_rand": there.agreement,
        "compared": there.compared,
        "consensus": dict(there.consensus),
    }


def _absent(found: Opinions) -> dict[str, Any]:
    voters, placed = len(found.votes.people), int(found.map.placed.sum())
    views = found.talk.summary.get("views", "").strip()
    return {
        "voters": voters,
        "placed": placed,
        "voted_too_little": voters - placed,
        "views": int(views) if views.isdigit() else None,
        "residents": found.residents,
        "not_there": None if found.residents is None else found.residents - voters,
        "reason": "" if found.residents is not None else str(phrase("the number of residents is not given")),
    }


def _census(found: Opinions, census: Census) -> dict[str, Any]:
    value, standing = census.consensus, census.standing
    rows: list[dict[str, Any]] = []
    for j in np.flatnonzero(found.votes.allowed).tolist() if value is not None else ():
        told = bool(census.told[j])
        word = STANDINGS[standing[j]] if told else "unknown"
        least = int(np.argmin(census.counts.share[:, j]))
        rows.append({
            "statement": found.talk.statements[j].id,
            "text": found.talk.statements[j].text,
            "value": round(float(value[j]), DIGITS) if told and value is not None else None,
            "standing": word,
            "agrees_least": None if word == "unknown" else census.names[census.shown[least]],
        })  # fmt: skip
    rows.sort(key=lambda r: 1.0 if r["value"] is None else -r["value"])
    people = []
    for i, name in enumerate(census.names):
        voters, lived = census.voters[i], census.residents[i]
        known = voters is not None and lived is not None and lived >= (voters or 0)
        people.append({
            "group": name,
            "voters": voters,
            "residents": lived,
            "not_there": (lived or 0) - (voters or 0) if known else None,
            "reason": str(phrase("too few people to show")) if voters is None else "",
        })  # fmt: skip
    why = "" if value is not None else str(phrase("fewer than two groups have enough voters"))
    return {"attribute": census.attribute, "groups": people, "unknown": census.unknown,
            "consensus": rows, "reason": why}  # fmt: skip


def _positions(found: Opinions) -> list[dict[str, Any]]:
    drawn = found.map
    names = found.group_names
    return [
        {"person": found.talk.people[i], "x": round(float(drawn.positions[i, 0]), 6),
         "y": round(float(drawn.positions[i, 1]), 6),
         "group": names[drawn.group[i]] if drawn.group[i] >= 0 else None}
        for i in np.flatnonzero(drawn.placed).tolist()
    ]  # fmt: skip


def lead(found: Opinions) -> list[str]:
    """Return the first sentences: who is there, whether there are groups, who is not there."""
    out = []
    absent = _absent(found)
    out.append(
        phrase(
            "{voters} people voted {votes} times on {statements} statements; {placed} voted enough to be "
            "placed.",
            voters=count(absent["voters"]), votes=count(len(found.votes.value)),
            statements=count(int(found.votes.allowed.sum())), placed=count(absent["placed"]),
        )
    )  # fmt: skip
    if found.map.state == "refused":
        out.append(phrase("No groups are shown: {reason}.", reason=found.map.reason))
    else:
        sizes = ", ".join(f"{n} {int((found.map.group == g).sum())}" for g, n in enumerate(found.group_names))
        out.append(phrases("{n} group: {sizes}.", "{n} groups: {sizes}.", found.map.number, sizes=sizes))
    if found.map.state == "steady":
        out.append(phrase("The groups are steady under resampling."))
    if found.map.state == "unsteady":
        out.append(phrase("The groups are not steady: {reason}.", reason=found.map.reason))
    if found.published is not None and found.published.agreement is not None:
        out.append(
            phrase("Adjusted Rand index with the published groups: {index} over {n} people.",
                   index=f"{found.published.agreement:.2f}", n=found.published.compared)
        )  # fmt: skip
    out.append(_absent_said(absent))
    return out


def _absent_said(absent: dict[str, Any]) -> str:
    if absent["not_there"] is None:
        return phrase(
            "Not on the map: {few} people who voted too little, and everybody who did not vote; how many "
            "they are is not known: the number of residents is not given.",
            few=count(absent["voted_too_little"]),
        )  # fmt: skip
    return phrase(
        "Not on the map: {few} people who voted too little, and {absent} of {residents} residents who "
        "did not vote.",
        few=count(absent["voted_too_little"]),
        absent=count(absent["not_there"]), residents=count(absent["residents"]),
    )  # fmt: skip
