OPTIONAL MATCH (s:InfluenceStore {id: "terms"})
RETURN [key IN keys(s) WHERE key <> "id" | [key, s[key]]] AS terms
