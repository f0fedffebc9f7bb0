"""The one gate to publication: rules, suppression, noise, comparison with earlier releases.

Pure functions on `isopolis.model` types; randomness comes from a secret that the caller gives.
"""

from .blocks import Block, blocks
from .cell_key import identity_keys, perturbed, record_keys, sum_keys
from .differencing import Clash, Compared, differences
from .findings import release_findings
from .gate import Audit, Release, release, verdicts
from .ledger import Entry, Ledger, entry_of
from .linear import System, bounds, system_of
from .perturb import NoiseTable, noise_table
from .policy import Policy
from .precision import told_bits, unknown_bits, within_budget
from .rules import Hit, Verdict
from .suppress import Audited, Suppression, suppress

__all__ = [
    "Audit",
    "Audited",
    "Block",
    "Clash",
    "Compared",
    "Entry",
    "Hit",
    "Ledger",
    "NoiseTable",
    "Policy",
    "Release",
    "Suppression",
    "System",
    "Verdict",
    "blocks",
    "bounds",
    "differences",
    "entry_of",
    "identity_keys",
    "noise_table",
    "perturbed",
    "record_keys",
    "release",
    "release_findings",
    "sum_keys",
    "suppress",
    "system_of",
    "told_bits",
    "unknown_bits",
    "verdicts",
    "within_budget",
]
