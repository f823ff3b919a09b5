// Every property of those who are customers.
// A time is its microseconds, or with $dated = false what it says, as text or as a number.
MATCH (p:`customers.label`) WHERE id(p) IN $nodes
WITH collect(p) AS found
RETURN [p IN found | id(p)] AS node, [p IN found | p {.*, `customers.signup`: null}] AS rows,
  CASE WHEN "signup" IN $columns THEN [t IN [r IN found | r.`customers.signup`] | CASE
    WHEN $dated THEN t.epochMillis * 1000 + t.microsecond % 1000
    WHEN t IS :: ZONED DATETIME NOT NULL THEN toString(datetime({epochSeconds: t.epochSeconds, nanosecond: t.nanosecond}))
    WHEN t IS :: LOCAL DATETIME OR t IS :: DATE THEN toString(t)
    ELSE t END] END AS signup
