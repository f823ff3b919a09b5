UNWIND $rows AS row
MERGE (:Suppressed {id: row.id})
