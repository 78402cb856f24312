from __future__ import annotations

import hashlib
import random
from typing import Any

from annotation.exports.digest import ReleaseDigest, record_sha256

RECORDS = [{"record_id": str(number), "text": f"å{number}", "seconds": number / 4} for number in range(600)]


def digest_of(records: list[Any]) -> str:
    digest = ReleaseDigest()
    for record in records:
        digest.add(record)
    return digest.hexdigest()


def test_it_is_the_hash_of_the_sorted_hashes() -> None:
    hashes = sorted(record_sha256(record).hex() for record in RECORDS)
    assert digest_of(RECORDS) == hashlib.sha256("".join(hashes).encode()).hexdigest()


def test_a_record_is_hashed_in_canonical_form() -> None:
    canonical = '{"a":1,"b":[1.5,"å"],"c":null}'
    assert record_sha256({"c": None, "b": [1.5, "å"], "a": 1.0}) == hashlib.sha256(canonical.encode()).digest()


def test_order_makes_no_difference() -> None:
    shuffled = random.Random(0).sample(RECORDS, len(RECORDS))
    assert digest_of(shuffled) == digest_of(RECORDS)


def test_every_record_makes_a_difference() -> None:
    assert digest_of(RECORDS[1:]) != digest_of(RECORDS)
    assert digest_of([*RECORDS, RECORDS[0]]) != digest_of(RECORDS)
    assert digest_of([*RECORDS[1:], RECORDS[0] | {"seconds": 1}]) != digest_of(RECORDS)
