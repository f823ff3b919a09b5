// People in a range of internal numbers, and what they are called.
MATCH (p:`people.label`)
WHERE id(p) IN range($first, $last) AND all(name IN keys($where) WHERE p[name] IN $where[name])
RETURN collect(CASE WHEN p.`people.id` IS NOT NULL THEN id(p) END) AS nodes, collect(p.`people.id`) AS ids
