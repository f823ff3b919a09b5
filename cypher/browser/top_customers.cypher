// The first twenty customers by influence, and why.
MATCH (c:Person) WHERE c.influence_rank <= 20
RETURN c.influence_rank AS rank, c.id AS customer, c.influence_network_value AS network_value,
  c.influence_own_value AS own_value, c.influence_reasons AS reasons
ORDER BY rank
