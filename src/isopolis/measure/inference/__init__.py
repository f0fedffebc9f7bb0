"""How sure a value is: chance, samples, comparisons, maps and small units.

Randomness is keyed by seed, replicate and block (`streams`), so that results do not depend on workers.
"""

from .bounds import dissimilarity_bounds
from .difference import Difference, dates_shuffled, of_estimates, of_normal
from .discovery import benjamini_hochberg, benjamini_yekutieli, stands_out, zone_p
from .mixture import rathelot
from .moments import Chance, chance
from .permute import Arranger, Tested, arranged, randomised, replicates
from .resample import Resampled, person_bootstrap, replicate_weights
from .small_units import Corrected, corrections, disagreement, half_samples, less_expected
from .streams import stream

__all__ = [
    "Arranger",
    "Chance",
    "Corrected",
    "Difference",
    "Resampled",
    "Tested",
    "arranged",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "chance",
    "corrections",
    "dates_shuffled",
    "disagreement",
    "dissimilarity_bounds",
    "half_samples",
    "less_expected",
    "of_estimates",
    "of_normal",
    "person_bootstrap",
    "randomised",
    "rathelot",
    "replicate_weights",
    "replicates",
    "stands_out",
    "stream",
    "zone_p",
]
