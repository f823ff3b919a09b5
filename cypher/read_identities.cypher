MATCH (p) WHERE id(p) IN $nodes
MATCH (p)-[:`identities.relationship`]->(h:`identities.label`)
WITH collect([id(p), h.`identities.channel`, h.`identities.handle`]) AS found
RETURN [r IN found | r[0]] AS customer, [r IN found | r[1]] AS channel, [r IN found | r[2]] AS handle
