UNWIND $rows AS row
OPTIONAL MATCH ()-[old:ACTED {key: row.key}]->()
WITH row WHERE old IS NULL
MATCH (a:Person {id: row.customer})
MERGE (i:Item {id: row.item})
CREATE (a)-[r:ACTED]->(i)
SET r = row.properties, r.key = row.key
SET r.timestamp = CASE WHEN row.seconds IS NULL THEN null
  ELSE datetime({epochSeconds: row.seconds, nanosecond: row.nanoseconds}) END
