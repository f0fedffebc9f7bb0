"""What everybody sees of a consultation: counted when the answers are published, and kept as it was then.

Counted anew at every look, an answer that is taken back could bring its count below five, and tell whose
it was.
"""

from __future__ import annotations

from typing import Any

from .models import Consultation, Point
from .tallies import STANCES, shown, tallied

__all__ = ["frozen", "published_topics", "standing"]


def standing(consultation: Consultation) -> Any:
    """Return the points that count: not taken back, not set aside, not emptied with an account."""
    mine = Point.objects.filter(consultation=consultation, withdrawn=False, set_aside="")
    return mine.exclude(text="", stance="")


def frozen(consultation: Consultation) -> dict[str, Any]:
    """Return the answers of the city and the protected counts, as they are now."""
    points = standing(consultation)
    counted = tallied(points.values_list("action", "stance"))
    return {
        "responses": [
            {
                "topic": topic.pk,
                "action": topic.action,
                "point": topic.summary.strip(),
                "said_by": shown(points.filter(topic=topic).count()),
                "decision": topic.decision,
                "why": topic.why,
            }
            for topic in consultation.topic_set.order_by("action", "pk")
        ],
        "tallies": {
            action: {"stances": [tally.stances[s] for s in STANCES], "people": tally.people}
            for action, tally in sorted(counted.items())
        },
    }


def published_topics(consultation: Consultation) -> set[int]:
    """Return the numbers of the topics that everybody can read."""
    return {r["topic"] for r in (consultation.published or {}).get("responses", ())}
