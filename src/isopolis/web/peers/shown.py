"""What the pages of peers show, in the language of the page."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import lru_cache
from threading import Lock
from typing import Any

from django.utils.translation import gettext as _

from isopolis.learn.peers import ContextFeature
from isopolis.learn.peers.benchmarks import Benchmark, benchmark, figure
from isopolis.learn.peers.deviants import Deviants, deviants
from isopolis.model.text import Number
from isopolis.report.blocks import Figure
from isopolis.report.peers import BenchmarkWords, benchmark_figure
from isopolis.web.diagnoses.drawings import without_inline_styles
from isopolis.web.languages import page_language, said, spoken

from .leads import records_of
from .models import PeerTable
from .question import Question
from .store import SEED, Asked, found, table_of

__all__ = ["benchmark_shown", "list_shown"]

_ONE_AT_A_TIME = Lock()
"""The drawing library keeps its settings for the whole process."""

REFUSED_SHOWN = 200


def list_shown(asked: Question) -> dict[str, Any]:
    """Return the list with its reasons, in words."""
    made = asked.peers
    return {
        "found": made,
        "undefined": said(made.undefined.reason) if made.undefined else "",
        "rows": [
            {
                "peer": p,
                "percent": said(Number(f"{p.share:.0%}")),
                "between": _("%(low)s to %(high)s")
                % {"low": said(Number(f"{p.low:.0%}")), "high": said(Number(f"{p.high:.0%}"))},
                "distance": said(Number(f"{p.distance:.2f}")),
                "reason": said(made.reasons[p.city.id]),
            }
            for p in made.ranked
        ],
        "caveats": [said(c) for c in made.caveats],
        "features": [_feature(f, w) for f, w in made.features],
        "left_out": [(_label(asked, i), said(why)) for i, why in made.left_out.items()],
        "refused": [(_name(asked, i), said(why)) for i, why in list(made.refused.items())[:REFUSED_SHOWN]],
        "refused_more": max(0, len(made.refused) - REFUSED_SHOWN),
    }


def _feature(feature: ContextFeature, weight: float) -> dict[str, str]:
    return {
        "label": said(feature.label),
        "unit": said(feature.unit),
        "year": feature.year,
        "source": feature.source,
        "weight": said(figure(weight)),
    }


def _label(asked: Question, id_: str) -> str:
    features = asked.kept.table["features"]
    return str(spoken(next(f for f in features if f["id"] == id_))["label"])


def _name(asked: Question, id_: str) -> str:
    return str(next(c["name"] for c in asked.kept.table["cities"] if c["id"] == id_))


def benchmark_shown(workspace: Any, asked: Question, indicator: str) -> dict[str, Any]:
    """Return one outcome beside the peers, and the positive deviants with their library records."""
    assert asked.asked is not None
    table = table_of(asked.kept)
    peers = asked.peers
    made = benchmark(peers.city.id, table.outcomes, indicator, [p.city.id for p in peers.ranked], seed=SEED)
    leads = deviants(peers, table, indicator)
    drawn = _drawn(asked.kept.pk, asked.kept.digest, asked.asked, indicator, page_language())
    return {
        "found": peers,
        "made": made,
        "label": said(made.indicator.label),
        "undefined": said(peers.undefined.reason) if peers.undefined else "",
        "figure": asdict(drawn) if drawn is not None else None,
        "said": said(made.said),
        "cautions": [said(c) for c in made.cautions],
        "refused": [(made.names[i], said(why)) for i, why in made.refused.items()],
        **_leads(leads, made),
    }


def _leads(leads: Deviants, made: Benchmark) -> dict[str, Any]:
    return {
        "deviants": [
            {
                "name": d.city.name,
                "value": said(figure(d.value)),
                "predicted": said(figure(d.predicted)),
                "between": _("%(low)s to %(high)s")
                % {"low": said(figure(d.low)), "high": said(figure(d.high))},
                "holds": d.holds,
                "records": records_of(d.city.name),
            }
            for d in leads.better
        ],
        "looked_at": len(leads.looked_at),
        "no_deviants": said(leads.undefined.reason) if leads.undefined else "",
        "lead_caveats": [said(c) for c in leads.caveats],
        "unjudged": [(made.names[i], said(why)) for i, why in leads.unjudged.items()],
    }


@lru_cache(maxsize=128)
def _drawn(pk: Any, digest: str, asked: Asked, indicator: str, language: str) -> Figure | None:
    """Draw once for the same question and the same language."""
    kept = PeerTable.objects.defer("content").get(pk=pk)
    peers, table = found(kept, asked), table_of(kept)
    made = benchmark(peers.city.id, table.outcomes, indicator, [p.city.id for p in peers.ranked], seed=SEED)
    title = _("%(outcome)s: %(city)s and its peers") % {
        "outcome": said(made.indicator.label),
        "city": peers.city.name,
    }
    with _ONE_AT_A_TIME:
        drawn = benchmark_figure(made, key="benchmark", title=title, words=_words(), say=said)
    return replace(drawn, svg=without_inline_styles(drawn.svg)) if drawn is not None else None


def _words() -> BenchmarkWords:
    return BenchmarkWords(
        value=_("value"),
        middle=_("middle of the peers"),
        band=_("interval"),
        city=_("City"),
        number=_("Value"),
        interval=_("Interval"),
        year=_("Year"),
        # Translators: both ends of an interval
        to=_("{low} to {high}"),
        own=_("{city} (this city)"),
    )
