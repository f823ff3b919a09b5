MATCH (p:Person) WHERE p.id > $after
WITH p ORDER BY p.id LIMIT $people
WITH collect(p) AS people, max(p.id) AS last
CALL (people) {
  UNWIND people AS p
  MATCH (p)-[:HAS_HANDLE]->(h:Handle)
  RETURN collect([p.id, h.channel, h.id]) AS found
}
RETURN last, [r IN found | r[0]] AS customer, [r IN found | r[1]] AS channel, [r IN found | r[2]] AS handle
