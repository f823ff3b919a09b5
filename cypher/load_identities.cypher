UNWIND $rows AS row
MATCH (p:Person {id: row.customer})
MERGE (h:Handle {channel: row.channel, id: row.handle})
MERGE (p)-[:HAS_HANDLE]->(h)
