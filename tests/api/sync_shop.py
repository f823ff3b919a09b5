"""A shop whose files change from night to night."""

import csv
import json
import random


class Shop:
    def __init__(self, folder, people=40):
        self.folder, self.random, self.night = folder, random.Random(5), 0
        self.people = [f"p{number:03d}" for number in range(people)]
        self.events = folder / "inbox"
        self.events.mkdir()
        self.write("follows.csv", ["source", "target"], {tuple(self.random.sample(self.people, 2)) for _ in range(90)})
        self.write_customers()

    def write(self, name, header, rows):
        with (self.folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(sorted(rows))

    def write_customers(self):
        rows = [(person, 5 + int(person[1:]), f"{person}@x.org") for person in self.people]
        self.write("customers.csv", ["id", "clv", "mail"], rows)

    def next_night(self, leave=0):
        """Add a file of events, and let some customers go."""
        self.night += 1
        rows = [
            (
                *self.random.sample(self.people, 2),
                "reply",
                f"2026-01-{1 + self.night % 28:02d}T10:00:00",
                f"{self.night}-{n}",
            )
            for n in range(30)
        ]
        self.write(f"inbox/{self.night:03d}.csv", ["source", "target", "type", "timestamp", "id"], rows)
        for _ in range(leave):
            self.people.remove(self.random.choice(self.people))
        self.write_customers()

    def configure(self, **more):
        settings = {
            "out": "out",
            "store": "store",
            "sources": ["follows=follows.csv", "interactions=inbox/*.csv"],
            "snapshots": ["customers=customers.csv"],
            "export": ["hubspot"],
        } | more
        lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
        path = self.folder / "influence.toml"
        path.write_text(
            "\n".join(
                ["rate = 'rule'", "replicates = 5", "[sync]", *lines, "[export]", "key = 'mail'", "threshold = 0"]
            ),
            "utf-8",
        )
        return path
