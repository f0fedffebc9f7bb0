"""Made-up towns, small enough to be typed into another tool."""

from __future__ import annotations

import numpy as np

from isopolis.measure.neighbours import grid_borders

WIDTHS, HEIGHTS = (100, 150, 200, 100, 250, 120), (100, 180, 90, 140, 210)
BORDERS = grid_borders(WIDTHS, HEIGHTS)
NUMBER = np.arange(30)
X = np.column_stack(
    [
        (7 * NUMBER * NUMBER + 13 * NUMBER + 5) % 97 + 3,
        (11 * NUMBER * NUMBER + 3 * NUMBER + 29) % 101 + 2,
        (5 * NUMBER * NUMBER + 17 * NUMBER + 1) % 89 + 1,
    ]
).astype(float)
"""Three groups in 30 zones: a grid of rectangles, 6 columns by 5 rows."""

_ACROSS, _UP = np.cumsum((0, *WIDTHS)), np.cumsum((0, *HEIGHTS))
CENTRES = np.array(
    [((_ACROSS[c] + _ACROSS[c + 1]) / 2, (_UP[r] + _UP[r + 1]) / 2) for r in range(5) for c in range(6)]
)
SCATTERED = 1000 * np.column_stack([(NUMBER * 0.6180339887) % 1, (NUMBER * 0.7548776662) % 1])
"""The same people at 30 places, some of them equally far from a third."""
LOOSE = 1000 * np.column_stack(
    [(NUMBER * NUMBER * 0.6180339887) % 1, (NUMBER * NUMBER * NUMBER * 0.7548776662) % 1]
)
"""The same people at 30 places of which no two are equally far from a third."""

CORNER = np.array([(c, r) for r in range(10) for c in range(10)], dtype=float)
_IN = (CORNER < 5).all(axis=1)
GHETTO = np.column_stack([100.0 * _IN, 100.0 * ~_IN])
"""Pattern A of OasisR: 10 by 10 squares of side 1, the group alone in a corner of 5 by 5."""
SQUARES = grid_borders(np.ones(10), np.ones(10))
