"""The digest of a release: what it is made of, whatever file, order or code version holds it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from annotation.exports.canonical import canonical

_SIZE = hashlib.sha256().digest_size


def record_sha256(record: Mapping[str, Any]) -> bytes:
    """Return the sha256 of the record's canonical form. Source: RFC 8785, JSON Canonicalization Scheme."""
    return hashlib.sha256(canonical(record)).digest()


class ReleaseDigest:
    """sha256 over the sorted hashes of the records, as hex.

    Hashes are kept raw in 256 buckets by their first byte: 32 bytes a record, sorted a bucket at a time.
    """

    def __init__(self) -> None:
        self._buckets = [bytearray() for _ in range(256)]

    def add(self, record: Mapping[str, Any]) -> None:
        self.add_canonical(canonical(record))

    def add_canonical(self, text: bytes) -> None:
        digest = hashlib.sha256(text).digest()
        self._buckets[digest[0]] += digest

    def hexdigest(self) -> str:
        whole = hashlib.sha256()
        for bucket in self._buckets:
            for digest in sorted(bytes(bucket[at : at + _SIZE]) for at in range(0, len(bucket), _SIZE)):
                whole.update(digest.hex().encode())
        return whole.hexdigest()
