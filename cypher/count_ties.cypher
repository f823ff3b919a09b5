// Of one table: `ties` is follows, interactions and so on.
MATCH ()-[r:`ties.relationship`]->() RETURN count(r) AS ties
