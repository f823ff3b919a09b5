// A page of people, and what they did: lists of columns in one record.
MATCH (p:Person) WHERE p.id > $after
WITH p ORDER BY p.id LIMIT $people
WITH collect(p) AS people, max(p.id) AS last
CALL (people) {
  UNWIND people AS p
  MATCH (p)-[r:INTERACTED]->()
  RETURN collect(r) AS found
}
RETURN last,
  [r IN found | startNode(r).id] AS source, [r IN found | endNode(r).id] AS target,
  [r IN found | r.timestamp.epochMillis * 1000 + r.timestamp.microsecond % 1000] AS timestamp,
  [r IN found | r.type] AS type, [r IN found | r.weight] AS weight, [r IN found | r.sentiment] AS sentiment,
  [r IN found | r.incentivised] AS incentivised, [r IN found | r.channel] AS channel, [r IN found | r.id] AS id,
  [r IN found | r.incentive_cost] AS incentive_cost
