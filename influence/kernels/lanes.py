"""Rows of 512 bits, a bit a source or a byte a register: the inmost loops of searches from all nodes at once.

Numba makes scalar code of eight words joined one by one, several times as slow as one vector operation a row; so
these loops are written in LLVM's own terms. Where compilation is switched off, plain functions do the same.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.extending import intrinsic

__all__ = ["LANES", "WIDTH", "WORDS", "max_row", "pull_row", "row_count"]

WORDS = 8
LANES = 64 * WORDS
WIDTH = 64  # bytes of a row

_WORD = ir.IntType(64)
_ROW = ir.VectorType(_WORD, WORDS)
_BYTES = ir.VectorType(ir.IntType(8), WIDTH)
_FLAGS = ir.IntType(WORDS)


def _data(context, builder, signature, arguments, place):
    return context.make_array(signature.args[place])(context, builder, arguments[place]).data


def _row(builder, words, number):
    """Return a pointer to a row of a table."""
    word = builder.gep(words, [builder.mul(number, ir.Constant(_WORD, WORDS))])
    return builder.bitcast(word, _ROW.as_pointer())


def _bits(builder, row):
    """Return how many bits of a row are set."""
    kind = ir.FunctionType(_ROW, [_ROW])
    row = builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.ctpop.v{WORDS}i64"), [row])
    total = ir.Constant(_WORD, 0)
    for word in range(WORDS):
        total = builder.add(total, builder.extract_element(row, ir.Constant(ir.IntType(32), word)))
    return total


def _same(builder, left, right):
    equal = builder.bitcast(builder.icmp_unsigned("==", left, right), _FLAGS)
    return builder.icmp_unsigned("==", equal, ir.Constant(_FLAGS, (1 << WORDS) - 1))


def _plain_pull_row(nodes, begin, end, marks, mark, before, seen, after, number, everyone):
    start = seen[number].copy()
    for arc in range(begin, end):
        if marks[nodes[arc]] == mark:
            seen[number] |= before[nodes[arc]]
    after[number] = seen[number] ^ start
    return _plain_row_count(after, number)


def _plain_row_count(table, number):
    return int(np.bitwise_count(table[number]).sum())


def _plain_max_row(nodes, begin, end, marks, mark, before, after, number, part, tops, top):
    place = slice(part * WIDTH, (part + 1) * WIDTH)
    after[number, place] = before[number, place]
    for arc in range(begin, end):
        if marks[nodes[arc]] == mark:
            after[number, place] = np.maximum(after[number, place], before[nodes[arc], place])
    return bool((after[number, place] != before[number, place]).any())


def _in_llvm(plain):
    """Return the intrinsic that is decorated, or the plain function where compilation is switched off."""

    def choose(emit):
        return plain if vars(config)["DISABLE_JIT"] else intrinsic(emit)

    return choose


@_in_llvm(_plain_pull_row)
def pull_row(typing, nodes, begin, end, marks, mark, before, seen, after, number, everyone):
    """Join what is marked of the rows of some nodes to a row; return how many bits that adds.

    ===============  ======  ===============================================
    nodes            int32   (m,), of which those from ``begin`` to ``end``
    marks            uint8   (n,), equal to ``mark`` where a row counts
    before           uint64  (n, 8)
    seen             uint64  (n, 8), the row ``number`` of which is joined to
    after            uint64  (n, 8), the row ``number`` of which gets what is added
    everyone         uint64  (8,) no row has more
    ===============  ======  ===============================================
    """
    signature = types.int64(nodes, types.int64, types.int64, marks, types.uint8, before, seen, after, types.int64,
                            everyone)  # fmt: skip

    def code(context, builder, signature, arguments):
        def data(place):
            return _data(context, builder, signature, arguments, place)

        nodes, marks, before = data(0), data(3), data(5)
        _, begin, end, _, mark, _, _, _, number, _ = arguments
        full = builder.load(builder.bitcast(data(9), _ROW.as_pointer()), align=8)
        seen_row = _row(builder, data(6), number)
        start = builder.load(seen_row, align=8)

        entry = builder.block
        head, body, take, following, done = (
            builder.append_basic_block(name) for name in ("head", "body", "take", "following", "done")
        )
        builder.cbranch(_same(builder, start, full), done, head)

        builder.position_at_end(head)
        arc, held = builder.phi(_WORD), builder.phi(_ROW)
        builder.cbranch(builder.icmp_signed("<", arc, end), body, done)

        builder.position_at_end(body)
        node = builder.zext(builder.load(builder.gep(nodes, [arc])), _WORD)
        builder.cbranch(builder.icmp_unsigned("==", builder.load(builder.gep(marks, [node])), mark), take, following)

        builder.position_at_end(take)
        joined = builder.or_(held, builder.load(_row(builder, before, node), align=8))
        builder.cbranch(_same(builder, joined, full), done, following)

        builder.position_at_end(following)
        kept = builder.phi(_ROW)
        kept.add_incoming(held, body)
        kept.add_incoming(joined, take)
        next_arc = builder.add(arc, ir.Constant(_WORD, 1))
        builder.branch(head)
        arc.add_incoming(begin, entry)
        arc.add_incoming(next_arc, following)
        held.add_incoming(start, entry)
        held.add_incoming(kept, following)

        builder.position_at_end(done)
        row = builder.phi(_ROW)
        row.add_incoming(start, entry)
        row.add_incoming(held, head)
        row.add_incoming(joined, take)
        new = builder.xor(row, start)
        builder.store(row, seen_row, align=8)
        builder.store(new, _row(builder, data(7), number), align=8)
        return _bits(builder, new)

    return signature, code


@_in_llvm(_plain_row_count)
def row_count(typing, table, number):
    """Return how many bits are set in a row of a table of uint64, shape (n, 8)."""

    def code(context, builder, signature, arguments):
        table = _data(context, builder, signature, arguments, 0)
        return _bits(builder, builder.load(_row(builder, table, arguments[1]), align=8))

    return types.int64(table, types.int64), code


@_in_llvm(_plain_max_row)
def max_row(typing, nodes, begin, end, marks, mark, before, after, number, part, tops, top):
    """Take the greater bytes of a row and of what is marked of the rows of some nodes; return whether that changed it.

    ===============  =====  ==================================================
    nodes            int32  (m,), of which those from ``begin`` to ``end``
    marks            uint8  (n,), equal to ``mark`` where a row counts
    before, after    uint8  (n, width), of which 64 bytes from 64 * ``part``
    tops             uint8  (t, width), the row ``top`` of which is not exceeded
    ===============  =====  ==================================================
    """
    signature = types.boolean(nodes, types.int64, types.int64, marks, types.uint8, before, after, types.int64,
                              types.int64, tops, types.int64)  # fmt: skip

    def code(context, builder, signature, arguments):
        def data(place):
            return _data(context, builder, signature, arguments, place)

        nodes, marks, before = data(0), data(3), data(5)
        _, begin, end, _, mark, _, _, number, part, _, top = arguments
        width = context.make_array(signature.args[5])(context, builder, arguments[5]).shape
        width = builder.extract_value(width, 1)
        shift = builder.mul(part, ir.Constant(_WORD, WIDTH))

        def row(table, node):
            byte = builder.gep(table, [builder.add(builder.mul(node, width), shift)])
            return builder.bitcast(byte, _BYTES.as_pointer())

        def equal(left, right):
            flags = builder.bitcast(builder.icmp_unsigned("==", left, right), ir.IntType(WIDTH))
            return builder.icmp_unsigned("==", flags, ir.Constant(ir.IntType(WIDTH), (1 << WIDTH) - 1))

        start = builder.load(row(before, number), align=1)
        full = builder.load(row(data(9), top), align=1)
        entry = builder.block
        head, body, take, following, done = (
            builder.append_basic_block(name) for name in ("head", "body", "take", "following", "done")
        )
        builder.cbranch(equal(start, full), done, head)

        builder.position_at_end(head)
        arc, held = builder.phi(_WORD), builder.phi(_BYTES)
        builder.cbranch(builder.icmp_signed("<", arc, end), body, done)

        builder.position_at_end(body)
        node = builder.zext(builder.load(builder.gep(nodes, [arc])), _WORD)
        builder.cbranch(builder.icmp_unsigned("==", builder.load(builder.gep(marks, [node])), mark), take, following)

        builder.position_at_end(take)
        other = builder.load(row(before, node), align=1)
        joined = builder.select(builder.icmp_unsigned(">", other, held), other, held)
        builder.cbranch(equal(joined, full), done, following)

        builder.position_at_end(following)
        kept = builder.phi(_BYTES)
        kept.add_incoming(held, body)
        kept.add_incoming(joined, take)
        next_arc = builder.add(arc, ir.Constant(_WORD, 1))
        builder.branch(head)
        arc.add_incoming(begin, entry)
        arc.add_incoming(next_arc, following)
        held.add_incoming(start, entry)
        held.add_incoming(kept, following)

        builder.position_at_end(done)
        result = builder.phi(_BYTES)
        result.add_incoming(start, entry)
        result.add_incoming(held, head)
        result.add_incoming(joined, take)
        builder.store(result, row(data(6), number), align=1)
        return builder.not_(equal(result, start))

    return signature, code
