"""SIMD vectors inside numba: several numbers (lanes) that one instruction handles at once.

numba vectorises loops where it can, but it cannot keep a small array of running sums in
registers, and that is most of the speed of the distance kernels. So this module adds a type,
`Lanes`: 16 or 32 float32 numbers, or half as many float64. LLVM keeps them in registers and
splits them into the vectors that the machine has (AVX-512, AVX2, SSE, NEON). Kernels then read
like scalar code.

Two more things that numba does not offer: an atomic counter from which threads take their next
items (`claim_next`), and reading a float16 from its bits (`widen`).
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

# Bytes of one `Lanes` value: two registers with AVX-512, four or more otherwise. Each coordinate
# of a point then starts enough independent sums that none waits for the one before.
LANE_BYTES = 128 if get_host_cpu_features().get("avx512f", False) else 64
WIDTH = {np.dtype(kind): LANE_BYTES // np.dtype(kind).itemsize for kind in (np.float32, np.float64)}

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function`, compiled by numba on first use, without the GIL, and cached on disk.

    The cache is `__pycache__` beside the source. If that is not writable, numba uses the
    user's cache directory (`~/.cache/numba` on Linux), or NUMBA_CACHE_DIR if set. If no place
    is writable, each process compiles for itself.

    numba notices changes in the file of `function` only: after a change to a function that is
    called from another file, remove `__pycache__`.
    """
    return _compile(function, fastmath=False)


def compiled_reordering(function: F) -> F:
    """As `compiled`, but sums may be reordered: faster, and not reproducible bit for bit."""
    return _compile(function, fastmath={"reassoc", "contract", "nsz"})


def inlined(function: F) -> F:
    """As `compiled`, for functions called in inner loops: the body is copied into the caller.

    A real call passes every array as eight numbers and counts references to it.
    """
    return cast(F, numba.njit(nogil=True, inline="always")(function))


def _compile(function: F, fastmath: bool | set[str]) -> F:
    try:
        return cast(F, numba.njit(nogil=True, cache=True, fastmath=fastmath)(function))
    except RuntimeError:  # no place for the cache is writable
        return cast(F, numba.njit(nogil=True, fastmath=fastmath)(function))


def instruction(define: Callable[..., Any]) -> Callable[..., Any]:
    """A function for compiled code, whose LLVM code `define` generates."""
    return cast(Callable[..., Any], intrinsic(define))


class Lanes(types.Type):
    """The numba type of `width` numbers of one dtype in registers."""

    def __init__(self, dtype: types.Type) -> None:
        self.dtype = dtype
        self.width = LANE_BYTES // (4 if dtype == types.float32 else 8)
        super().__init__(name=f"Lanes({dtype} x {self.width})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        number = ir.FloatType() if lanes.dtype == types.float32 else ir.DoubleType()
        super().__init__(manager, lanes, ir.VectorType(number, lanes.width))  # type: ignore[no-untyped-call]


def _address(context: Any, builder: Any, array_type: Any, array: Any, at: Any, what: Any) -> Any:
    """Pointer to a value of type `what` at element `at` of a one-dimensional array."""
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
    """array[at] of a flat array, for `at` >= 0: plain indexing would first test for `at` < 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.load(builder.gep(data, [args[1]]))

    return array.dtype(array, types.intp), generate


@instruction
def load(typing: Any, array: Any, at: Any) -> Any:
    """Lanes from the elements of the flat `array` that start at `at`."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        address = _address(context, builder, signature.args[0], args[0], args[1], vector)
        return builder.load(address, align=array.dtype.bitwidth // 8)

    return lanes(array, types.intp), generate


@instruction
def store(typing: Any, array: Any, at: Any, lanes: Any) -> Any:
    """Write `lanes` to the elements of the flat `array` that start at `at`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        address = _address(context, builder, signature.args[0], args[0], args[1], vector)
        builder.store(args[2], address, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.none(array, types.intp, lanes), generate


@instruction
def zero_lanes(typing: Any, lanes: Any) -> Any:
    """Lanes of the type of `lanes`, all zero."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        return ir.Constant(vector, [0.0] * vector.count)

    return lanes(lanes), generate


@instruction
def add_square(typing: Any, total: Any, lanes: Any, number: Any) -> Any:
    """total + (lanes - number)², with a fused multiply-add if the machine has one."""

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
    """A mask of the lanes that are at most `number`: bit i for lane i."""
    return types.int64(lanes, lanes.dtype), _compare("<=", lanes)


@instruction
def at_least(typing: Any, lanes: Any, number: Any) -> Any:
    """A mask of the lanes that are at least `number`: bit i for lane i."""
    return types.int64(lanes, lanes.dtype), _compare(">=", lanes)


def _compare(comparison: str, lanes: Lanes) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        number = _in_all_lanes(builder, vector, args[1])
        which = builder.fcmp_ordered(comparison, args[0], number)
        return builder.zext(builder.bitcast(which, ir.IntType(vector.count)), ir.IntType(64))

    return generate


@instruction
def lowest_bit(typing: Any, bits: Any) -> Any:
    """The index of the lowest bit that is set; `bits` must not be 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@instruction
def smallest_lane(typing: Any, lanes: Any, bits: Any) -> Any:
    """The smallest number in the lanes whose bits are set; inf if none are."""

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
def claim_next(typing: Any, counter: Any, amount: Any) -> Any:
    """Add `amount` to counter[0] atomically; returns the value before."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.atomic_rmw("add", address, args[1], "seq_cst")

    return types.int64(counter, types.int64), generate


@instruction
def prefetch(typing: Any, array: Any, at: Any) -> Any:
    """Prefetch element `at` of the flat `array` into the cache."""

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
    """`number` as float64; a uint16 holds the bits of a float16. For compiled code only."""
    raise NotImplementedError("for compiled code only")


@overload(widen, strict=False)
def _widen(number: Any) -> Any:
    if number != types.uint16:
        return lambda number: np.float64(number)  # noqa: PLW0108  # numba needs a Python function

    def from_bits(number: Any) -> Any:
        # Shifted by 13 bits, exponent and fraction are those of a float32 that is 2**112 too
        # small; this holds for subnormal numbers too.
        bits = (np.uint32(number) & np.uint32(0x7FFF)) << np.uint32(13)
        size = np.uint32(bits).view(np.float32) * np.float32(2.0**112)
        return np.float64(-size if number & np.uint16(0x8000) else size)

    return from_bits
