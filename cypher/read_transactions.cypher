// What people bought, each purchase a node; of several items the first.
// A time is its microseconds, or with $dated = false what it says, as text or as a number.
MATCH (p) WHERE id(p) IN $nodes
MATCH (p)-[:`transactions.relationship`]->(t:`transactions.label`)
WITH p, t, head([(t)-[:`transactions.of`]->(i:`transactions.item_label`) | i.`transactions.item`]) AS item
WITH collect([id(p), t, item]) AS found
RETURN [r IN found | r[0]] AS customer, [r IN found | r[2]] AS item,
  CASE WHEN "timestamp" IN $columns THEN [t IN [r IN found | r[1].`transactions.timestamp`] | CASE
    WHEN $dated THEN t.epochMillis * 1000 + t.microsecond % 1000
    WHEN t IS :: ZONED DATETIME NOT NULL THEN toString(datetime({epochSeconds: t.epochSeconds, nanosecond: t.nanosecond}))
    WHEN t IS :: LOCAL DATETIME OR t IS :: DATE THEN toString(t)
    ELSE t END] END AS timestamp,
  CASE WHEN "amount" IN $columns THEN [r IN found | r[1].`transactions.amount`] END AS amount,
  CASE WHEN "margin" IN $columns THEN [r IN found | r[1].`transactions.margin`] END AS margin,
  CASE WHEN "discounted" IN $columns THEN [r IN found | r[1].`transactions.discounted`] END AS discounted,
  CASE WHEN "currency" IN $columns THEN [r IN found | r[1].`transactions.currency`] END AS currency
