"""Vectors of numbers inside numba: a few lanes that one instruction handles at once.

numba turns loops into vector instructions where it can, but it cannot keep a small array
of running sums in registers, and that is most of the speed of the kernel. So this module
gives it one more type, `Lanes`: 16 or 32 float32 or half as many float64 numbers that LLVM keeps in
registers and splits into whatever the machine has (AVX-512, AVX2, SSE, NEON). Kernels
then read as scalar code does.

Also here, because they too are single instructions that numba does not offer: a shared
counter from which threads draw their next piece of work, and float16 read from its bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

# Bytes of lanes: two registers where they are the widest there are (AVX-512), four or more of
# others. Each coordinate of a point then starts enough sums for none to wait for the last.
LANES = 128 if get_host_cpu_features().get("avx512f", False) else 64
WIDTH = {np.dtype(kind): LANES // np.dtype(kind).itemsize for kind in (np.float32, np.float64)}

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function` compiled by numba on first use, without the GIL, and cached on disk.

    The cache is `__pycache__` beside the source; where that cannot be written, numba takes
    the user's cache directory (`~/.cache/numba` and the like), or NUMBA_CACHE_DIR if set.
    Where there is no place at all to write, each process compiles for itself.
    """
    return _compile(function, fastmath=False)


def compiled_reordering(function: F) -> F:
    """As `compiled`, and sums may be taken in any order: fast, and not bit for bit."""
    return _compile(function, fastmath={"reassoc", "contract", "nsz"})


def part_of_kernels(function: F) -> F:
    """As `compiled`, for what kernels call in inner loops: it is written into each of them.

    A real call passes every array in parts, eight numbers each, and counts who holds it.
    """
    return cast(F, numba.njit(nogil=True, inline="always")(function))


def _compile(function: F, fastmath: bool | set[str]) -> F:
    try:
        return cast(F, numba.njit(nogil=True, cache=True, fastmath=fastmath)(function))
    except RuntimeError:  # there is no place to cache
        return cast(F, numba.njit(nogil=True, fastmath=fastmath)(function))


def instruction(define: Callable[..., Any]) -> Callable[..., Any]:
    """What compiled code calls where `define` says which LLVM code is to stand."""
    return cast(Callable[..., Any], intrinsic(define))


class Lanes(types.Type):
    """The numba type of `width` numbers of one kind in registers."""

    def __init__(self, dtype: types.Type) -> None:
        self.dtype = dtype
        self.width = LANES // (4 if dtype == types.float32 else 8)
        super().__init__(name=f"Lanes({dtype} x {self.width})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        number = ir.FloatType() if lanes.dtype == types.float32 else ir.DoubleType()
        super().__init__(manager, lanes, ir.VectorType(number, lanes.width))  # type: ignore[no-untyped-call]


def _address(context: Any, builder: Any, array_type: Any, array: Any, at: Any, what: Any) -> Any:
    """Pointer to `what`, which starts at element `at` of a one-dimensional array."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), what.as_pointer())


def _in_all_lanes(builder: Any, vector: Any, number: Any) -> Any:
    first = builder.insert_element(
        ir.Constant(vector, ir.Undefined), number, ir.Constant(ir.IntType(32), 0)
    )
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)


@instruction
def read(typing: Any, array: Any, at: Any) -> Any:
    """array[at] of a flat array, for `at` >= 0: numba would first ask if it is negative."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.load(builder.gep(data, [args[1]]))

    return array.dtype(array, types.intp), generate


@instruction
def load(typing: Any, array: Any, at: Any) -> Any:
    """Lanes from the flat `array`, from element `at` on."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        address = _address(context, builder, signature.args[0], args[0], args[1], vector)
        return builder.load(address, align=array.dtype.bitwidth // 8)

    return lanes(array, types.intp), generate


@instruction
def store(typing: Any, array: Any, at: Any, lanes: Any) -> Any:
    """Write `lanes` into the flat `array`, from element `at` on."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        address = _address(context, builder, signature.args[0], args[0], args[1], vector)
        builder.store(args[2], address, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.none(array, types.intp, lanes), generate


@instruction
def nothing(typing: Any, lanes: Any) -> Any:
    """Zero in as many lanes as `lanes` has."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        return ir.Constant(vector, [0.0] * vector.count)

    return lanes(lanes), generate


@instruction
def add_square(typing: Any, total: Any, lanes: Any, number: Any) -> Any:
    """total + (lanes - number)², rounded twice or, where the machine can, once less."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(total)
        difference = builder.fsub(args[1], _in_all_lanes(builder, vector, args[2]))
        name = f"llvm.fmuladd.v{vector.count}f{total.dtype.bitwidth}"
        kind = ir.FunctionType(vector, [vector] * 3)
        fused = cgutils.get_or_insert_function(builder.module, kind, name)  # type: ignore[no-untyped-call]
        return builder.call(fused, [difference, difference, args[0]])

    return total(total, lanes, total.dtype), generate


@instruction
def at_most(typing: Any, lanes: Any, number: Any) -> Any:
    """Which lanes are at most `number`: bit i for lane i."""
    return types.int64(lanes, lanes.dtype), _compare("<=", lanes)


@instruction
def at_least(typing: Any, lanes: Any, number: Any) -> Any:
    """Which lanes are at least `number`: bit i for lane i."""
    return types.int64(lanes, lanes.dtype), _compare(">=", lanes)


def _compare(comparison: str, lanes: Lanes) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        number = _in_all_lanes(builder, vector, args[1])
        which = builder.fcmp_ordered(comparison, args[0], number)
        return builder.zext(builder.bitcast(which, ir.IntType(vector.count)), ir.IntType(64))

    return generate


@instruction
def lowest(typing: Any, bits: Any) -> Any:
    """The place of the lowest bit that is set; one must be."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@instruction
def least(typing: Any, lanes: Any, bits: Any) -> Any:
    """The smallest number in the lanes whose bits are set; inf if none is."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        which = builder.trunc(args[1], ir.IntType(vector.count))
        which = builder.bitcast(which, ir.VectorType(ir.IntType(1), vector.count))
        far = ir.Constant(vector, [float("inf")] * vector.count)
        among = builder.select(which, args[0], far)
        name = f"llvm.vector.reduce.fmin.v{vector.count}f{lanes.dtype.bitwidth}"
        kind = ir.FunctionType(vector.element, [vector])
        reduce = cgutils.get_or_insert_function(builder.module, kind, name)  # type: ignore[no-untyped-call]
        return builder.call(reduce, [among], fastmath=("nnan", "nsz"))

    return lanes.dtype(lanes, types.int64), generate


@instruction
def claim(typing: Any, counter: Any, amount: Any) -> Any:
    """Add `amount` to counter[0], as one step among all threads; the value before."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.atomic_rmw("add", address, args[1], "seq_cst")

    return types.int64(counter, types.int64), generate


@instruction
def fetch(typing: Any, array: Any, at: Any) -> Any:
    """Begin to bring element `at` of the flat `array` into the cache."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        address = builder.bitcast(builder.gep(data, [args[1]]), byte)
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
        builder.call(prefetch, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.none(array, types.intp), generate


def widen(number: Any) -> Any:
    """`number` as float64; a uint16 is taken for the bits of a float16. Only in kernels."""
    raise NotImplementedError("for compiled code")


@overload(widen, strict=False)
def _widen(number: Any) -> Any:
    if number != types.uint16:
        return lambda number: np.float64(number)  # noqa: PLW0108  # numba needs a function of ours

    def from_bits(number: Any) -> Any:
        # Shifted into place, exponent and fraction read as a float32 that is 2**112 too
        # small, subnormal numbers included.
        bits = (np.uint32(number) & np.uint32(0x7FFF)) << np.uint32(13)
        size = np.uint32(bits).view(np.float32) * np.float32(2.0**112)
        return np.float64(-size if number & np.uint16(0x8000) else size)

    return from_bits
