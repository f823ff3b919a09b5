// Who follows whom: lists of columns; both ends of a tie in one number, from $base up and below it.
// A time is its microseconds, or with $dated = false what it says, as text or as a number.
MATCH (p) WHERE id(p) IN $nodes
MATCH (p)-[r:`follows.relationship`]->(q)
WITH collect(CASE WHEN "since" IN $columns THEN r END) AS found, collect(id(p) * $base + id(q)) AS ends
RETURN ends,
  CASE WHEN "since" IN $columns THEN [t IN [r IN found | r.`follows.since`] | CASE
    WHEN $dated THEN t.epochMillis * 1000 + t.microsecond % 1000
    WHEN t IS :: ZONED DATETIME NOT NULL THEN toString(datetime({epochSeconds: t.epochSeconds, nanosecond: t.nanosecond}))
    WHEN t IS :: LOCAL DATETIME OR t IS :: DATE THEN toString(t)
    ELSE t END] END AS since
