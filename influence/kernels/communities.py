"""Communities by modularity: nodes move, communities are refined, and what was found becomes a smaller graph.

Everywhere here a graph is one of rows with both directions of each edge (of a directed graph, the sum of the two arcs)
and without self-loops, and ``strength`` (2, n) holds what each node gives and takes in all, loops included. Putting v
into a community of strengths A, B that it has ties of weight w to is worth ``w - scale * (a_v B + b_v A)``.
"""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.prefetch import prefetch
from influence.kernels.random import word

__all__ = ["aggregate", "gather", "move_nodes", "refine", "row_sums", "shuffled", "split", "squeeze"]

BLOCK = 1024
LANES = 8
AHEAD, SOON = 8, 3  # nodes of the queue
MOST = 16  # arcs of a row that are asked for early


@jit
def shuffled(n, run, key):
    """Return 0 … n - 1, runs of that length in an order that follows from the key (uint64).

    Runs keep rows that are read one after the other together in memory.
    """
    k = (n + run - 1) // run
    place = np.arange(k).astype(np.int32)
    for i in range(k - 1, 0, -1):
        drawn = word(key, i) >> np.uint64(32)
        j = np.int64((drawn * np.uint64(i + 1)) >> np.uint64(32))
        place[i], place[j] = place[j], place[i]
    order = np.empty(n, np.int32)
    count = 0
    for i in range(k):
        for v in range(place[i] * run, min(n, (place[i] + 1) * run)):
            order[count] = v
            count += 1
    return order


@jit
def move_nodes(
    offsets,
    targets,
    weight,
    unit,
    directed,
    strength,
    scale,
    least,
    label,
    totals,
    members,
    queue,
    waits,
    near,
    touched,
    empty,
    state,
    gained,
    budget,
):
    """Take nodes from the queue and move each to the community that gains most, until the queue is empty.

    ========  =======  ============================================================================
    unit      bool     all weights are 1, and are not read
    directed  bool     what nodes give and what they take differ
    least     float64  a gain below this is none
    label     int32    (n,) community of each node, changed
    totals    float64  (2, n) strengths of each community, changed
    members   int32    (n,) nodes of each community, changed
    queue     int32    (n,) a ring
    waits     uint8    (n,) whether a node is in the queue
    near      float64  (n,) zeros
    touched   int32    (n + 1,) work
    empty     int32    (n,) communities without nodes
    state     int64    (4,) where the queue begins, its length, number of empty communities, moves made
    gained    float64  (1,) what the moves gained is added
    budget    int      arcs after which it returns
    ========  =======  ============================================================================

    Traag, Waltman and van Eck's fast local move: whoever moved calls its neighbours of other communities.
    """
    n = offsets.shape[0] - 1
    head, length, n_empty, moves = state[0], state[1], state[2], state[3]
    whole = totals[0]
    while length > 0 and budget > 0:
        v = queue[head]
        if length > 2 * AHEAD and head + 2 * AHEAD < n:
            # first where a row is, then the row, then whose labels it reads, then what is known of these
            prefetch(offsets, np.int64(queue[head + 2 * AHEAD]))
            prefetch(targets, offsets[queue[head + AHEAD]])
            u = queue[head + SOON]
            for e in range(offsets[u], min(offsets[u + 1], offsets[u] + MOST)):
                prefetch(label, np.int64(targets[e]))
            u = queue[head + 1]
            for e in range(offsets[u], min(offsets[u + 1], offsets[u] + MOST)):
                c = np.int64(label[targets[e]])
                prefetch(near, c)
                prefetch(whole, c)
        head += 1
        if head == n:
            head = 0
        length -= 1
        waits[v] = 0
        low, high = offsets[v], offsets[v + 1]
        budget -= high - low + 1
        own = label[v]
        count = 0
        if unit:
            for e in range(low, high):
                c = label[targets[e]]
                so_far = near[c]
                touched[count] = c
                count += so_far == 0.0
                near[c] = so_far + 1.0
        else:
            for e in range(low, high):
                c = label[targets[e]]
                so_far = near[c]
                touched[count] = c
                count += so_far == 0.0
                near[c] = so_far + weight[e]
        best = own
        if directed:
            a, b = strength[0, v] * scale, strength[1, v] * scale
            gain = near[own] - a * (totals[1, own] - strength[1, v]) - b * (totals[0, own] - strength[0, v])
        else:  # the two terms are the same
            a, b = 0.0, 2.0 * strength[0, v] * scale
            gain = near[own] - b * (totals[0, own] - strength[0, v])
        stay = gain
        for i in range(count):
            c = touched[i]
            here = near[c] - b * totals[0, c]
            if directed:
                here -= a * totals[1, c]
            near[c] = 0.0
            if here > gain and c != own and here > stay + least:
                gain = here
                best = c
        if gain < -least and members[own] > 1:
            n_empty -= 1
            best = empty[n_empty]
            gain = 0.0
        if best == own:
            continue
        moves += 1
        gained[0] += gain - stay
        totals[0, own] -= strength[0, v]
        totals[1, own] -= strength[1, v]
        totals[0, best] += strength[0, v]
        totals[1, best] += strength[1, v]
        members[own] -= 1
        if members[own] == 0:
            totals[0, own] = 0.0
            totals[1, own] = 0.0
            empty[n_empty] = own
            n_empty += 1
        members[best] += 1
        label[v] = best
        for e in range(low, high):
            u = targets[e]
            if waits[u] == 0 and label[u] != best:
                waits[u] = 1
                place = head + length
                if place >= n:
                    place -= n
                queue[place] = u
                length += 1
    state[0], state[1], state[2], state[3] = head, length, n_empty, moves


@jit
def gather(group, n_groups, order):
    """Return the nodes of each group, in the given order: offsets int64 (n_groups + 1,), nodes int32 (n,)."""
    n = group.shape[0]
    offsets = np.zeros(n_groups + 1, np.int64)
    for v in range(n):
        offsets[group[v] + 1] += 1
    for c in range(n_groups):
        offsets[c + 1] += offsets[c]
    cursor = offsets[:n_groups].copy()
    nodes = np.empty(n, np.int32)
    for i in range(n):
        v = order[i]
        nodes[cursor[group[v]]] = v
        cursor[group[v]] += 1
    return offsets, nodes


@jit(parallel=True)
def refine(
    offsets,
    targets,
    weight,
    strength,
    scale,
    heat,
    key,
    label,
    totals,
    first,
    nodes,
    part,
    sums,
    outside,
    alone,
    near,
    touched,
    chance,
    start,
    stop,
):
    """Split the communities from ``start`` on, before ``stop``, into parts that are well connected.

    =============  =======  =========================================================================
    heat           float64  merges that gain this much more are e times as likely
    label, totals           community of each node, and strengths of each community
    first, nodes            nodes of each community, in random order
    part           int32    (n,) filled: a node of the part, by which it is called
    sums           float64  (2, n) filled: strengths of each part
    outside        float64  (n,) filled: weight between each part and the rest of its community
    alone          uint8    (n,) filled: whether a part is one node
    near           float64  (n,) zeros
    touched, chance         int32 and float64 (n,) work
    =============  =======  =========================================================================

    A community works in its own places of every array, so communities do not meet. A node on its own joins a part at
    random among those it gains by joining, if both are well connected to the rest of the community.
    """
    for lane in prange(LANES):
        # Large communities often stand side by side: lanes take turns, so that no thread gets all of them.
        for s in range(start + lane, stop, LANES):
            low, high = first[s], first[s + 1]
            whole_a, whole_b = totals[0, s], totals[1, s]
            for i in range(low, high):
                v = nodes[i]
                part[v] = v
                sums[0, v], sums[1, v] = strength[0, v], strength[1, v]
                alone[v] = 1
                inside = 0.0
                for e in range(offsets[v], offsets[v + 1]):
                    inside += weight[e] if label[targets[e]] == s else 0.0
                outside[v] = inside
            for i in range(low, high):
                v = nodes[i]
                if alone[v] == 0 or part[v] != v:
                    continue
                a, b = strength[0, v] * scale, strength[1, v] * scale
                if outside[v] < a * (whole_b - strength[1, v]) + b * (whole_a - strength[0, v]):
                    continue
                count = 0
                for e in range(offsets[v], offsets[v + 1]):
                    u = targets[e]
                    if label[u] == s:
                        p = part[u]
                        if near[p] == 0.0:
                            touched[low + count] = p
                            count += 1
                        near[p] += weight[e]
                most = 0.0  # staying alone gains nothing
                for j in range(low, low + count):
                    p = touched[j]
                    gain = near[p] - a * sums[1, p] - b * sums[0, p]
                    bound = scale * (sums[0, p] * (whole_b - sums[1, p]) + sums[1, p] * (whole_a - sums[0, p]))
                    chance[j] = gain if outside[p] >= bound else -1.0
                    most = max(most, chance[j])
                if most > 0.0:
                    total = np.exp(-most / heat)
                    for j in range(low, low + count):
                        chance[j] = np.exp((chance[j] - most) / heat) if chance[j] >= 0.0 else 0.0
                        total += chance[j]
                    drawn = total * (np.float64(word(key, v) >> np.uint64(11)) / 9007199254740992.0)
                    to = -1
                    for j in range(low, low + count):
                        if chance[j] > 0.0:
                            if drawn < chance[j]:
                                to = touched[j]
                                break
                            drawn -= chance[j]
                    if to >= 0:
                        part[v] = to
                        alone[to] = 0
                        sums[0, to] += strength[0, v]
                        sums[1, to] += strength[1, v]
                        outside[to] += outside[v] - 2.0 * near[to]
                for j in range(low, low + count):
                    near[touched[j]] = 0.0


@jit
def split(offsets, targets, label, part, queue):
    """Fill ``part`` (n,), -1 at first, with the least node that a node is joined to within its community."""
    for root in range(offsets.shape[0] - 1):
        if part[root] >= 0:
            continue
        part[root] = root
        queue[0] = root
        head, tail = 0, 1
        while head < tail:
            v = queue[head]
            head += 1
            for e in range(offsets[v], offsets[v + 1]):
                u = targets[e]
                if part[u] < 0 and label[u] == label[v]:
                    part[u] = root
                    queue[tail] = u
                    tail += 1


@jit(parallel=True)
def aggregate(offsets, targets, weight, group, first, nodes, room, near, touched, new_targets, new_weight, length):
    """Write the row of each group at ``room`` among the new arcs: weights to every other group, added up.

    =============  =======  =====================================================
    group          int32    (n,) in 0 … k - 1
    first, nodes            nodes of each group
    room           int64    (k + 1,) arcs of the nodes of the groups before
    near           float64  (LANES, k) zeros
    touched        int32    (LANES, k) work
    length         int64    (k,) filled: arcs of each new row
    =============  =======  =====================================================
    """
    k = first.shape[0] - 1
    arcs = room[k]
    for lane in prange(LANES):
        # Lanes share the arcs evenly; what a row holds does not depend on its lane.
        low = np.searchsorted(room[:k], arcs * lane // LANES)
        high = np.searchsorted(room[:k], arcs * (lane + 1) // LANES) if lane < LANES - 1 else k
        weights, met = near[lane], touched[lane]
        for c in range(low, high):
            count = 0
            for i in range(first[c], first[c + 1]):
                v = nodes[i]
                for e in range(offsets[v], offsets[v + 1]):
                    g = group[targets[e]]
                    if g != c:
                        if weights[g] == 0.0:
                            met[count] = g
                            count += 1
                        weights[g] += weight[e]
            place = room[c]
            for j in range(count):
                g = met[j]
                new_targets[place + j] = g
                new_weight[place + j] = weights[g]
                weights[g] = 0.0
            length[c] = count


@jit(parallel=True)
def squeeze(room, offsets, targets, weight):
    """Return the arcs of rows that have room between them, without that."""
    k = offsets.shape[0] - 1
    new_targets = np.empty(offsets[k], np.int32)
    new_weight = np.empty(offsets[k], np.float64)
    for b in prange((k + BLOCK - 1) // BLOCK):
        for c in range(b * BLOCK, min(k, (b + 1) * BLOCK)):
            for j in range(offsets[c + 1] - offsets[c]):
                new_targets[offsets[c] + j] = targets[room[c] + j]
                new_weight[offsets[c] + j] = weight[room[c] + j]
    return new_targets, new_weight


@jit(parallel=True)
def row_sums(offsets, targets, weight, label, inside, whole, loop):
    """Add up each row: the weight of arcs within the label, of all arcs, and of the self-loop, each (n,), filled."""
    n = offsets.shape[0] - 1
    for b in prange((n + BLOCK - 1) // BLOCK):
        for v in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            c = label[v]
            same, total, own = 0.0, 0.0, 0.0
            for e in range(offsets[v], offsets[v + 1]):
                u = targets[e]
                w = weight[e]
                total += w
                same += w if label[u] == c else 0.0
                own += w if u == v else 0.0
            inside[v] = same
            whole[v] = total
            loop[v] = own
