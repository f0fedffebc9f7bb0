"""The page of all measures is what the registry says, and misses no index of other tools."""

from __future__ import annotations

import re

import pytest
from tools.measures_table import ELSEWHERE, PAGE, text

from isopolis.measure import CATALOGUE

# PySAL segregation 2.5.4
PYSAL = (
    "Atkinson BiasCorrectedDissim ConProf CorrelationR DensityCorrectedDissim Dissim Entropy Gini "
    "Interaction Isolation MinMax ModifiedDissim ModifiedGini MultiDissim MultiDivergence MultiDiversity "
    "MultiGini MultiInfoTheory MultiNormExposure MultiRelativeDiversity MultiSquaredCoefVar "
    "SimpsonsConcentration SimpsonsInteraction MultiLocalDiversity MultiLocalEntropy "
    "MultiLocalSimpsonConcentration MultiLocalSimpsonInteraction MultiLocationQuotient "
    "AbsoluteCentralization AbsoluteClustering AbsoluteConcentration BoundarySpatialDissim Delta "
    "DistanceDecayInteraction DistanceDecayIsolation GlobalDistortion LocalDistortion "
    "LocalRelativeCentralization PARDissim RelativeCentralization RelativeClustering "
    "RelativeConcentration SpatialDissim SpatialProximity SpatialProxProf"
).split()
# OasisR 3.1.1
OASISR = (
    "ISDuncan DIDuncan DMulti Gini Gini2 GiniMulti HTheil HMulti Atkinson Gorard xPx xPy Eta2 PMulti "
    "RelDivers CMulti HShannon NShannon ISimpson ordinalseg rankorderseg LQ LShannon HLoc LSimpson "
    "ISMorrill ISMorrillK ISWong DIMorrill DIMorrillK DIWong DPxy DPxx ACL RCL SP Pxx Poo Pxy Delta ACO RCO "
    "ACE ACEPoly ACEDuncan ACEDuncanPolyK RCE RCEPoly RCEPolyK"
).split()
# R segregation 1.1.0.9000
ELBERSB = (
    "dissimilarity mutual_total mutual_total_nested mutual_within mutual_local mutual_difference entropy "
    "exposure isolation mutual_expected mutual_total_expected dissimilarity_expected"
).split()
# seg 0.5-7
SEG = [
    "dissim", "spseg D~", "spseg H~", "spseg R~", r"spseg P\*", r"dissim D\(adj\)", r"dissim D\(w\)",
    r"dissim D\(s\)", "isp", "conprof", "deseg", "localenv",
]  # fmt: skip


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run python -m tools.measures_table"


TOOLS = {"PySAL": PYSAL, "OasisR": OASISR, "elbersb": ELBERSB, "seg": SEG}


@pytest.mark.parametrize("tool", TOOLS)
def test_every_index_of_other_tools_has_its_row(tool: str) -> None:
    """Each is an index here, or the page says where it is or why it is not here."""
    there = [line.split("|")[1].strip() for line in text().partition("## By the names")[2].splitlines()[6:]]
    assert [n for n in TOOLS[tool] if not any(re.match(rf"{tool} {n}(?!\w)", t) for t in there)] == []


def test_the_page_names_an_index_once_and_says_why_where_there_is_none() -> None:
    peers = {p for s in CATALOGUE.values() for p in s.peers}
    assert not peers & set(ELSEWHERE)
    for name, where in ELSEWHERE.items():
        words = where.partition("not here, because ")[2] or re.search(r"\]\(\w+\.md\)|`\w+`", where)
        assert words, name
