"""NetworkX's own functions on our kernels: `nx.pagerank(G, backend="influence")`.

NetworkX imports :mod:`influence.nx_backend.info` when it is itself imported, and the rest with the first call.
"""
