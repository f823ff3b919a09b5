UNWIND $rows AS row
OPTIONAL MATCH ()-[old:INTERACTED {key: row.key}]->()
WITH row WHERE old IS NULL
MATCH (a:Person {id: row.source})
MATCH (b:Person {id: row.target})
CREATE (a)-[r:INTERACTED]->(b)
SET r = row.properties, r.key = row.key
SET r.timestamp = CASE WHEN row.seconds IS NULL THEN null
  ELSE datetime({epochSeconds: row.seconds, nanosecond: row.nanoseconds}) END
