UNWIND $rows AS row
MATCH (a:Person {id: row.customer})
MERGE (t:Transaction {key: row.key})
ON CREATE SET t += row.properties,
  t.timestamp = datetime({epochSeconds: row.seconds, nanosecond: row.nanoseconds})
MERGE (a)-[:MADE]->(t)
FOREACH (id IN CASE WHEN row.item IS NULL THEN [] ELSE [row.item] END |
  MERGE (i:Item {id: id})
  MERGE (t)-[:OF]->(i))
