"""Tables by item: what clade's stages and forest.py share."""

import csv


def read_column(path, column):
    """Item -> value of a column."""
    with open(path, newline="", encoding="utf-8") as file:
        return {row["id"]: row[column] for row in csv.DictReader(file)}


def write_rows(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
