"""A hint to the processor that a place in memory will be read soon: it changes no result."""

from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.extending import intrinsic

__all__ = ["AHEAD", "prefetch"]

#: Reads ahead, of those that follow one after the other: 16 were too late, and with 128 some were thrown out again.
AHEAD = 64

_NUMBER = ir.IntType(32)
_BYTE = ir.IntType(8).as_pointer()


def _prefetch(typing, array, place):
    """Ask for an element of a vector; the place is int64, and is not checked."""

    def emit(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        kind = ir.FunctionType(ir.VoidType(), [_BYTE, _NUMBER, _NUMBER, _NUMBER])
        hint = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        where = builder.bitcast(builder.gep(data, [arguments[1]]), _BYTE)
        builder.call(hint, [where, _NUMBER(0), _NUMBER(3), _NUMBER(1)])  # to be read, kept near, data
        return context.get_dummy_value()

    return types.void(array, types.int64), emit


def _nothing(array, place):
    pass


prefetch = _nothing if vars(config)["DISABLE_JIT"] else intrinsic(_prefetch)
