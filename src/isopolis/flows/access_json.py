"""The answer about access as plain JSON: what a page shows, and what a program needs beside it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .access_asked import AccessFound, GroupAccess, ProfileAccess
from .access_words import in_short

__all__ = ["to_dict"]


def to_dict(found: AccessFound) -> dict[str, Any]:
    """Return the JSON form of an answer; shares are of 1, times in minutes, unknown is null with a reason.

    Returns
    -------
    dict
        ``asked``, ``in_short``, ``profiles`` (each with its groups and every origin's minutes by reading
        of unknown tags), ``hours``, ``barriers``, ``split``, ``sites``, ``changes``, ``survey``,
        ``inequality``, ``alarms``, ``caveats``, ``sources``.
    """
    asked = found.asked
    return {
        "city": found.data.name,
        "asked": {
            "service": found.places.kind, "term": found.places.term, "profile": found.main.name,
            "minutes": asked.minutes, "at": asked.at, "fee": asked.fee, "language": asked.language,
            "offline": asked.offline, "timetable": found.service_day or None, "depart": asked.depart,
        },
        "in_short": [str(t) for t in in_short(found)],
        "places": len(found.places),
        "profiles": [_profile(p, found) for p in found.profiles],
        "hours": [
            {"profile": h.profile, "begin": h.begin // 60, "end": h.end // 60, "share": h.share}
            for h in found.hours
        ],
        "late_trips": str(found.firm) or None,
        "barriers": [str(t) for t in found.barriers],
        "digital": None if found.digital is None else asdict(found.digital),
        "inequality": [f.to_dict() for f in found.inequality],
        "split": {str(k): {name: _plain(v) for name, v in parts.items()} for k, parts in found.split.items()},
        "sites": [
            {
                "origin": s.origin, "name": s.name, "lon": s.lon, "lat": s.lat, "people_gained": s.gained,
                "again": None if s.again is None else list(s.again),
                "groups": {str(g): list(ends) for g, ends in s.levels.items()},
            }
            for s in found.sites
        ],
        "sites_note": str(found.sites_note),
        "changes": [
            {"change": c.text, "said": str(c.said), "people_gained": c.gained,
             "groups": {str(g): list(ends) for g, ends in c.levels.items()}}
            for c in found.changed
        ],
        "survey": [{"street": n, "people": p, "record": tags} for n, p, tags in found.survey_rows],
        "alarms": [str(a) for a in found.alarms],
        "caveats": [p.to_dict() for p in found.caveats],
        "notes": [str(n) for n in found.data.notes],
        "sources": [str(s) for s in found.data.sources],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else float(value)


def _profile(profile: ProfileAccess, found: AccessFound) -> dict[str, Any]:
    ids = found.data.origins.ids.tolist()
    return {
        "name": profile.name,
        "title": str(profile.title),
        "streets_usable": profile.usable,
        "streets_open": profile.unknown,
        "reasons": [{"reason": str(r), "share": s} for r, s in profile.reasons],
        "groups": [_group(g) for g in profile.groups],
        "origins": {
            policy: {
                i: None if t < 0 else round(t / 60_000, 3) for i, t in zip(ids, times.tolist(), strict=True)
            }
            for policy, times in profile.nearest.items()
        },
    }


def _group(group: GroupAccess) -> dict[str, Any]:
    return group.finding.to_dict() | {
        "label": str(group.label), "people": group.people, "pessimistic": group.low, "optimistic": group.high,
        "median_minutes": group.median, "gap_to_everyone": group.gap, "people_outside": group.beyond,
        "in_reach": group.reached,
    }  # fmt: skip
