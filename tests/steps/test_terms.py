from __future__ import annotations

import pytest

from kamishibai.catalogue import allowed_instead
from kamishibai.errors import UnsupportedError
from kamishibai.models.base import Licence
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.terms import Bound, bound_by, refuse_bound, what_binds

FREE = Licence(name="MIT", commercial=True)
NC = Licence(name="CC-BY-NC-4.0", commercial=False, source="https://example.org/card")
UNKNOWN = Licence(name="unknown", commercial=False)


def chosen(id_: str) -> Chosen:
    return Chosen(kind=id_.split(":")[0], id=id_, why="asked for")


@pytest.mark.parametrize(
    ("licences", "binds"), [([FREE], None), ([FREE, NC], NC), ([UNKNOWN], UNKNOWN), ([], UNKNOWN)]
)
def test_every_licence_of_a_model_must_allow_it(licences: list[Licence], binds: Licence | None) -> None:
    assert what_binds(licences) == binds


def test_nothing_bound_is_nothing_refused() -> None:
    refuse_bound([])


def test_a_refusal_names_model_licence_source_and_what_is_allowed() -> None:
    bound = [
        Bound(id="motion:svd", licence=NC, instead=("motion:camera", "motion:wan:wan21-1.3b")),
        Bound(id="picture:diffusers:/my/folder", licence=UNKNOWN, instead=("picture:papercut",)),
    ]
    with pytest.raises(UnsupportedError) as caught:
        refuse_bound(bound)
    said = str(caught.value)
    for part in (
        "motion:svd is under CC-BY-NC-4.0", "https://example.org/card", "--motion camera", "--motion wan:wan21-1.3b",
        "nobody knows under which licence the weights of picture:diffusers:/my/folder are", "--picture papercut",
    ):  # fmt: skip
        assert part in said


def test_a_preset_is_judged_before_its_weights_are_fetched() -> None:
    models = [chosen("picture:papercut"), chosen("motion:modelscope"), chosen("picture:diffusers:sdxl")]
    (one,) = bound_by(models, allowed_instead)
    assert one.id == "motion:modelscope"
    assert one.licence.name == "CC-BY-NC-4.0"
    assert one.instead[0] == "motion:camera"


def test_a_kind_that_is_switched_off_binds_nothing() -> None:
    assert bound_by([Chosen(kind="music", id=None, why="off")], allowed_instead) == []
