RETURN COUNT { (:Person) } AS people, COUNT { (:Customer) } AS customers, COUNT { ()-[:FOLLOWS]->() } AS follows,
  COUNT { ()-[:INTERACTED]->() } AS interactions, COUNT { ()-[:ACTED]->() } AS actions,
  COUNT { (:Transaction) } AS transactions, COUNT { (:Handle) } AS identities, COUNT { ()-[:RAISED]->() } AS topics,
  COUNT { (:Suppressed) } AS suppress
