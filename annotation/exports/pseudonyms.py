"""Names that stand for people in releases: stable within a project, unlinkable between projects. Pure."""

import hashlib
import hmac


def pseudonym_of(person_id: int, key: str) -> str:
    """Return the person's name in this project's releases: 64 bits of a hash that only the key's holder can repeat."""
    return "p-" + hmac.new(key.encode(), str(person_id).encode(), hashlib.sha256).hexdigest()[:16]


class Pseudonyms(dict[int, str]):
    """The names of a project's people, each made once."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key

    def __missing__(self, person_id: int) -> str:
        name = self[person_id] = pseudonym_of(person_id, self._key)
        return name
