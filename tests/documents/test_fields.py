from __future__ import annotations

from typing import Literal

from pydantic import Field

from kamishibai.documents.fields import field_cards
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Scene
from kamishibai.documents.time import Time


class Basket(Frozen):
    """What a test describes."""

    apples: int = Field(default=3, ge=0, le=9)
    """How many apples
    there are."""
    kind: Literal["wicker", "tin"] | None = None
    weight: float = Field(gt=0)
    pause: Time = Field(default="1/2", validate_default=True)
    names: tuple[str, ...] = ()
    covered: bool = True


def test_a_card_tells_values_default_and_what_a_field_is_for() -> None:
    cards = {card.name: card for card in field_cards(Basket)}
    assert (cards["apples"].values, cards["apples"].default) == ("whole number, 0 to 9", "3")
    assert cards["apples"].what == "How many apples there are."
    assert (cards["kind"].values, cards["kind"].default) == ("wicker, tin", "unset")
    assert (cards["weight"].values, cards["weight"].default) == ("number, above 0", "")
    assert (cards["pause"].values, cards["pause"].default) == ("number or fraction", "1/2")
    assert (cards["names"].values, cards["names"].default) == ("list of text", "[]")
    assert (cards["covered"].values, cards["covered"].default) == ("true or false", "true")


def test_every_field_of_a_scene_has_a_card_under_the_name_that_people_write() -> None:
    assert [card.name for card in field_cards(Scene)] == [f.alias or n for n, f in Scene.model_fields.items()]
