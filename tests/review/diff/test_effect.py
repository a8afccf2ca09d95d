from __future__ import annotations

from tapgen.review.diff.effect import Effect, worst


def test_effects_are_ordered_by_how_bad_they_are() -> None:
    assert worst([Effect.IN_PLACE, Effect.DATA_LOSS, Effect.REMOVAL]) is Effect.DATA_LOSS
    assert worst([]) is Effect.IN_PLACE
    assert all(effect.label for effect in Effect)


def test_effects_say_what_becomes_of_the_resource() -> None:
    assert {effect for effect in Effect if effect.replaces} == {
        Effect.DATA_LOSS,
        Effect.REPLACEMENT,
        Effect.DEPENDS,
        Effect.VERSION,
    }
    gone = {effect for effect in Effect if effect.loses and not effect.replaces}
    assert gone == {Effect.REMOVAL_DATA_LOSS, Effect.RETAINED, Effect.REMOVAL}
    assert [effect.rank for effect in Effect] == list(range(len(Effect)))
