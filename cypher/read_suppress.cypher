MATCH (s:`suppress.label`) RETURN collect(s.`suppress.id`) AS id
