"""One rule engine: eligibility, quotas and screening as dated data with sources, never as code.

A rule is a condition on facts. It answers yes, no, or unknown with the facts that are missing; a missing
fact is never a no. Rules and their tests are YAML files that people write who know the subject
(``docs/rules.md``).
"""

from __future__ import annotations

from .fields import Field, kept_facts, wrong_facts
from .reading import read_rules
from .sets import Answer, Rule, RuleSet, RuleVerdict, Source, Verdict, judge
from .shipped import read_text, shipped, shipped_names, shipped_trials
from .trials import Checked, Trial, check, read_trials
from .truth import Judged, Truth
from .words import said_as

__all__ = [
    "Answer", "Checked", "Field", "Judged", "Rule", "RuleSet", "RuleVerdict", "Source", "Trial", "Truth",
    "Verdict", "check", "judge", "kept_facts", "read_rules", "read_text", "read_trials", "said_as", "shipped",
    "shipped_names", "shipped_trials", "wrong_facts",
]  # fmt: skip
