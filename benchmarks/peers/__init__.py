"""The same measures in several libraries: each in a process of its own, so that none disturbs another.

of_<library>.py   how that library builds a graph and computes each measure
cases.py          which measures on which graphs, and how answers are compared
answers.py        comparisons
child.py          the process of one library
control.py        the processes from outside: rounds, limits of time
report.py         tables
"""

#: Ours first; the others in the order of the table.
LIBRARIES = ("influence", "networkit", "igraph", "rustworkx", "sknetwork", "networkx")
#: As package registries call them.
PACKAGES = {"influence": "influence-engine", "sknetwork": "scikit-network"}
