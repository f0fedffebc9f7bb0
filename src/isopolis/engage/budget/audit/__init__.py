"""What a result keeps of what it promised: fairness, money by group, lost projects, prices of guarantees."""

from .approvals import Approvals, approvals, approvals_of
from .axioms import BROKEN, HOLDS, OPEN, Verdict, axioms
from .cohesive import Breach
from .compared import Difference, difference
from .lost import Lost, lost, replay
from .priced import Priced, priceable
from .published import Row, Tables, publish
from .satisfied import Place, Reach, by_group, by_place, reach
from .whole import Audit, Judged, audit, groups_of, losers_of

__all__ = [
    "BROKEN",
    "HOLDS",
    "OPEN",
    "Approvals",
    "Audit",
    "Breach",
    "Difference",
    "Judged",
    "Lost",
    "Place",
    "Priced",
    "Reach",
    "Row",
    "Tables",
    "Verdict",
    "approvals",
    "approvals_of",
    "audit",
    "axioms",
    "by_group",
    "by_place",
    "difference",
    "groups_of",
    "losers_of",
    "lost",
    "priceable",
    "publish",
    "reach",
    "replay",
]
