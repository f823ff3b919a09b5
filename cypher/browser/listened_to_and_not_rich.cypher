// Whose influence is worth more than her own purchases: who would be missed in a list by spending.
MATCH (c:Person) WHERE c.influence_network_value > c.influence_own_value
RETURN c.id AS customer, c.influence_rank AS rank, c.influence_network_value AS network_value,
  c.influence_own_value AS own_value
ORDER BY rank LIMIT 50
