"""The loops of equal shares as machine code: compiled once, kept by whoever keeps bytes, loaded at once.

Loading the compiler takes longer than a whole city's count, so it is loaded only when there is no code yet.
"""

from __future__ import annotations

import ctypes
import hashlib
import inspect
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, Protocol

from numpy.typing import NDArray

from . import kernel

__all__ = ["InMemory", "Machine", "Store"]

Notice = Callable[[], None]
ENTRY = "isopolis_equal_shares"
KINDS = (
    "int64 uint32 float64 int64 float64 int64 int64 int64 uint8 float64 int64 float64 int64 float64 int64 "
    "float64 float64"
).split()
"""Types of the arrays that the entry takes, in order; sizes come before them, flags and limits after."""


NEVER_CALLED = (
    "numba_gil_ensure", "numba_gil_release", "numba_unpickle", "numba_runtime_build_excinfo_struct",
    "numba_do_raise", "NRT_Free", "NRT_MemInfo_call_dtor",
)  # fmt: skip
"""What the compiler links in for exceptions, which these loops never raise, and for memory, which they never
ask for. Without the compiler the names must still mean something."""


class Store(Protocol):
    """Keeps bytes under a name."""

    def get(self, name: str) -> bytes | None:
        """Return what was put under `name`, or None."""
        ...

    def put(self, name: str, content: bytes) -> None:
        """Keep `content`; a store that cannot may forget it."""
        ...


class InMemory:
    """Keeps bytes as long as the program runs."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        """Return what was put under `name`, or None."""
        return self.kept.get(name)

    def put(self, name: str, content: bytes) -> None:
        """Keep `content`."""
        self.kept[name] = content


class Machine:
    """The compiled loops.

    Parameters
    ----------
    store : Store
        Where the machine code is kept.
    notice : callable, optional
        Called before anything is compiled.
    """

    def __init__(self, store: Store, notice: Notice | None = None) -> None:
        import llvmlite.binding as llvm

        _start(llvm)
        name = _name(llvm)
        code = store.get(name)
        if code is None:
            (notice or (lambda: None))()
            code = _compile(llvm)
            store.put(name, code)
        self._engine, self._run = _load(llvm, code)  # the engine holds the code in memory

    def run(self, sizes: tuple[int, int, int], arrays: Sequence[NDArray[Any]], flags: tuple[bool, bool, bool],
            limits: tuple[float, float]) -> int:  # fmt: skip
        """Call `kernel.run`.

        Parameters
        ----------
        sizes : projects, entries, voters
        arrays : list of arrays
            start, voter, weight, cost, factor, total, votes, rank, alive, purse, order, price, tied, numbers,
            marks, left, doubt: contiguous, of the types in `KINDS`.
        flags : by_cost, whole, fine
        limits : emax, mu
        """
        places = [a.ctypes.data for a in arrays]
        return int(self._run(*sizes, len(arrays[-1]), *flags, *places, *limits))


def _start(llvm: Any) -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _name(llvm: Any) -> str:
    """Name the code by everything that makes it: our text, the compiler and the processor."""
    made_of = "\n".join((
        inspect.getsource(kernel), inspect.getsource(_compile), " ".join(KINDS), llvm.__name__,
        ".".join(map(str, llvm.llvm_version_info)), llvm.get_process_triple(), llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
    ))  # fmt: skip
    return f"equal-shares-{hashlib.sha256(made_of.encode()).hexdigest()[:32]}.o"


def _load(llvm: Any, code: bytes) -> tuple[Any, Any]:
    for name in NEVER_CALLED:
        llvm.add_symbol(name, ctypes.cast(ctypes.pythonapi.Py_IsInitialized, ctypes.c_void_p).value)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target(llvm))
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    place = engine.get_function_address(ENTRY)
    form = ctypes.CFUNCTYPE(
        ctypes.c_int64, *[ctypes.c_int64] * 7, *[ctypes.c_void_p] * len(KINDS), *[ctypes.c_double] * 2
    )
    return engine, form(place)


def _compile(llvm: Any) -> bytes:
    """Compile the loops and an entry that takes addresses; return the object file."""
    from numba import carray, cfunc, njit, types

    room = dict(vars(kernel))
    for name in kernel.LOOPS:
        loop = FunctionType(room[name].__code__, room, name)
        # sums may be taken in any order, as their bound on the error holds for all; no amount is NaN
        fast = {"reassoc", "nsz", "nnan"} if name in kernel.SUMS else False
        room[name] = njit(error_model="numpy", fastmath=fast)(loop)
    run = room["run"]

    def entry(  # type: ignore[no-untyped-def]
        m, n, people, most, by_cost, whole, fine, start, voter, weight, cost, factor, total, votes, rank,
        alive, purse, order, price, tied, numbers, marks, left, doubt, emax, mu,
    ):  # fmt: skip
        return run(
            carray(start, m + 1), carray(voter, n), carray(weight, n), carray(cost, m), carray(factor, m),
            carray(total, m), carray(votes, m), carray(rank, m), by_cost != 0, whole != 0, fine != 0,
            carray(alive, m), carray(purse, (2, people)), emax, mu, carray(order, m), carray(price, m),
            carray(tied, m), carray(numbers, (4, m)), carray(marks, (4, m)), carray(left, most),
            carray(doubt, most),
        )  # fmt: skip

    places = [types.CPointer(getattr(types, kind)) for kind in KINDS]
    form = types.int64(*[types.int64] * 7, *places, types.float64, types.float64)
    made = cfunc(form, error_model="numpy")(entry)
    text = made.inspect_llvm().replace(made.native_name, ENTRY)
    module = llvm.parse_assembly(text)
    return bytes(_target(llvm).emit_object(module))


def _target(llvm: Any) -> Any:
    """Return the processor that this runs on."""
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3,
        reloc="default", codemodel="jitdefault", jit=True,
    )  # fmt: skip
