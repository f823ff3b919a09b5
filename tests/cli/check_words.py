"""What the tests of a check share: small frames, and what it says of a topic."""

import polars as pl


def frame(columns, rows):
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


def follows(*pairs):
    return frame(["source", "target"], pairs)


def about(result, topic):
    return [line.removeprefix(f"{topic}: ") for line in result.outlook if line.startswith(f"{topic}: ")]


def found(result, topic):
    return [line.removeprefix(f"{topic}: ") for line in result.findings if line.startswith(f"{topic}: ")]
