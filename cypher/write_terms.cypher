MERGE (s:InfluenceStore {id: "terms"})
SET s += $terms
