"""A kept result, said in the language of the page; texts of statements are looked up when it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from isopolis.explain.languages import written
from isopolis.web.languages import page_language, spoken

from .forms import OTHER
from .models import Conversation, Statement

__all__ = ["percent", "told"]

NAMED_MOST = 10
CENSUS_MOST = 10
STANDINGS = {
    "agreed": lambda: _("every group agrees"),
    "rejected": lambda: _("every group disagrees"),
    "divides": lambda: _("divides the groups"),
    "open": lambda: _("no clear majority"),
    "unknown": lambda: _("too few votes"),
}


def percent(share: float | None) -> str:
    """Write a share in the language of the page; a dash for none."""
    return "–" if share is None else written(f"{share:.0%}", page_language())


def _decimal(value: float | None) -> str:
    return "–" if value is None else written(f"{value:.2f}", page_language())


class _Texts:
    """Texts of statements by their numbers; one that was taken back has none."""

    def __init__(self, found: Conversation, numbers: Iterable[str]) -> None:
        wanted = {int(n) for n in numbers}
        rows = Statement.objects.filter(conversation=found, number__in=wanted, state=Statement.State.ACCEPTED)
        self.rows = {str(s.number): s for s in rows}

    def of(self, number: str) -> dict[str, str]:
        row = self.rows.get(number)
        language = row.language if row and row.language != OTHER else ""
        return {"number": number, "text": row.text if row else "", "language": language}


def told(found: Conversation, kept: dict[str, Any], page: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return everything that the page of a result says."""
    rows = list(page)
    named = {s: [r["id"] for r in kept["statements"] if r["standing"] == s][:NAMED_MOST]
             for s in ("agreed", "divides", "rejected")}  # fmt: skip
    marks = [m["id"] for g in kept["groups"] for m in g["marks"]]
    across = [r["id"] for c in kept["census"] for r in c["statements"][:CENSUS_MOST]]
    texts = _Texts(
        found, [*(r["id"] for r in rows), *marks, *across, *(i for ids in named.values() for i in ids)]
    )
    placed = max(kept["absent"]["placed"], 1)
    return {
        "told": kept,
        "lead": spoken(kept["lead"]),
        "said": spoken(kept["said"]),
        "groups": [_group(g, texts, placed) for g in kept["groups"]],
        "named": [(heading, [texts.of(i) for i in named[s]]) for s, heading in (
            ("agreed", _("What a majority of every group agrees with")),
            ("divides", _("What divides the groups")),
            ("rejected", _("What a majority of every group disagrees with")),
        ) if named[s]],
        "rows": [_row(r, texts, kept) for r in rows],
        "strip": _strip(kept["absent"]),
        "names": [g["group"] for g in kept["groups"]],
        "stability": _stability(kept["stability"]),
        "census": [_census(c, texts) for c in kept["census"]],
    }  # fmt: skip


def _strip(absent: dict[str, Any]) -> float | None:
    """Return the width of the voters where the drawing stands for all residents; None if unknown."""
    if not absent["residents"]:
        return None
    return round(max(1.0, 598 * absent["voters"] / absent["residents"]), 1)


def _group(group: dict[str, Any], texts: _Texts, placed: int) -> dict[str, Any]:
    marks = [texts.of(m["id"]) | {"way": m["way"], "share": percent(m["share"])} for m in group["marks"]]
    share = round(20 * group["people"] / placed) / 20
    return {"group": group["group"], "people": group["people"], "share": percent(share), "marks": marks}


def _row(row: dict[str, Any], texts: _Texts, kept: dict[str, Any]) -> dict[str, Any]:
    everybody = row["all"]
    return texts.of(row["id"]) | {
        "votes": everybody["votes"] if everybody else None,
        "agree": percent(everybody["agree"]) if everybody else "–",
        "disagree": percent(everybody["disagree"]) if everybody else "–",
        "value": _decimal(row["value"]),
        "standing": STANDINGS[row["standing"]]() if kept["groups"] else "",
        "kept": percent(row["kept"]),
        "by_group": [percent(g["agree"]) if g else "–" for g in row["by_group"]],
    }


def _stability(one: dict[str, Any]) -> dict[str, Any]:
    agreement = one.get("agreement") or {}
    return {
        "resamples": one["resamples"],
        "numbers": [(n, percent(share)) for n, share in (one.get("numbers") or {}).items()],
        "median": _decimal(agreement.get("median")) if agreement else "",
        "low": _decimal(agreement.get("p05")) if agreement else "",
        "number": one["number_of_groups"],
        "kept": percent(one.get("statements_kept")) if one.get("statements_kept") is not None else "",
    }


def _census(one: dict[str, Any], texts: _Texts) -> dict[str, Any]:
    rows = [
        texts.of(r["id"])
        | {"value": _decimal(r["value"]), "standing": STANDINGS[r["standing"]](), "least": r["least"]}
        for r in one["statements"][:CENSUS_MOST]
    ]
    return one | {"statements": rows}
