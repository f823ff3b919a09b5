// What an older run left, 10,000 people a transaction.
MATCH (p:`people.label`) WHERE p.influence_run <> $run
CALL (p) {
  REMOVE p.influence_rank, p.influence_network_value, p.influence_low, p.influence_high, p.influence_p_top,
    p.influence_own_value, p.influence_quadrant, p.influence_authenticity, p.influence_reasons, p.influence_run
} IN TRANSACTIONS OF 10000 ROWS
