"""Linear and integer programs on HiGHS, which keep their basis from one solve to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .pool import Types

__all__ = ["Answer", "Program", "panel_program"]

Real = npt.NDArray[np.float64]
Rows = npt.NDArray[np.integer[Any]]
INFINITY = float("inf")


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a solve gave: ``"optimal"``, ``"rough"`` (an interior point), ``"infeasible"`` or ``"time"``.

    Attributes
    ----------
    value : float
        Value of the objective at `x`; minus infinity when there is no point yet.
    bound : float
        No point has a larger value; equal to `value` for a linear program that was solved.
    x, duals : arrays
        Point, ``(columns,)``, and prices of the rows, ``(rows,)``; empty when there is none.
    """

    status: str
    value: float
    bound: float
    x: Real
    duals: Real


class Program:
    """Maximise ``cost · x`` with ``row_low <= A x <= row_high`` and ``low <= x <= high``.

    Parameters
    ----------
    cost, low, high : (columns,) arrays
    row_low, row_high : (rows,) arrays
    entries : (row, column, value) arrays
        The matrix.
    whole : bool
        True when every column takes whole numbers only.
    """

    def __init__(
        self,
        cost: Real,
        low: Real,
        high: Real,
        row_low: Real,
        row_high: Real,
        entries: tuple[Rows, Rows, Real],
        *,
        whole: bool = False,
    ) -> None:
        import highspy

        self._highs = highspy.Highs()
        for name, setting in (("output_flag", False), ("threads", 1), ("random_seed", 0)):
            self._highs.setOptionValue(name, setting)
        model: Any = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(cost), len(row_low)
        model.col_cost_, model.col_lower_, model.col_upper_ = _real(cost), _real(low), _real(high)
        model.row_lower_, model.row_upper_ = _real(row_low), _real(row_high)
        start, index, value = _by_column(entries, len(cost))
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = start, index, value
        model.sense_ = highspy.ObjSense.kMaximize
        if whole:
            model.integrality_ = [highspy.HighsVarType.kInteger] * len(cost)
        self.whole = whole
        self._highs.passModel(model)
        self._optimal = highspy.HighsModelStatus.kOptimal
        self._rough = highspy.HighsModelStatus.kUnknown
        self._impossible = (
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        )

    def set_costs(self, cost: Real) -> None:
        """Give all columns new costs."""
        self._highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), _real(cost))

    def set_bounds(self, column: int, low: float, high: float) -> None:
        """Give one column new bounds."""
        self._highs.changeColBounds(int(column), float(low), float(high))

    def set_row(self, row: int, low: float, high: float) -> None:
        """Give one row new bounds."""
        self._highs.changeRowBounds(int(row), float(low), float(high))

    def set_entry(self, row: int, column: int, value: float) -> None:
        """Change one number of the matrix."""
        self._highs.changeCoeff(int(row), int(column), float(value))

    def add_column(self, cost: float, rows: Rows, values: Real, high: float = INFINITY) -> None:
        """Add a column that starts at zero."""
        self._highs.addCol(float(cost), 0.0, high, len(rows), rows.astype(np.int32), _real(values))

    def add_row(self, low: float, high: float, columns: Rows, values: Real) -> None:
        """Add a row."""
        self._highs.addRow(low, high, len(columns), columns.astype(np.int32), _real(values))

    def set_option(self, name: str, value: str | float | bool) -> None:
        """Set an option of the solver."""
        self._highs.setOptionValue(name, value)

    def solve(self, seconds: float = INFINITY) -> Answer:
        """Solve from the last basis; stop after so many seconds.

        Raises
        ------
        RuntimeError
            When the solver gives up for a reason that is neither time nor an impossible program.
        """
        # the solver's own clock runs over all its solves
        spent = self._highs.getRunTime()
        limit = INFINITY if seconds == INFINITY else spent + max(seconds, 0.01)
        self._highs.setOptionValue("time_limit", limit)
        self._highs.run()
        status, info = self._highs.getModelStatus(), self._highs.getInfo()
        if status in self._impossible:
            return Answer("infeasible", -INFINITY, -INFINITY, np.empty(0), np.empty(0))
        solution = self._highs.getSolution()
        has_point = bool(solution.value_valid)
        value = float(info.objective_function_value) if has_point else -INFINITY
        x = np.array(solution.col_value) if has_point else np.empty(0)
        # an interior point without clean-up calls its answer unknown: good numbers, not a vertex
        if status == self._rough and solution.dual_valid and not self.whole:
            return Answer("rough", value, INFINITY, x, np.array(solution.row_dual))
        if status != self._optimal:
            bound = float(info.mip_dual_bound) if self.whole else INFINITY
            return Answer("time", value, bound, x, np.empty(0))
        if self.whole:
            return Answer("optimal", value, max(float(info.mip_dual_bound), value), x, np.empty(0))
        return Answer("optimal", value, value, x, np.array(solution.row_dual))


def panel_program(types: Types, *, whole: bool = False) -> Program:
    """Return the program over panels of types: quotas, households and, as the last row, the size."""
    row, kind = types.pairs()
    everyone = np.arange(len(types))
    last = np.full(len(types), len(types.low))
    entries = (np.concatenate([row, last]), np.concatenate([kind, everyone]), np.ones(len(row) + len(types)))
    return Program(
        np.zeros(len(types)),
        np.zeros(len(types)),
        types.cap.astype(float),
        np.append(types.low, types.size).astype(float),
        np.append(types.high, types.size).astype(float),
        entries,
        whole=whole,
    )


def _real(values: npt.ArrayLike) -> Real:
    return np.ascontiguousarray(values, dtype=np.float64)


def _by_column(entries: tuple[Rows, Rows, Real], columns: int) -> tuple[Any, Any, Real]:
    row, column, value = (np.asarray(e) for e in entries)
    order = np.lexsort((row, column))
    start = np.zeros(columns + 1, dtype=np.int32)
    np.cumsum(np.bincount(column, minlength=columns), out=start[1:])
    return start, row[order].astype(np.int32), _real(value[order])
