"""Files whose office added noise: what city.toml says of it reaches the finding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import isopolis
from isopolis.model import Finding, Mechanism

WIDE = """name = "Noisetown"
notes = ["example data, not a real place"]
[[tables]]
file = "people.csv"
layout = "wide"
zone = "zone"
{how}
[[tables.dimensions]]
name = "origin"
columns = ["here", "elsewhere"]
"""


def town(folder: Path, how: str, layout: str = "wide") -> Path:
    rng = np.random.default_rng(3)
    share = 1 / (1 + np.exp(1.5 - 0.8 * rng.standard_normal(80)))
    some = rng.binomial(200, share)
    x = np.maximum(np.stack([200 - some, some], axis=1) + rng.integers(-2, 3, (80, 2)), 0)
    lines = [f"Z{i:02d},{a},{b}" for i, (a, b) in enumerate(x.tolist())]
    (folder / "people.csv").write_text("\n".join(["zone,here,elsewhere", *lines]) + "\n")
    text = WIDE.format(how=how)
    if layout == "long":
        rows = [f"Z{i:02d},{g},{n}" for i, row in enumerate(x.tolist())
                for g, n in zip(("here", "elsewhere"), row, strict=True)]  # fmt: skip
        (folder / "long.csv").write_text("\n".join(["zone,origin,n", *rows]) + "\n")
        text = text.replace('"people.csv"\nlayout = "wide"', '"long.csv"\nlayout = "long"\ncount = "n"')
        text = text.replace('columns = ["here", "elsewhere"]', 'column = "origin"')
    (folder / "city.toml").write_text(text)
    return folder


def asked(folder: Path, measure: str) -> Finding:
    found = isopolis.diagnose(isopolis.load(folder), simulations=50).findings
    wanted = measure, "origin=elsewhere", "city"
    return next(f for f in found if (f.measure, f.group, f.scope) == wanted)


@pytest.mark.parametrize("layout", ["wide", "long"])
@pytest.mark.parametrize(
    ("how", "mechanism"),
    [('mechanism_default = "cell_key"\nnoise_variance = 2', Mechanism.CELL_KEY),
     ('mechanism_default = "dp"\nepsilon = 1', Mechanism.DP)],
)  # fmt: skip
def test_noise_of_a_stated_size_is_taken_out(
    tmp_path: Path, layout: str, how: str, mechanism: Mechanism
) -> None:
    folder = town(tmp_path, how, layout)
    counts = isopolis.load(folder).counts[0]
    assert set(np.unique(counts.mechanism)) == {mechanism}
    assert counts.parameter in (1, 2)
    found = asked(folder, "variance_ratio")
    assert found.interval is not None
    assert any("Its part is taken out" in c for c in found.caveats)
    (folder / "city.toml").write_text((folder / "city.toml").read_text().replace(how, ""))
    plain = asked(folder, "variance_ratio")
    # noise spreads zones apart: V of the published counts is too large, by a part that is known
    assert found.number < plain.number


def test_noise_of_unknown_size_is_said_and_nothing_is_claimed(tmp_path: Path) -> None:
    found = asked(town(tmp_path, 'mechanism_default = "cell_key"'), "variance_ratio")
    assert found.interval is None
    assert any("does not say how much" in c for c in found.caveats)
    assert not any("taken out" in c for c in found.caveats)
