"""Results as pages show them: labels in a language of the form, tables, and bars as SVG."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from isopolis.engage.surveys.form import Form, said_in_language
from isopolis.web.languages import page_language, spoken
from isopolis.web.participation.models import Participation

from . import asking
from .models import Version
from .tasks import THRESHOLD

__all__ = ["percent", "results_shown"]

WIDTH, ROW, LABEL = 640, 46, 16
RAW, WEIGHTED = "#5b6770", "#0b4f8a"


def results_shown(shown: Mapping[str, Any], version: Version) -> dict[str, Any]:
    """Return everything that a page of results says, in the language of the page where the form has it."""
    form = version.form
    mine = next((o.key for o in asking.languages_of(form) if o.code.partition("-")[0] == page_language()), "")
    names = dict(Participation.Channel.choices)
    weighted = bool(shown["weighted_by"]) and not shown["refused"]
    return {
        "people": shown["people"] if shown["people"] >= THRESHOLD else None,
        "weighted": weighted,
        "weighted_by": shown["weighted_by"],
        "why_not": spoken(shown["refused"]) if shown["weighted_by"] else "",
        "notes": spoken(shown["notes"]) if shown["weighted_by"] else [],
        "trimmed": shown["trimmed"] if shown["trimmed"] >= THRESHOLD else None,
        "any_trimmed": bool(shown["trimmed"]),
        "furthest": _points(shown["furthest"]) if weighted else "",
        "channels": [(names.get(c, c), n) for c, n in shown["channels"]],
        "response": _response(shown["turnout"]),
        "questions": [_question(q, form, mine, weighted) for q in shown["questions"]],
    }


def _rounded(number: float, digits: int) -> str:
    """Write a number; Django would cut digits off instead of rounding."""
    return number_format(round(number, digits), decimal_pos=digits, use_l10n=True, force_grouping=True)


def _points(part: float) -> str:
    return _rounded(100 * part, 1)


def _response(turnout: Mapping[str, int]) -> dict[str, Any] | None:
    """Return how many of the roll answered, where neither they nor the others are few."""
    if not turnout or turnout["answered"] < THRESHOLD or turnout["roll"] - turnout["answered"] < THRESHOLD:
        return None
    share = percent(turnout["answered"] / turnout["roll"])
    return {"roll": turnout["roll"], "answered": turnout["answered"], "share": share}


def percent(part: Any) -> str:
    """Write a share; an empty text where there is none."""
    if not isinstance(part, int | float):
        return ""
    return _("%(number)s %%") % {"number": _rounded(100 * part, 1)}


def _interval(pair: Any) -> str:
    if not isinstance(pair, list):
        return ""
    return _("%(low)s to %(high)s") % {"low": percent(pair[0]), "high": percent(pair[1])}


def _words(texts: Mapping[str, str], form: Form, mine: str) -> str:
    return re.sub(r"\$\{[^{}]*\}", "…", said_in_language(texts, mine, form.language))


def _question(kept: Mapping[str, Any], form: Form, mine: str, weighted: bool) -> dict[str, Any]:
    q = form.by_name[kept["name"]]
    labels = {c.name: _words(c.label, form, mine) for c in form.choices.get(q.list_name, ())}
    apart = kept["apart"]
    out: dict[str, Any] = {
        "name": q.name, "label": _words(q.label, form, mine), "apart": apart,
        "people": kept["people"] if isinstance(kept["people"], int) else None,
        "refused": spoken(kept["refused"]), "notes": spoken(kept["notes"]),
        "several": q.kind == "select_multiple",
        "weighted": weighted and not apart, "rows": [], "estimate": None, "average": None,
    }  # fmt: skip
    if "shares" in kept:
        out["rows"] = [_row(s, labels.get(s["answer"], s["answer"])) for s in kept["shares"]]
        out["hidden"] = any(r["hidden"] for r in out["rows"])
        out["drawing"] = _bars(out["rows"], out["weighted"], out["label"])
    if "average" in kept:
        out["average"] = _average(kept["average"])
    if kept.get("estimate") and not kept["refused"]:
        out["estimate"] = _estimate(kept["estimate"], next(iter(labels.values()), ""))
    return out


def _row(kept: Mapping[str, Any], label: str) -> dict[str, Any]:
    return {
        "label": label, "hidden": not isinstance(kept["people"], int), "people": kept["people"],
        "raw": percent(kept["raw"]), "raw_interval": _interval(kept["raw_interval"]),
        "weighted": percent(kept["weighted"]), "weighted_interval": _interval(kept["weighted_interval"]),
        "numbers": kept,
    }  # fmt: skip


def _plain(number: float) -> str:
    return _rounded(number, 2)


def _average(kept: Mapping[str, Any]) -> dict[str, str]:
    def pair(low_high: Any) -> str:
        if not isinstance(low_high, list):
            return ""
        return _("%(low)s to %(high)s") % {"low": _plain(low_high[0]), "high": _plain(low_high[1])}

    known = isinstance(kept["weighted"], int | float)
    return {
        "raw": _plain(kept["raw"]), "raw_interval": pair(kept["raw_interval"]),
        "weighted": _plain(kept["weighted"]) if known else "",
        "weighted_interval": pair(kept["weighted_interval"]),
    }  # fmt: skip


def _estimate(kept: Mapping[str, Any], label: str) -> dict[str, Any]:
    direct = kept["direct_variance"] or 0.0
    return {
        "label": label, "share": percent(kept["share"]), "interval": _interval(kept["interval"]),
        "error": percent(kept["variance"] ** 0.5),
        "direct": percent(direct**0.5) if direct else "",
    }  # fmt: skip


# -- bars --------------------------------------------------------------------------------------------------
def _bars(rows: list[dict[str, Any]], weighted: bool, title: str) -> SafeString:
    """Draw shares as bars with their intervals; the table beside has the same numbers."""
    rtl, height = get_language_bidi(), len(rows) * ROW + 4
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
             f'aria-label="{escape(title)}" '
             f'font-family="sans-serif" font-size="13" fill="#1c2126">']  # fmt: skip
    for n, row in enumerate(rows):
        top = n * ROW
        start, anchor = (WIDTH - 2, "start") if rtl else (2, "start")
        shown = row["label"] if len(row["label"]) <= 80 else row["label"][:79] + "…"
        told = f"{shown}: {row['raw']}" if not row["hidden"] else f"{shown}: {_('not shown')}"
        direction = ' direction="rtl"' if rtl else ""
        parts.append(f'<text x="{start}" y="{top + LABEL - 3}" text-anchor="{anchor}"{direction}>'
                     f"{escape(told)}</text>")  # fmt: skip
        if row["hidden"]:
            parts.append(f'<rect x="0" y="{top + LABEL + 2}" width="{WIDTH}" height="9" fill="none" '
                         'stroke="#8b959d" stroke-dasharray="4 3"/>')  # fmt: skip
            continue
        kept = row["numbers"]
        parts += _bar(kept["raw"], kept["raw_interval"], top + LABEL + 1, RAW, rtl)
        if weighted and isinstance(kept["weighted"], int | float):
            parts += _bar(kept["weighted"], kept["weighted_interval"], top + LABEL + 14, WEIGHTED, rtl)
    return mark_safe("".join([*parts, "</svg>"]))


def _bar(part: float, interval: Any, top: int, colour: str, rtl: bool) -> list[str]:
    long = max(0.0, min(1.0, part)) * WIDTH
    x = WIDTH - long if rtl else 0.0
    out = [f'<rect x="{x:.1f}" y="{top}" width="{long:.1f}" height="10" fill="{colour}"/>']
    if isinstance(interval, list):
        low, high = (max(0.0, min(1.0, v)) * WIDTH for v in interval)
        low, high = (WIDTH - high, WIDTH - low) if rtl else (low, high)
        out.append(f'<path d="M{low:.1f} {top + 5}H{high:.1f}M{low:.1f} {top + 1}v8M{high:.1f} {top + 1}v8" '
                   'stroke="#000" stroke-width="3" opacity=".25" fill="none"/>'
                   f'<path d="M{low:.1f} {top + 5}H{high:.1f}M{low:.1f} {top + 1}v8M{high:.1f} {top + 1}v8" '
                   'stroke="#fff" stroke-width="1.5" fill="none"/>')  # fmt: skip
    return out
