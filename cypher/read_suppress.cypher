MATCH (s:Suppressed) RETURN collect(s.id) AS id
