"""Linear and integer programs on HiGHS, one thread, a fixed seed, gaps of zero."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Answer", "Model"]

Floats = npt.NDArray[np.float64]
INFINITY = float("inf")


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a solve gave.

    Attributes
    ----------
    status : {"optimal", "infeasible", "time"}
    value, bound : float
        Value at `x` (infinite without a point); no point has a smaller value than `bound`.
    x : (columns,) array
        Empty when there is no point.
    seconds : float
        Spent, by the solver's own clock.
    """

    status: str
    value: float
    bound: float
    x: Floats
    seconds: float


@dataclass(slots=True, eq=False)
class Model:
    """A program that is written down column by column and row by row, then solved: minimise."""

    cost: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    row_low: list[float] = field(default_factory=list)
    row_high: list[float] = field(default_factory=list)
    at_row: list[Any] = field(default_factory=list)
    at_column: list[Any] = field(default_factory=list)
    number: list[Any] = field(default_factory=list)

    def columns(self, many: int, low: float = 0.0, high: float = INFINITY, whole: bool = False) -> range:
        """Add columns with no cost and return their places."""
        first = len(self.cost)
        self.cost += [0.0] * many
        self.low += [low] * many
        self.high += [high] * many
        self.whole += [whole] * many
        return range(first, first + many)

    def row(self, low: float, high: float, columns: npt.ArrayLike, numbers: npt.ArrayLike) -> None:
        """Add ``low <= numbers · x[columns] <= high``."""
        where = np.asarray(columns, dtype=np.int64)
        self.entries(np.full(len(where), len(self.row_low)), where, numbers)
        self.rows(np.array([low]), np.array([high]))

    def rows(self, low: npt.ArrayLike, high: npt.ArrayLike) -> None:
        """Add the limits of several rows, whose entries are given apart."""
        self.row_low += np.asarray(low, dtype=np.float64).tolist()
        self.row_high += np.asarray(high, dtype=np.float64).tolist()

    def entries(self, rows: npt.ArrayLike, columns: npt.ArrayLike, numbers: npt.ArrayLike) -> None:
        """Add entries of the matrix."""
        self.at_row.append(np.asarray(rows, dtype=np.int64))
        self.at_column.append(np.asarray(columns, dtype=np.int64))
        self.number.append(np.asarray(numbers, dtype=np.float64))

    def copy(self) -> Model:
        """Return a program that can be added to without changing this one."""
        return Model(*(list(getattr(self, name)) for name in Model.__slots__))

    def solve(self, seconds: float, *, relaxed: bool = False, start: Floats | None = None) -> Answer:
        """Solve; stop after so many seconds.

        Parameters
        ----------
        seconds : float
        relaxed : bool
            True to let whole columns take any number: a bound.
        start : (k,) array, optional
            Values of the first k columns, to begin from.

        Raises
        ------
        RuntimeError
            When the solver gives up for a reason that is neither time nor an impossible program.
        """
        import highspy

        highs = highspy.Highs()
        for name, setting in _OPTIONS.items():
            highs.setOptionValue(name, setting)
        if relaxed:  # an interior point is many times quicker here, and a bound needs no vertex
            highs.setOptionValue("solver", "ipm")
            highs.setOptionValue("run_crossover", "off")
        highs.setOptionValue("time_limit", max(float(seconds), 0.01))
        highs.passModel(self._lp(highspy, relaxed))
        if start is not None and not relaxed:
            highs.setSolution(len(start), np.arange(len(start), dtype=np.int32), start.astype(np.float64))
        highs.run()
        status, info, spent = highs.getModelStatus(), highs.getInfo(), float(highs.getRunTime())
        known = highspy.HighsModelStatus
        if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
            return Answer("infeasible", INFINITY, INFINITY, np.empty(0), spent)
        solution = highs.getSolution()
        valid = bool(solution.value_valid)
        value = float(info.objective_function_value) if valid else INFINITY
        x = np.array(solution.col_value) if valid else np.empty(0)
        mip = not relaxed and any(self.whole)
        if status == known.kOptimal:
            return Answer(
                "optimal", value, min(float(info.mip_dual_bound), value) if mip else value, x, spent
            )
        if status not in (known.kTimeLimit, known.kUnknown, known.kIterationLimit):
            raise RuntimeError(f"the solver gave up: {highs.modelStatusToString(status)}")
        return Answer("time", value, float(info.mip_dual_bound) if mip else -INFINITY, x, spent)

    def _lp(self, highspy: Any, relaxed: bool) -> Any:
        model: Any = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.cost), len(self.row_low)
        model.col_cost_, model.col_lower_, model.col_upper_ = (
            np.array(a, dtype=np.float64) for a in (self.cost, self.low, self.high)
        )
        model.row_lower_, model.row_upper_ = np.array(self.row_low), np.array(self.row_high)
        row, column = (
            np.concatenate(a) if a else np.empty(0, np.int64) for a in (self.at_row, self.at_column)
        )
        number = np.concatenate(self.number) if self.number else np.empty(0)
        order = np.lexsort((row, column))
        start = np.zeros(len(self.cost) + 1, dtype=np.int32)
        np.cumsum(np.bincount(column, minlength=len(self.cost)), out=start[1:])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_ = start, row[order].astype(np.int32)
        model.a_matrix_.value_ = number[order]
        if not relaxed and any(self.whole):
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            model.integrality_ = [kinds[w] for w in self.whole]
        return model


_OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-9,
    "mip_feasibility_tolerance": 1e-7,
    "primal_feasibility_tolerance": 1e-8,
    "dual_feasibility_tolerance": 1e-8,
}
