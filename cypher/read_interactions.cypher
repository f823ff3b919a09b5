// What people did: lists of columns; both ends of a tie in one number, from $base up and below it.
// A time is its microseconds, or with $dated = false what it says, as text or as a number.
MATCH (p) WHERE id(p) IN $nodes
MATCH (p)-[r:`interactions.relationship`]->(q)
WITH collect(r) AS found, collect(id(p) * $base + id(q)) AS ends
RETURN ends,
  CASE WHEN "timestamp" IN $columns THEN [t IN [r IN found | r.`interactions.timestamp`] | CASE
    WHEN $dated THEN t.epochMillis * 1000 + t.microsecond % 1000
    WHEN t IS :: ZONED DATETIME NOT NULL THEN toString(datetime({epochSeconds: t.epochSeconds, nanosecond: t.nanosecond}))
    WHEN t IS :: LOCAL DATETIME OR t IS :: DATE THEN toString(t)
    ELSE t END] END AS timestamp,
  CASE WHEN "type" IN $columns THEN [r IN found | coalesce(r.`interactions.type`, type(r))]
    ELSE [r IN found | type(r)] END AS type,
  CASE WHEN "weight" IN $columns THEN [r IN found | r.`interactions.weight`] END AS weight,
  CASE WHEN "sentiment" IN $columns THEN [r IN found | r.`interactions.sentiment`] END AS sentiment,
  CASE WHEN "incentivised" IN $columns THEN [r IN found | r.`interactions.incentivised`] END AS incentivised,
  CASE WHEN "channel" IN $columns THEN [r IN found | r.`interactions.channel`] END AS channel,
  CASE WHEN "id" IN $columns THEN [r IN found | r.`interactions.id`] END AS id,
  CASE WHEN "incentive_cost" IN $columns THEN [r IN found | r.`interactions.incentive_cost`] END AS incentive_cost
