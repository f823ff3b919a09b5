"""Choosing nodes one after another, the best of those left each time: a heap of all nodes, and two ways to vote.

======  =====================  =======================================================================
heap    int32                  (n,) the first ``size`` are the nodes left; greatest key first, then least number
where   int32                  (n,) place of each node in the heap, -1 when it has left
key     int64 or float64       (n,)
size    int64                  (1,)
======  =====================  =======================================================================
"""

from influence.kernels._jit import jit

__all__ = ["elect", "heap_build", "heap_pop", "heap_update", "pick_discounted"]


@jit
def _before(key, a, b):
    return key[a] > key[b] or (key[a] == key[b] and a < b)


@jit
def _sink(heap, where, key, size, place):
    node = heap[place]
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and _before(key, heap[child + 1], heap[child]):
            child += 1
        if not _before(key, heap[child], node):
            break
        heap[place] = heap[child]
        where[heap[place]] = place
        place = child
    heap[place] = node
    where[node] = place


@jit
def _rise(heap, where, key, place):
    node = heap[place]
    while place > 0:
        parent = (place - 1) // 2
        if not _before(key, node, heap[parent]):
            break
        heap[place] = heap[parent]
        where[heap[place]] = place
        place = parent
    heap[place] = node
    where[node] = place


@jit
def heap_build(heap, where, key, size):
    """Make a heap of all nodes."""
    n = heap.shape[0]
    for i in range(n):
        heap[i] = i
        where[i] = i
    size[0] = n
    for place in range(n // 2 - 1, -1, -1):
        _sink(heap, where, key, n, place)


@jit
def heap_pop(heap, where, key, size):
    """Take the first node out of a heap that is not empty, and return it."""
    node = heap[0]
    last = size[0] - 1
    size[0] = last
    where[node] = -1
    if last > 0:
        heap[0] = heap[last]
        _sink(heap, where, key, last, 0)
    return node


@jit
def heap_update(heap, where, key, size, node, value):
    """Give a node another key; nothing happens to one that has left."""
    if where[node] < 0 or key[node] == value:
        return
    better = value > key[node]
    key[node] = value
    if better:
        _rise(heap, where, key, where[node])
    else:
        _sink(heap, where, key, size[0], where[node])


@jit
def elect(in_offsets, in_sources, out_offsets, out_targets, directed, loss, ability, score, heap, where, key, size,
          chosen, votes, start, stop):  # fmt: skip
    """Elect the start-th … (stop - 1)-th node by VoteRank, and return how many there are then in all.

    ========  ======  ===============================================================================
    loss      int     of ability, of whom an elected node's arcs lead to
    ability   int64   (n,) in whole parts, so that equal scores are equal
    score     int64   (n,) Σ of the abilities that each node's arcs lead to
    key       int64   (n,) what the score once was: scores only fall, so the truth is asked for at the top
    chosen    int32   (n,)
    votes     int64   (n,) score of each when elected
    ========  ======  ===============================================================================

    Fewer than ``stop`` where no votes are left.
    """
    for rank in range(start, stop):
        if size[0] == 0:
            return rank
        top = heap[0]
        while key[top] != score[top]:
            key[top] = score[top]
            _sink(heap, where, key, size[0], 0)
            top = heap[0]
        if score[top] <= 0:
            return rank
        heap_pop(heap, where, key, size)
        chosen[rank] = top
        votes[rank] = score[top]
        _weaken(in_offsets, in_sources, directed, ability, score, top, ability[top])
        for e in range(out_offsets[top], out_offsets[top + 1]):
            voter = out_targets[e]
            _weaken(in_offsets, in_sources, directed, ability, score, voter, min(loss, ability[voter]))
    return stop


@jit
def _weaken(in_offsets, in_sources, directed, ability, score, voter, loss):
    if loss == 0:
        return
    ability[voter] -= loss
    for e in range(in_offsets[voter], in_offsets[voter + 1]):
        x = in_sources[e]
        # both ends of an undirected loop vote
        score[x] -= 2 * loss if x == voter and not directed else loss


@jit
def _discounted(degree, to_chosen, by_chosen, chance):
    rest = degree - to_chosen
    return rest - by_chosen - rest * by_chosen * chance


@jit
def pick_discounted(out_offsets, out_targets, in_offsets, in_sources, chance, degree, to_chosen, by_chosen, heap,
                    where, key, size, chosen, scores, start, stop):  # fmt: skip
    """Pick the start-th … (stop - 1)-th node by discounted degree.

    =========  =======  ==========================================
    degree     int64    (n,) out-degrees without loops
    to_chosen  int64    (n,) arcs to nodes picked before
    by_chosen  int64    (n,) arcs from nodes picked before
    key        float64  (n,) the discounted degrees
    chosen     int32    (n,)
    scores     float64  (n,) discounted degree of each when picked
    =========  =======  ==========================================
    """
    for rank in range(start, stop):
        top = heap_pop(heap, where, key, size)
        chosen[rank] = top
        scores[rank] = key[top]
        for e in range(out_offsets[top], out_offsets[top + 1]):
            v = out_targets[e]
            by_chosen[v] += 1
            heap_update(heap, where, key, size, v, _discounted(degree[v], to_chosen[v], by_chosen[v], chance))
        for e in range(in_offsets[top], in_offsets[top + 1]):
            v = in_sources[e]
            to_chosen[v] += 1
            heap_update(heap, where, key, size, v, _discounted(degree[v], to_chosen[v], by_chosen[v], chance))
