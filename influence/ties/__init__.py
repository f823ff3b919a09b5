"""Who listens to whom, and whose acts follow whose."""

from influence.ties.chance import Chance, measure_chance
from influence.ties.discount import Discount, discount
from influence.ties.features import PersonFeatures, TieFeatures
from influence.ties.history import UNDATED, History
from influence.ties.ledger import Ledger

__all__ = [
    "UNDATED",
    "Chance",
    "Discount",
    "History",
    "Ledger",
    "PersonFeatures",
    "TieFeatures",
    "discount",
    "measure_chance",
]
