"""In-arcs that can be live, the likely ones first."""

from influence.kernels._jit import jit, prange

__all__ = ["fill_rows", "survey_rows"]

# Gaps of a shell sort (Ciura 2001, and on by 2.25): in place, and quick to compile.
_GAPS = (6556469, 2913986, 1295105, 575602, 255823, 113699, 50533, 22459, 9982, 4436, 1972, 877, 390, 173, 77, 34, 15)


@jit(parallel=True)
def survey_rows(offsets, sources, edges, probability, kept, low, high, some):
    """Fill in, for each row, how many of its arcs can be live, their least and greatest chance, and that of any.

    ===========  =======  ================================================
    offsets      int64    (n + 1,) in-rows
    sources      int32    (m,)
    edges        int64    (m,) where each arc's chance stands
    probability  float64  (m,)
    kept         int64    (n,) arcs that are no loops and have a chance
    low, high    float64  (n,)
    some         float64  (n,) that at least one is live
    ===========  =======  ================================================
    """
    for v in prange(kept.shape[0]):
        count = 0
        least, most, any_live = 2.0, 0.0, 0.0
        for i in range(offsets[v], offsets[v + 1]):
            p = probability[edges[i]]
            if p > 0.0 and sources[i] != v:
                count += 1
                least = min(least, p)
                most = max(most, p)
                any_live += (1.0 - any_live) * p
        kept[v] = count
        low[v] = least
        high[v] = most
        some[v] = any_live


@jit
def _sort(sources, chance, begin, end):
    """Sort by falling chance, ties by source."""
    for g in range(len(_GAPS) + 3):
        gap = _GAPS[g] if g < len(_GAPS) else (6, 3, 1)[g - len(_GAPS)]
        for i in range(begin + gap, end):
            p, u = chance[i], sources[i]
            j = i
            while j - gap >= begin and (chance[j - gap] < p or (chance[j - gap] == p and sources[j - gap] > u)):
                chance[j], sources[j] = chance[j - gap], sources[j - gap]
                j -= gap
            chance[j], sources[j] = p, u


@jit(parallel=True)
def fill_rows(offsets, sources, edges, probability, rows, row_sources, chance, ordered):
    """Fill in the arcs that :func:`survey_rows` counted.

    ===========  =======  =============================================================
    rows         int64    (n + 1,) where each row begins among the arcs kept
    row_sources  int32    (rows[n],)
    chance       float64  (rows[n],), or (0,) where no row needs it
    ordered      bool     (n,) rows that stay in the order of their sources
    ===========  =======  =============================================================
    """
    for v in prange(ordered.shape[0]):
        at = rows[v]
        for i in range(offsets[v], offsets[v + 1]):
            p = probability[edges[i]]
            if p > 0.0 and sources[i] != v:
                row_sources[at] = sources[i]
                if chance.shape[0] > 0:
                    chance[at] = p
                at += 1
        if not ordered[v]:
            _sort(row_sources, chance, rows[v], rows[v + 1])
