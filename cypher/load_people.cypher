UNWIND $rows AS row
MERGE (:Person {id: row.id})
