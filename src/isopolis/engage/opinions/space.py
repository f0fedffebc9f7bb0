"""Two axes on which opinions differ most, and where each person stands on them.

As in Polis: a vote that is missing counts as the mean of the votes on its statement, so that it pulls
nobody anywhere; a person is then moved away from the middle by the square root of statements over votes, so
that few votes do not make somebody moderate. Statements that moderation took out count as passed by all.
Missing votes are zeros after centring: the matrix stays sparse and the result is the same as with the
filled one.

References
----------
Small, Bjorkegren, Erkkilä, Shaw & Megill (2021): Polis: scaling deliberation by mapping high dimensional
opinion spaces, Recerca 26(2), pp. 8–11.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .votes import Votes

__all__ = ["axes", "centred", "positions"]

Floats = npt.NDArray[np.float64]
SMALL = 64
"""Statements up to which all axes are computed at once."""


def centred(votes: Votes, weights: Floats | None = None) -> Any:
    """Return votes less the mean of their statement, missing ones zero.

    Parameters
    ----------
    votes : Votes
    weights : (n,) float array, optional
        How often each person counts; 1 when not given.

    Returns
    -------
    (n, m) sparse array of float, by rows
    """
    from scipy.sparse import csr_array

    m = len(votes.statements)
    inside = votes.on_allowed()
    person, statement = votes.person[inside], votes.statement[inside]
    value = votes.value[inside].astype(float)
    w = np.ones(len(value)) if weights is None else weights[person]
    number = np.bincount(statement, w, m)
    mean = np.divide(np.bincount(statement, w * value, m), number, out=np.zeros(m), where=number > 0)
    starts = np.concatenate(([0], np.cumsum(np.bincount(person, minlength=len(votes.people)))))
    return csr_array((value - mean[statement], statement, starts), shape=(len(votes.people), m))


def axes(matrix: Any, weights: Floats | None = None) -> Floats:
    """Return the two directions of most variance, as columns of unit length.

    The sign is fixed: the statement that weighs most on an axis weighs positively.

    Parameters
    ----------
    matrix : (n, m) sparse array
        Centred.
    weights : (n,) float array, optional

    Returns
    -------
    (m, 2) float array
    """
    m = matrix.shape[1]
    if m <= SMALL:
        dense = matrix.toarray()
        moments = dense.T @ (dense if weights is None else dense * weights[:, None])
        found = np.linalg.eigh(moments)[1][:, ::-1][:, :2]
    else:
        found = _largest(matrix, weights)
    if found.shape[1] < 2:
        found = np.hstack([found, np.zeros((m, 2 - found.shape[1]))])
    top = np.argmax(np.abs(found), axis=0)
    signs = np.sign(found[top, np.arange(2)])
    return found * np.where(signs == 0, 1.0, signs)


def _largest(matrix: Any, weights: Floats | None) -> Floats:
    from scipy.sparse.linalg import LinearOperator, eigsh

    back = matrix.T.tocsr()

    def times(x: Floats) -> Floats:
        y = matrix @ x
        return np.asarray(back @ (y if weights is None else (weights * y.ravel()).reshape(y.shape)))

    m = matrix.shape[1]
    # a start without meaning but the same for everybody: results are reproducible
    start = np.cos(np.arange(m) * 1.0) + 0.01
    operator = LinearOperator((m, m), matvec=times, dtype=float)
    size, vectors = eigsh(operator, k=2, v0=start, which="LA")
    return np.asarray(vectors[:, np.argsort(size)[::-1]])


def positions(votes: Votes, matrix: Any, directions: Floats) -> Floats:
    """Return where each person stands, (n, 2); the middle for those without a vote.

    Parameters
    ----------
    votes : Votes
    matrix : (n, m) sparse array
        Centred.
    directions : (m, 2) float array
    """
    inside = votes.on_allowed()
    own = np.bincount(votes.person[inside], minlength=len(votes.people))
    out = int((~votes.allowed).sum())
    counted = np.maximum(own + out, 1)
    return np.asarray(matrix @ directions) * np.sqrt(len(votes.statements) / counted)[:, None]
