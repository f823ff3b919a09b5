"""Components: whom a node can reach, and who can reach each other.

One large component holds most of a real graph. It is found from a node of many neighbours by pulling: everybody not
reached yet looks for one neighbour who is, each writing to itself alone, which needs no locks on any number of threads.
What is left is small.
"""

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["NEVER", "busiest", "link", "pull_reached", "push_reached", "renumber", "root_of_each", "tarjan", "trim"]

BLOCK = 1024
NEVER = 255


@jit
def busiest(out_offsets, in_offsets, ways):
    """Return the node with the most edges out and in, or the greatest product of the two if ``ways`` is 2."""
    best, most = 0, np.int64(-1)
    for v in range(out_offsets.shape[0] - 1):
        out, into = out_offsets[v + 1] - out_offsets[v], in_offsets[v + 1] - in_offsets[v]
        # capped, for the product must fit
        size = min(out, 1 << 31) * min(into, 1 << 31) if ways == 2 else out + into
        if size > most:
            best, most = v, size
    return best


@jit(parallel=True)
def pull_reached(offsets, neighbours, more_offsets, more_neighbours, both, stamp, number, start, stop):
    """Stamp the nodes from ``start`` on, before ``stop``, who have a neighbour reached before this round.

    ===================  =====  ==================================================================================
    offsets, neighbours         rows of those from whom a node is reached
    more_*                      a second such set of rows, read only if ``both``
    stamp                uint8  (n,) round in which a node was reached, 0 if not yet, ``NEVER`` if its rows are empty
    number               int    this round, below ``NEVER``
    ===================  =====  ==================================================================================

    Returns how many were stamped. Stamps of this round are not looked at, so it does not matter who comes first.
    """
    blocks = (stop - start + BLOCK - 1) // BLOCK
    found = 0
    for b in prange(blocks):
        mine = 0
        for v in range(start + b * BLOCK, min(stop, start + (b + 1) * BLOCK)):
            if stamp[v] != 0:
                continue
            if offsets[v] == offsets[v + 1] and (not both or more_offsets[v] == more_offsets[v + 1]):
                stamp[v] = NEVER
                continue
            reached = False
            for e in range(offsets[v], offsets[v + 1]):
                s = stamp[neighbours[e]]
                if s != 0 and s < number:
                    reached = True
                    break
            if both and not reached:
                for e in range(more_offsets[v], more_offsets[v + 1]):
                    s = stamp[more_neighbours[e]]
                    if s != 0 and s < number:
                        reached = True
                        break
            if reached:
                stamp[v] = number
                mine += 1
        found += mine
    return found


@jit
def push_reached(offsets, targets, stamp, queue, state, number, budget):
    """Stamp whoever is reached from the nodes in the queue, and queue them in turn.

    ======  =====  ===================================================================
    queue   int32  (n,)
    state   int64  (2,) where the queue begins and ends
    budget  int    arcs after which it returns
    ======  =====  ===================================================================
    """
    head, tail = state[0], state[1]
    while head < tail and budget > 0:
        v = queue[head]
        head += 1
        budget -= offsets[v + 1] - offsets[v] + 1
        for e in range(offsets[v], offsets[v + 1]):
            u = targets[e]
            if stamp[u] == 0:
                stamp[u] = number
                queue[tail] = u
                tail += 1
    state[0], state[1] = head, tail


@jit
def link(out_offsets, out_targets, in_offsets, in_sources, both, stamp, first, parent, start, stop):
    """Join each node without a stamp to its neighbours, and to all that have one if it has such a neighbour.

    ======  =====  ==========================================================
    stamp   uint8  (n,) neither 0 nor ``NEVER``: belongs with ``first``
    first   int    the least of those with a stamp
    parent  int32  (n,) a lesser or the same node of the same component
    ======  =====  ==========================================================
    """
    for v in range(start, stop):
        if stamp[v] != 0:
            continue
        for way in range(2 if both else 1):
            if way == 0:
                low, high = out_offsets[v], out_offsets[v + 1]
            else:
                low, high = in_offsets[v], in_offsets[v + 1]
            for e in range(low, high):
                u = out_targets[e] if way == 0 else in_sources[e]
                if stamp[u] != 0:
                    u = first
                elif u > v:
                    continue  # seen from the other end
                a, b = np.int64(v), np.int64(u)
                while parent[a] != a:
                    parent[a] = parent[parent[a]]
                    a = np.int64(parent[a])
                while parent[b] != b:
                    parent[b] = parent[parent[b]]
                    b = np.int64(parent[b])
                if a < b:
                    parent[b] = a
                elif b < a:
                    parent[a] = b


@jit(parallel=True)
def root_of_each(parent):
    """Return the last of each node's parents, shape (n,); ``parent`` is left as it is."""
    n = parent.shape[0]
    root = np.empty(n, np.int32)
    for b in prange((n + BLOCK - 1) // BLOCK):
        for v in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            r = parent[v]
            while parent[r] != r:
                r = parent[r]
            root[v] = r
    return root


@jit
def renumber(group, n_groups):
    """Count the members of groups, numbered in the order in which they are met.

    ========  =====  ==================================================
    group     int32  (n,) in 0 … n_groups - 1, not all of which need occur
    labels    int32  (n,) from 0
    sizes     int64  (k,) members of each
    ========  =====  ==================================================
    """
    n = group.shape[0]
    code = np.full(n_groups, -1, np.int32)
    labels = np.empty(n, np.int32)
    sizes = np.zeros(min(n, n_groups), np.int64)
    k = 0
    for v in range(n):
        c = code[group[v]]
        if c < 0:
            c = np.int32(k)
            code[group[v]] = c
            k += 1
        labels[v] = c
        sizes[c] += 1
    return labels, sizes[:k].copy()


@jit(parallel=True)
def trim(out_offsets, out_targets, in_offsets, in_sources, kind, start, stop):
    """Set ``kind`` to 4 for the nodes with nobody else of their kind before them, or behind them.

    ====  =====  ===========================================
    kind  uint8  (n,) below 3: may share a component with others of its kind
    ====  =====  ===========================================
    """
    for b in prange((stop - start + BLOCK - 1) // BLOCK):
        for v in range(start + b * BLOCK, min(stop, start + (b + 1) * BLOCK)):
            mine = kind[v]
            if mine > 2:
                continue
            alone = True
            for e in range(out_offsets[v], out_offsets[v + 1]):
                if kind[out_targets[e]] == mine and out_targets[e] != v:
                    alone = False
                    break
            if not alone:
                alone = True
                for e in range(in_offsets[v], in_offsets[v + 1]):
                    if kind[in_sources[e]] == mine and in_sources[e] != v:
                        alone = False
                        break
            if alone:
                kind[v] = 4


@jit
def tarjan(offsets, targets, kind, rank, path, cursor, lower, stack, state, budget):
    """Give every node the number of its strong component, in ``rank``.

    ======  =====  ==============================================================================================
    kind    uint8  (n,) components lie within a kind; of kind 3 all are one component, of kind 4 each is its own
    rank    int32  (n,) 0 at first; 1 … while a node is open, then n + 1 - (components closed before)
    path    int32  (n,) nodes on the way from the root
    cursor  int64  (n,) next arc of each node on the path
    lower   uint8  (n,) whether a node on the path leads to one opened before it
    stack   int32  (n,) nodes left behind, still open
    state   int64  (5,) next rank, next number, height of the stack, length of the path, next root; begins 1, n + 1, 0,
                   0, 0
    budget  int    arcs after which it returns
    ======  =====  ==============================================================================================

    Returns whether all is done. Numbers are above all ranks of open nodes, so one comparison serves for both
    (Pearce, "A space-efficient algorithm for finding strongly connected components", 2016, algorithm 3).
    """
    n = offsets.shape[0] - 1
    index, number, height, depth, root = state[0], state[1], state[2], state[3], state[4]
    if index == 1 and number == n + 1 and root == 0:
        for v in range(n):
            if kind[v] == 3:
                rank[v] = number
        number -= 1
    while budget > 0:
        if depth == 0:
            while root < n and rank[root] != 0:
                root += 1
            if root == n:
                break
            if kind[root] == 4:
                rank[root] = number
                number -= 1
                continue
            path[0] = root
            depth = 1
            rank[root] = index
            index += 1
            lower[root] = 0
            cursor[root] = offsets[root]
        v = path[depth - 1]
        mine = kind[v]
        deeper = False
        e = cursor[v]
        first = e
        while e < offsets[v + 1]:
            u = targets[e]
            if kind[u] == mine:
                if rank[u] == 0:
                    deeper = True
                    break
                if rank[u] < rank[v]:
                    rank[v] = rank[u]
                    lower[v] = 1
            e += 1
        cursor[v] = e
        budget -= e - first + 1
        if deeper:
            # The arc is looked at again on the way back, and then its end has a rank.
            path[depth] = u
            depth += 1
            rank[u] = index
            index += 1
            lower[u] = 0
            cursor[u] = offsets[u]
        else:
            depth -= 1
            if lower[v] == 0:
                index -= 1
                while height > 0 and rank[v] <= rank[stack[height - 1]]:
                    height -= 1
                    rank[stack[height]] = number
                    index -= 1
                rank[v] = number
                number -= 1
            else:
                stack[height] = v
                height += 1
    state[0], state[1], state[2], state[3], state[4] = index, number, height, depth, root
    return root == n and depth == 0
