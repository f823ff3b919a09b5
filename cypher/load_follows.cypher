// Of two dates the earlier one counts, and no date is earlier than any.
UNWIND $rows AS row
MATCH (a:Person {id: row.source})
MATCH (b:Person {id: row.target})
WITH a, b, CASE WHEN row.seconds IS NULL THEN null
  ELSE datetime({epochSeconds: row.seconds, nanosecond: row.nanoseconds}) END AS since
MERGE (a)-[f:FOLLOWS]->(b)
ON CREATE SET f.since = since
ON MATCH SET f.since = CASE WHEN since < f.since THEN since WHEN since IS NULL THEN null ELSE f.since END
