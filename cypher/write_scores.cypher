UNWIND $rows AS row
MATCH (p:Person {id: row.id})
SET p += row.scores, p.influence_run = $run
