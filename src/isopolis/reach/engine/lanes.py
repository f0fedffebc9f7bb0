"""All lanes in one step of the processor, where the compiler would take one number after the other."""

from __future__ import annotations

from typing import Any

from .kernel_sums import FAR, LANES

__all__ = ["Vectors", "vectors"]


def vectors() -> dict[str, Any]:
    """Return the loops `relax`, `count` and `meet` of `kernel_sums` as a handful of instructions on vectors.

    What they become depends on the processor: registers of 512 bits, or more of them that are shorter.
    """
    from numba import types
    from numba.core.cgutils import ir
    from numba.extending import intrinsic

    tools = Vectors(ir)
    n, x = types.int64, types.float64

    @intrinsic
    def relax(typing: Any, dist: Any, u: Any, v: Any, cost: Any, limit: Any) -> Any:
        return n(dist, n, n, n, n), tools.relax

    @intrinsic
    def count(typing: Any, acc: Any, line: Any, dist: Any, u: Any, cutoff: Any, amount: Any) -> Any:
        return n(acc, n, dist, n, n, x), tools.count

    @intrinsic
    def meet(
        typing: Any, row: Any, dist: Any, a: Any, a_cost: Any, b: Any, b_cost: Any, chain: Any, own: Any
    ) -> Any:
        return n(row, dist, n, n, n, n, chain, n), tools.meet

    return {"relax": relax, "count": count, "meet": meet}


class Vectors:
    """Writes instructions; `ir` is the language of the compiler."""

    def __init__(self, ir: Any) -> None:
        self.ir, self.word, self.real = ir, ir.IntType(32), ir.DoubleType()
        self.words, self.reals = (ir.VectorType(kind, LANES) for kind in (self.word, self.real))
        self.far = ir.Constant(self.words, [FAR] * LANES)
        self.none = ir.Constant(ir.IntType(64), 0)

    def place(self, context: Any, builder: Any, kind: Any, array: Any, row: Any, lanes: Any) -> Any:
        """Where the lanes of a row of an array begin."""
        data = context.make_array(kind)(context, builder, array).data
        if row is not None:
            data = builder.gep(data, [builder.mul(row, self.ir.Constant(row.type, LANES))])
        return builder.bitcast(data, lanes.as_pointer())

    def all_of(self, builder: Any, value: Any, lanes: Any) -> Any:
        """Write the same number in all lanes."""
        nothing = self.ir.Constant(lanes, self.ir.Undefined)
        one = builder.insert_element(nothing, value, self.ir.Constant(self.word, 0))
        return builder.shuffle_vector(
            one, nothing, self.ir.Constant(self.ir.VectorType(self.word, LANES), [0] * LANES)
        )

    def whole(self, builder: Any, value: Any) -> Any:
        """Write the same whole number in all lanes."""
        return self.all_of(builder, builder.trunc(value, self.word), self.words)

    def relax(self, context: Any, builder: Any, signature: Any, given: Any) -> Any:
        """Write `kernel_sums.relax`."""
        dist, u, v, cost, limit = given
        there = self.place(context, builder, signature.args[0], dist, v, self.words)
        here = self.place(context, builder, signature.args[0], dist, u, self.words)
        old = builder.load(there, align=4)
        new = builder.add(builder.load(here, align=4), self.whole(builder, cost))
        fell = builder.and_(
            builder.icmp_signed("<", new, old), builder.icmp_signed("<=", new, self.whole(builder, limit))
        )
        builder.store(builder.select(fell, new, old), there, align=4)
        least = builder.module.declare_intrinsic(
            f"llvm.vector.reduce.smin.v{LANES}i32", (), self.ir.FunctionType(self.word, [self.words])
        )
        return builder.sext(builder.call(least, [builder.select(fell, new, self.far)]), self.none.type)

    def count(self, context: Any, builder: Any, signature: Any, given: Any) -> Any:
        """Write `kernel_sums.count`."""
        acc, line, dist, u, cutoff, amount = given
        into = self.place(context, builder, signature.args[0], acc, line, self.reals)
        here = builder.load(self.place(context, builder, signature.args[2], dist, u, self.words), align=4)
        near = builder.icmp_signed("<=", here, self.whole(builder, cutoff))
        zero = self.ir.Constant(self.reals, [0.0] * LANES)
        more = builder.select(near, self.all_of(builder, amount, self.reals), zero)
        builder.store(builder.fadd(builder.load(into, align=8), more), into, align=8)
        return self.none

    def meet(self, context: Any, builder: Any, signature: Any, given: Any) -> Any:
        """Write `kernel_sums.meet`; sums stay below 2**32, so that they are compared without a sign."""
        row, dist, a, a_cost, b, b_cost, chain, own = given
        kinds = signature.args
        ends = [
            builder.add(
                builder.load(self.place(context, builder, kinds[1], dist, v, self.words), align=4),
                self.whole(builder, cost),
            )
            for v, cost in ((a, a_cost), (b, b_cost))
        ]
        near = builder.select(builder.icmp_unsigned("<", *ends), *ends)
        lanes = builder.load(self.place(context, builder, kinds[6], chain, None, self.words), align=4)
        away = builder.or_(
            builder.icmp_unsigned(">", near, self.far),
            builder.icmp_signed("==", lanes, self.whole(builder, own)),
        )
        into = self.place(context, builder, kinds[0], row, None, self.words)
        builder.store(builder.select(away, self.far, near), into, align=4)
        return self.none
