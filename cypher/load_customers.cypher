// A later row replaces what an earlier one said; what is null goes.
UNWIND $rows AS row
MERGE (p:Person {id: row.id})
SET p:Customer, p += row.properties
SET p.signup = CASE WHEN row.seconds IS NULL THEN null
  ELSE datetime({epochSeconds: row.seconds, nanosecond: row.nanoseconds}) END
