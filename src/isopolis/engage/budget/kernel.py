"""Equal shares in doubles that know their own error: loops to be compiled.

Every balance is held with a bound on its error, every price with an interval. A decision is taken only
where the intervals do not overlap, or where both sides are known as ratios of whole numbers. Otherwise
the run stops and says that it cannot decide: the caller counts exactly. A positive error at the start
stands for a range of endowments; then the outcome holds for all of them.

The functions are plain Python, slow but right; `machine` has them as machine code.
"""

from __future__ import annotations

import numpy as np

__all__ = ["LOOPS", "ROUNDING", "SUMS", "UNDECIDED", "run"]

UNDECIDED = -1
ROUNDING = 1.2e-16
"""A little more than half the distance from 1 to the next double."""
OPEN, DEAR, UNSURE = 0, 1, 2
SUMS = ("below", "unsure", "rough")
LOOPS = (*SUMS, "solve", "pay", "ahead", "contest", "reset", "cheapest", "run")


def solve(lo, hi, total, voter, weight, purse, fine, emax, cost, guess, mu, left, doubt):  # type: ignore[no-untyped-def]
    """Find the price ``q`` of one point at which supporters with what they have left pay `cost`.

    Solves ``sum(min(left, q * weight)) = cost`` from a lower bound `guess`, by Newton's steps, which
    never pass the solution. Returns the state, ``q``, its error, and the points of supporters who can surely
    pay in full when all others surely have nothing at all, else 0: then ``q`` is a ratio of whole numbers.
    States: 0 found, 1 surely too dear, 2 unsure.
    """
    n = hi - lo
    # all supporters with one point each: no weight need be read
    even = total == n
    gamma = (n + 16) * ROUNDING
    for j in range(n):
        left[j] = purse[0, voter[lo + j]]
    if fine:
        for j in range(n):
            doubt[j] = purse[1, voter[lo + j]]
    q = guess
    while True:
        poor, rich = below(left, weight[lo:hi], even, q, n)
        if rich == 0.0:
            break
        new = (cost - poor) / rich
        if new <= q * (1.0 + 8.0 * ROUNDING):
            break
        q = new
    limit = q * (1.0 + mu)
    if fine:
        safe, errors = unsure(left, doubt, weight[lo:hi], even, limit, n)
    else:
        safe, many = rough(left, weight[lo:hi], even, limit, n)
        errors = many * emax
    if rich == 0.0:
        short = cost - poor > errors + gamma * cost
        return (DEAR if short else UNSURE), q, np.inf, 0.0
    if safe == 0.0:
        return UNSURE, q, np.inf, 0.0
    delta = (errors + gamma * cost) / safe + 8.0 * ROUNDING * q
    if emax + delta > mu * q:
        return UNSURE, q, np.inf, 0.0
    return OPEN, q, delta, (safe if poor == 0.0 and errors == 0.0 else 0.0)


def below(left, weight, even, q, n):  # type: ignore[no-untyped-def]
    """Return the money of those who have no more than ``q`` a point, and the points of the others."""
    poor = rich = 0.0
    if even:
        for j in range(n):
            has = left[j] <= q
            poor += left[j] if has else 0.0
            rich += 0.0 if has else 1.0
        return poor, rich
    for j in range(n):
        has = left[j] <= q * weight[j]
        poor += left[j] if has else 0.0
        rich += 0.0 if has else weight[j]
    return poor, rich


def unsure(left, doubt, weight, even, limit, n):  # type: ignore[no-untyped-def]
    """Return the points of those who surely have more than `limit` a point, and the errors of the others."""
    safe = errors = 0.0
    if even:
        for j in range(n):
            more = left[j] > limit
            safe += 1.0 if more else 0.0
            errors += 0.0 if more else doubt[j]
        return safe, errors
    for j in range(n):
        more = left[j] > limit * weight[j]
        safe += weight[j] if more else 0.0
        errors += 0.0 if more else doubt[j]
    return safe, errors


def rough(left, weight, even, limit, n):  # type: ignore[no-untyped-def]
    """Return the points of those who surely have more than `limit`, and how many others have something."""
    safe = many = 0.0
    if even:
        for j in range(n):
            more = left[j] > limit
            safe += 1.0 if more else 0.0
            many += 0.0 if more or left[j] == 0.0 else 1.0
        return safe, many
    for j in range(n):
        more = left[j] > limit * weight[j]
        safe += weight[j] if more else 0.0
        many += 0.0 if more or left[j] == 0.0 else 1.0
    return safe, many


def pay(lo, hi, voter, weight, purse, fine, emax, q, delta, mu):  # type: ignore[no-untyped-def]
    """Let the supporters pay ``q`` a point, or what they have left; return the largest error of a balance."""
    worst = 0.0
    for j in range(lo, hi):
        v = voter[j]
        b = purse[0, v]
        t = q * weight[j]
        # who surely had too little has nothing left, without any error; whoever may have something left
        # is not written down as having nothing
        out = b < t * (1.0 - mu)
        purse[0, v] = 0.0 if out else max(b - t, 1e-300)
        e = delta * weight[j] + 4.0 * ROUNDING * b
        if fine:
            e += purse[1, v]
            purse[1, v] = 0.0 if out else e
        worst = max(worst, 0.0 if out else e)
    return max(emax, worst) if fine else emax + worst


def ahead(a, b, cost, able, by_cost, votes, rank):  # type: ignore[no-untyped-def]
    """Compare two projects whose prices are ratios of whole numbers: 1 the first, 2 the second, 0 unknown.

    `able` holds the points of supporters who pay, 0 where the price is no such ratio. Returned with 10 added
    when they are equal and the lower cost, the larger number of supporters or the published lot decides.
    """
    if able[a] == 0 or able[b] == 0:
        return 0
    left = able[b] if by_cost else cost[a] * able[b]
    right = able[a] if by_cost else cost[b] * able[a]
    if left != right:
        return 1 if left < right else 2
    if cost[a] != cost[b]:
        return 11 if cost[a] < cost[b] else 12
    if votes[a] != votes[b]:
        return 11 if votes[a] > votes[b] else 12
    if rank[a] != rank[b]:
        return 11 if rank[a] < rank[b] else 12
    return 0


def contest(p, low, high, alive, beaten, now):  # type: ignore[no-untyped-def]
    """Find a project that `p` does not surely beat: its index, or -1."""
    for r in range(len(alive)):
        if r != p and alive[r] and beaten[r] != now and low[r] <= high[p]:
            return r
    return -1


def reset(m, start, cost, factor, total, alive, low, high, fresh, beaten, able, over):  # type: ignore[no-untyped-def]
    """Begin with bounds that hold whatever supporters have: all of them sharing the cost."""
    for p in range(m):
        alive[p] = 1 if alive[p] and total[p] > 0 else 0
        low[p] = cost[p] / (total[p] * factor[p]) * (1.0 - 8.0 * ROUNDING) if total[p] > 0 else np.inf
        high[p] = np.inf
        fresh[p] = beaten[p] = over[p] = -1
        able[p] = 0


def cheapest(m, low, alive, beaten, now):  # type: ignore[no-untyped-def]
    """Return the project of least bound that nothing surely beats in this round, or -1."""
    p = -1
    for r in range(m):
        if alive[r] and beaten[r] != now and (p < 0 or low[r] < low[p]):
            p = r
    return p


def run(  # type: ignore[no-untyped-def]
    start,
    voter,
    weight,
    cost,
    factor,
    total,
    votes,
    rank,
    by_cost,
    whole,
    fine,
    alive,
    purse,
    emax,
    mu,
    order,
    price,
    tied,
    numbers,
    marks,
    left,
    doubt,
):
    """Buy projects while supporters can pay; the cheapest per unit of satisfaction first.

    Parameters
    ----------
    start, voter, weight : entries by project
    cost, total, votes, rank : (projects,) int64
        Cost; sum of weights; number of supporters; place in the lot.
    factor : (projects,) float64
        What one point is worth: the cost, or 1.
    by_cost, whole, fine : bool
        Whether `factor` is the cost; whether ties of whole numbers may be decided here; whether every
        voter has a bound of the error of its own, or all the same one, which is faster and coarser.
    alive : (projects,) uint8
        Which may be bought; consumed.
    purse : (2, voters) float64
        Money of each voter and, where `fine`, the bound on its error; consumed.
    emax, mu : float
        Largest error; the relative slack in which a supporter counts as unsure.
    order, price, tied : (projects,) out
        What was bought, at which price a point, and over which tied rival (-1 none).
    numbers, marks : (4, projects) float64 and int64
        Room to work in.
    left, doubt : (most supporters,) float64
        Room to work in.

    Returns
    -------
    int
        How many were bought, or `UNDECIDED`.
    """
    m = len(cost)
    low, high, q, delta = numbers[0], numbers[1], numbers[2], numbers[3]
    fresh, beaten, able, over = marks[0], marks[1], marks[2], marks[3]
    reset(m, start, cost, factor, total, alive, low, high, fresh, beaten, able, over)
    bought, p = 0, -1
    while True:
        if p < 0:
            p = cheapest(m, low, alive, beaten, bought)
            if p < 0:
                return bought
        look = p if fresh[p] != bought else contest(p, low, high, alive, beaten, bought)
        if look < 0:
            if high[p] == np.inf:
                return UNDECIDED
            emax = pay(start[p], start[p + 1], voter, weight, purse, fine, emax, q[p], delta[p], mu)
            order[bought], price[bought], tied[bought] = p, q[p], over[p]
            alive[p] = 0
            over[:] = -1
            bought += 1
            p = -1
        elif fresh[look] != bought:
            guess = low[look] * factor[look] * (1.0 - 8.0 * ROUNDING)
            state, q[look], delta[look], safe = solve(
                start[look],
                start[look + 1],
                total[look],
                voter,
                weight,
                purse,
                fine,
                emax,
                cost[look],
                guess,
                mu,
                left,
                doubt,
            )
            fresh[look] = bought
            able[look] = int(safe) if whole else 0
            if state == DEAR:
                alive[look] = 0
            high[look] = (q[look] + delta[look]) / factor[look] * (1.0 + 8.0 * ROUNDING)
            if state == OPEN:
                low[look] = max(low[look], (q[look] - delta[look]) / factor[look] * (1.0 - 8.0 * ROUNDING))
            if look == p or low[look] < low[p]:
                p = -1
        else:
            who = ahead(p, look, cost, able, by_cost, votes, rank)
            if who == 0:
                return UNDECIDED
            worse = look if who % 10 == 1 else p
            beaten[worse] = bought
            p = p if worse == look else look
            if who > 10:
                over[p] = worse
