"""Own value, rates, attribution, and the network value that follows from them."""
