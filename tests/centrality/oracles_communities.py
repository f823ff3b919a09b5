"""Slow and plain: modularity from its matrix, the best partition of all, and label propagation drawn alike."""

import numpy as np

MASK = (1 << 64) - 1


def modularity(matrix, labels, directed, resolution=1.0):
    """Q from the matrix of all pairs; ``matrix`` holds both arcs of an undirected edge, and a loop once."""
    matrix = np.array(matrix, float)
    if not directed:
        matrix = matrix + np.diag(np.diag(matrix))
    whole = matrix.sum()
    expected = np.outer(matrix.sum(1), matrix.sum(0)) / whole
    same = np.equal.outer(labels, labels)
    return float(((matrix - resolution * expected) * same).sum() / whole)


def partitions(n):
    """Yield every partition of 0 … n - 1 as labels (restricted growth strings)."""

    def grow(labels, most):
        if len(labels) == n:
            yield list(labels)
            return
        for label in range(most + 2):
            yield from grow([*labels, label], max(most, label))

    yield from grow([0], 0) if n else iter([[]])


def connected(matrix, labels):
    """Whether each part hangs together, whatever the directions."""
    ties = (matrix + matrix.T) > 0
    for label in set(labels):
        nodes = [v for v, mine in enumerate(labels) if mine == label]
        seen, todo = {nodes[0]}, [nodes[0]]
        while todo:
            v = todo.pop()
            new = [u for u in nodes if ties[v, u] and u not in seen]
            seen.update(new)
            todo.extend(new)
        if len(seen) < len(nodes):
            return False
    return True


def word(key, number):
    """splitmix64's output after so many steps from the key."""
    z = (key + (number + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def shuffled(n, key):
    """Fisher and Yates, from the end."""
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = ((word(key, i) >> 32) * (i + 1)) >> 32
        order[i], order[j] = order[j], order[i]
    return order


def key_of(*numbers):
    return int(np.random.SeedSequence(list(numbers)).generate_state(1, np.uint64)[0])


def label_propagation(matrix, seed, max_rounds=100):
    """Raghavan's, every node in every round, drawing what ours draws; rows of ``matrix`` are looked at."""
    n = len(matrix)
    labels = list(range(n))
    for number in range(max_rounds):
        changed = False
        lots = key_of(seed, number, 1)
        for v in shuffled(n, key_of(seed, number, 0)):
            weight = {}
            for u in np.flatnonzero(matrix[v]):
                weight[labels[u]] = weight.get(labels[u], 0.0) + matrix[v, u]
            best = [label for label, w in weight.items() if w == max(weight.values())]
            if best and labels[v] not in best:
                labels[v] = best[((word(lots, v) >> 32) * len(best)) >> 32]
                changed = True
        if not changed:
            break
    return labels
