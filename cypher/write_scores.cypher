// People by their internal number; she may be another by now.
UNWIND $rows AS row
MATCH (p:`people.label`) WHERE id(p) = row.node AND p.`people.id` = row.id
SET p += row.scores, p.influence_run = $run
