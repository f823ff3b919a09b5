MATCH (p:Person) WHERE p.id > $after
WITH p ORDER BY p.id LIMIT $people
WITH collect(p) AS people, max(p.id) AS last
CALL (people) {
  UNWIND people AS p
  MATCH (p)-[r:FOLLOWS]->()
  RETURN collect(r) AS found
}
RETURN last,
  [r IN found | startNode(r).id] AS source, [r IN found | endNode(r).id] AS target,
  [r IN found | r.since.epochMillis * 1000 + r.since.microsecond % 1000] AS since
