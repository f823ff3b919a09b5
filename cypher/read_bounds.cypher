MATCH (p:`people.label`) RETURN min(id(p)) AS first, max(id(p)) AS last, count(p) AS people
