// Every property of a customer; a signup as microseconds.
MATCH (p:Person) WHERE p.id > $after
WITH p ORDER BY p.id LIMIT $people
WITH collect(p) AS people, max(p.id) AS last
RETURN last, [p IN people WHERE p:Customer |
  p {.*, signup: p.signup.epochMillis * 1000 + p.signup.microsecond % 1000}] AS rows
