"""A simulated community as plain rows, small enough for the oracles and busy enough for every step."""

import numpy as np
from oracles import DAY, UNDATED
from value.oracles_value import START, Log


def busy_log(seed=0, *, n=40, items=60, days=600, dated_follows=True, reactions=300, pull=0.4):
    """Return a log in which followers of the first few people often act on an item soon after them."""
    rng = np.random.default_rng(seed)
    log = Log(n)
    for v in range(n):
        chance = 1.0 / (1.0 + np.arange(n))
        chance[v] = 0.0
        for u in rng.choice(n, 5, replace=False, p=chance / chance.sum()):
            since = START + int(rng.integers(0, days // 3)) * DAY if dated_follows else UNDATED
            log.follows.append((v, int(u), since))
    for item in range(items):
        begun = START + int(rng.integers(0, days - 70)) * DAY
        leader = int(rng.integers(0, 6))
        log.acts.append((leader, item, begun))
        for v, u, since in log.follows:
            if u == leader and since <= begun and rng.random() < pull:
                log.acts.append((v, item, begun + int(rng.integers(1, 60 * 24)) * (DAY // 24)))
        for v in rng.choice(n, 5, replace=False):
            log.acts.append((int(v), item, START + int(rng.integers(0, days * 24)) * (DAY // 24)))
    for _ in range(reactions):
        v, u, _ = log.follows[int(rng.integers(0, len(log.follows)))]
        kind = ("reply", "share", "like")[int(rng.integers(0, 3))]
        log.reactions.append((v, u, kind, START + int(rng.integers(0, days * 24)) * (DAY // 24)))
    # everybody occurs, and the log spans all days whatever is drawn
    log.follows += [(v, (v + 1) % n, START) for v in range(n)]
    log.acts += [(n - 1, items, START), (n - 2, items + 1, START + days * DAY)]
    return log
