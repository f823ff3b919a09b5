// The first customer, those who follow her or reacted to her, and what ties them: as a picture.
MATCH (c:Person {influence_rank: 1})<-[r:FOLLOWS|INTERACTED]-(listener:Person)
RETURN c, r, listener LIMIT 100
