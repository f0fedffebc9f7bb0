"""Publications that several indices of the catalogue come from."""

from __future__ import annotations

from isopolis.explain import Citation

__all__ = ["ALLEN", "CARRINGTON", "MASSEY_DENTON", "REARDON_2009", "REARDON_2011", "REARDON_FIREBAUGH"]

MASSEY_DENTON = Citation(
    "Massey, D. S. and Denton, N. A.", 1988, "The dimensions of residential segregation",
    "Social Forces 67(2), 281-315", "pages 283-287",
)  # fmt: skip
REARDON_FIREBAUGH = Citation(
    "Reardon, S. F. and Firebaugh, G.", 2002, "Measures of multigroup segregation",
    "Sociological Methodology 32, 33-67", "page 37 and table 2",
)  # fmt: skip
REARDON_2009 = Citation(
    "Reardon, S. F.", 2009, "Measures of ordinal segregation", "Research on Economic Inequality 17, 129-155"
)
REARDON_2011 = Citation(
    "Reardon, S. F.", 2011, "Measures of income segregation",
    "CEPA Working Paper, Stanford University", "eqs. 7-13",
)  # fmt: skip
ALLEN = Citation(
    "Allen, R., Burgess, S., Davidson, R. and Windmeijer, F.", 2015,
    "More reliable inference for the dissimilarity index of segregation",
    "Econometrics Journal 18(1), 40-66", "section 4",
)  # fmt: skip
CARRINGTON = Citation(
    "Carrington, W. J. and Troske, K. R.", 1997, "On measuring segregation in samples with small units",
    "Journal of Business and Economic Statistics 15(4), 402-409", "section 2",
)  # fmt: skip
