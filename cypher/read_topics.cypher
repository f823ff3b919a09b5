// A page of people, and what they did: lists of columns in one record.
MATCH (p:Person) WHERE p.id > $after
WITH p ORDER BY p.id LIMIT $people
WITH collect(p) AS people, max(p.id) AS last
CALL (people) {
  UNWIND people AS p
  MATCH (p)-[r:RAISED]->()
  RETURN collect(r) AS found
}
RETURN last,
  [r IN found | startNode(r).id] AS customer, [r IN found | endNode(r).id] AS topic,
  [r IN found | r.timestamp.epochMillis * 1000 + r.timestamp.microsecond % 1000] AS timestamp
