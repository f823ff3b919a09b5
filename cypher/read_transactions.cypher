MATCH (p:Person) WHERE p.id > $after
WITH p ORDER BY p.id LIMIT $people
WITH collect(p) AS people, max(p.id) AS last
CALL (people) {
  UNWIND people AS p
  MATCH (p)-[:MADE]->(t:Transaction)
  OPTIONAL MATCH (t)-[:OF]->(i:Item)
  RETURN collect([p.id, t, i.id]) AS found
}
RETURN last,
  [r IN found | r[0]] AS customer, [r IN found | r[2]] AS item,
  [r IN found | r[1].timestamp.epochMillis * 1000 + r[1].timestamp.microsecond % 1000] AS timestamp,
  [r IN found | r[1].amount] AS amount, [r IN found | r[1].margin] AS margin,
  [r IN found | r[1].discounted] AS discounted, [r IN found | r[1].currency] AS currency
