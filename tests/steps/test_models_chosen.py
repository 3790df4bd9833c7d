"""Which options a model gets: its back-end's, and over them those of its variant."""

from __future__ import annotations

from kamishibai.steps.models_chosen import choose, options_for


def test_options_of_a_back_end_hold_for_its_variants_whose_own_win() -> None:
    options = {"picture:diffusers": {"steps": 20, "guidance": 5}, "picture:diffusers:a/b": {"steps": 4}}

    assert options_for("picture:diffusers:a/b", options) == {"steps": 4, "guidance": 5}
    assert options_for("picture:diffusers:C:/models", options) == {"steps": 20, "guidance": 5}
    assert options_for("picture:papercut", options) == {}
    assert choose("picture", "diffusers:a/b", options).options["steps"] == 4
