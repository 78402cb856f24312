"""Foreign keys are strings to the import linter, so the staircase is checked here once more."""

from __future__ import annotations

from django.apps import apps

# From the top of the stairs to the bottom; rooms on one step do not know each other.
STAIRS = (
    {"road"},
    {"chat"},
    {"registry"},
    {"exports"},
    {"quality"},
    {"assignment", "intake"},
    {"tasks"},
    {"projects"},
    {"people"},
)


def step(room: str) -> int:
    return next(height for height, rooms in enumerate(reversed(STAIRS)) if room in rooms)


def test_foreign_keys_point_to_the_same_room_or_down() -> None:
    ours = {room for rooms in STAIRS for room in rooms}
    wrong = []
    for model in apps.get_models():
        for field in model._meta.get_fields():
            target = field.related_model
            # Reverse sides are derived from keys that are checked on their own model.
            if target is None or field.auto_created or model._meta.app_label not in ours:
                continue
            here, there = model._meta.app_label, target._meta.app_label
            if there not in ours or (here != there and step(there) >= step(here)):
                wrong.append(f"{model.__name__}.{field.name} -> {target.__name__}")
    assert wrong == []


def test_every_room_with_models_has_a_step() -> None:
    with_models = {m._meta.app_label for m in apps.get_models() if m.__module__.startswith("annotation.")}
    assert with_models == {room for rooms in STAIRS for room in rooms}
