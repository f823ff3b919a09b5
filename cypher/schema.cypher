// What must be unique; each also makes the index by which rows are found.
CREATE CONSTRAINT influence_person IF NOT EXISTS FOR (p:Person) REQUIRE p.id IS UNIQUE;
CREATE CONSTRAINT influence_item IF NOT EXISTS FOR (i:Item) REQUIRE i.id IS UNIQUE;
CREATE CONSTRAINT influence_topic IF NOT EXISTS FOR (t:Topic) REQUIRE t.id IS UNIQUE;
CREATE CONSTRAINT influence_handle IF NOT EXISTS FOR (h:Handle) REQUIRE (h.channel, h.id) IS UNIQUE;
CREATE CONSTRAINT influence_suppressed IF NOT EXISTS FOR (s:Suppressed) REQUIRE s.id IS UNIQUE;
CREATE CONSTRAINT influence_transaction IF NOT EXISTS FOR (t:Transaction) REQUIRE t.key IS UNIQUE;
CREATE CONSTRAINT influence_interacted IF NOT EXISTS FOR ()-[r:INTERACTED]-() REQUIRE r.key IS UNIQUE;
CREATE CONSTRAINT influence_acted IF NOT EXISTS FOR ()-[r:ACTED]-() REQUIRE r.key IS UNIQUE;
CREATE CONSTRAINT influence_raised IF NOT EXISTS FOR ()-[r:RAISED]-() REQUIRE r.key IS UNIQUE
;
CREATE CONSTRAINT influence_store IF NOT EXISTS FOR (s:InfluenceStore) REQUIRE s.id IS UNIQUE
