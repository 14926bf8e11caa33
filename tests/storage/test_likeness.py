"""Which names count as one business: measured on 400 generated pairs whose truth is known."""

import csv
from pathlib import Path

from rapidfuzz import fuzz

from storage.city.rules import installed
from storage.registry.names import NameKeys, area_words

PAIRS = Path(__file__).parent / "pairs.csv"
"""Half are one business as two offices write it, every third with a wrong sign, every tenth with
another word for its trade; half are two businesses, every second pair of the same trade."""


def test_names_are_alike_when_they_are_one_business_and_hardly_ever_otherwise() -> None:
    keys = NameKeys(area_words(("莆田市", "仙游县", "枫亭镇")), installed().suffixes)
    with PAIRS.open(encoding="utf-8") as file:
        pairs = list(csv.DictReader(file))
    found = [
        pair["truth"]
        for pair in pairs
        if fuzz.ratio(keys.key(pair["one"]), keys.key(pair["other"]))
        >= installed().thresholds.alike_from
    ]

    precision = found.count("same") / len(found)
    recall = found.count("same") / sum(pair["truth"] == "same" for pair in pairs)
    assert len(pairs) == 400
    assert precision >= 0.99
    assert recall >= 0.9
