from __future__ import annotations

import ast
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from subprocess import run

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamishibai.weights.families import FAMILIES, Family, family_named, family_of, frame_count, unfit
from kamishibai.weights.layout import LIBRARIES

CLASSES = [(family, name) for family in FAMILIES for name in family.pipelines]
PICTURE = [pair for pair in CLASSES if pair[0].kind == "picture"]
MOTION = [pair for pair in CLASSES if pair[0].kind == "motion"]


def _folder() -> Path:
    spec = find_spec("diffusers")
    if spec is None or spec.origin is None:
        pytest.skip("diffusers is not installed")
    return Path(spec.origin).parent / "pipelines"


@lru_cache(maxsize=1)
def _calls() -> dict[str, dict[str, str | None]]:
    """The defaults of every pipeline's ``__call__``, from the installed sources and without importing them."""
    found: dict[str, dict[str, str | None]] = {}
    for path in _folder().rglob("pipeline_*.py"):
        for cls in ast.parse(path.read_text(encoding="utf-8")).body:
            for call in cls.body if isinstance(cls, ast.ClassDef) else ():
                if isinstance(call, ast.FunctionDef) and call.name == "__call__":
                    names = [argument.arg for argument in call.args.args]
                    defaults = [ast.unparse(value) for value in call.args.defaults]
                    free = [None] * (len(names) - len(defaults))
                    found[cls.name] = dict(zip(names, [*free, *defaults], strict=True))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for _, name in CLASSES])
def test_every_class_is_one_of_diffusers(name: str) -> None:
    assert name in _calls()


@pytest.mark.parametrize("name", [name for _, name in CLASSES if name != "LTXConditionPipeline"])
def test_token_limits_are_those_of_the_sources(name: str) -> None:
    # Clips of LTXConditionPipeline's folders are made by LTXPipeline, whose limit is shorter.
    family = family_of(name)
    assert family is not None
    stated = _calls()[name].get("max_sequence_length")
    if stated is not None and stated != "None":
        assert family.tokens == int(stated)


@pytest.mark.parametrize("name", [name for _, name in CLASSES])
def test_a_negative_prompt_is_promised_only_where_the_call_has_one(name: str) -> None:
    family = family_of(name)
    assert family is not None
    assert not family.negative or "negative_prompt" in _calls()[name]


@pytest.mark.parametrize("name", [name for _, name in MOTION])
def test_frames_and_rates_are_those_of_the_sources(name: str) -> None:
    family, call = family_of(name), _calls()[name]
    assert family is not None
    assert name == "StableVideoDiffusionPipeline" or family.frames_argument in call
    stated = call.get(family.frames_argument)
    if stated not in (None, "None") and name != "HeliosPipeline":  # 132 there, of which 129 are whole
        assert family.frames == int(str(stated))
    rate = call.get("fps") or call.get("frame_rate")
    if rate is not None:
        assert family.fps == float(rate)


@pytest.mark.parametrize("name", [name for _, name in MOTION])
def test_only_what_takes_a_picture_is_given_one(name: str) -> None:
    family = family_of(name)
    assert family is not None
    for chosen, argument in ((family.words_pipeline, "prompt"), (family.picture_pipeline, "image")):
        assert not chosen or argument in _calls()[chosen]
    if family.reads_words and family.picture_pipeline:
        assert "prompt" in _calls()[family.picture_pipeline]


@pytest.mark.parametrize("name", [name for _, name in PICTURE])
def test_every_picture_pipeline_takes_words(name: str) -> None:
    family = family_of(name)
    assert family is not None
    assert family.text_to_image
    assert "prompt" in _calls()[name]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_familys_own_size_and_length_are_ones_it_can_make(family: Family) -> None:
    assert family.kind == "picture" or all(side % 8 == 0 for side in family.native)
    assert (family.frames - family.frame_rest) % family.frame_step == 0
    assert (family.max_frames - family.frame_rest) % family.frame_step == 0
    assert family.frames <= family.max_frames


def test_names_of_families_and_classes_are_each_used_once() -> None:
    names = [family.name for family in FAMILIES]
    classes = [name for _, name in CLASSES]
    assert len(set(names)) == len(names)
    assert len(set(classes)) == len(classes)


def test_modules_that_may_bring_a_component_are_there() -> None:
    own = LIBRARIES - {"diffusers", "transformers"}
    there = {path.name for root in (_folder(), _folder() / "deprecated") for path in root.iterdir()}
    assert own <= there


def test_the_auto_class_for_pictures_knows_no_more_than_we_do() -> None:
    """What AutoPipelineForText2Image maps is known here too, or refused with the reason."""
    tree = ast.parse((_folder() / "auto_pipeline.py").read_text(encoding="utf-8"))
    mapping = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == "AUTO_TEXT2IMAGE_PIPELINES_MAPPING"
    )
    names = {
        node.id for node in ast.walk(mapping) if isinstance(node, ast.Name) and node.id.endswith("Pipeline")
    }
    assert {name for name in names if family_of(name) is None and not unfit(name)} == set()


@pytest.mark.parametrize(
    ("name", "words", "picture"),
    [
        ("WanPipeline", True, False),
        ("WanImageToVideoPipeline", False, True),
        ("LTXPipeline", True, True),
        ("LTXImageToVideoPipeline", True, True),
        ("StableVideoDiffusionPipeline", False, True),
        ("TextToVideoSDPipeline", True, False),
        ("CogVideoXImageToVideoPipeline", False, True),
        ("SomethingNewImageToVideoPipeline", False, True),
        ("SomethingNewVideoPipeline", True, False),
        ("SomethingNewI2VPipeline", False, True),
    ],
)
def test_the_class_says_whether_clips_begin_from_words_or_a_picture(
    name: str, words: bool, picture: bool
) -> None:
    family = family_of(name)
    assert family is not None
    assert (bool(family.words_pipeline), bool(family.picture_pipeline)) == (words, picture)
    assert family.needs_picture == (not words)


def test_a_video_class_that_no_table_knows_is_other_motion() -> None:
    family = family_of("SomethingNewImageToVideoPipeline")
    assert family is not None
    assert (family.name, family.kind) == ("other-motion", "motion")
    assert family.picture_pipeline == "SomethingNewImageToVideoPipeline"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("StableDiffusionInpaintPipeline", "repairs"),
        ("StableDiffusionControlNetPipeline", "control picture"),
        ("StableDiffusionUpscalePipeline", "enlarges"),
        ("FluxKontextPipeline", "edits"),
        ("AudioLDMPipeline", "sound"),
        ("KandinskyV22PriorPipeline", "half"),
        ("WanVideoToVideoPipeline", "reworks"),
        ("WanAnimatePipeline", "needs a video"),
        ("FluxControlPipeline", "control picture"),
        ("KandinskyV22Pipeline", "half"),
    ],
)
def test_a_pipeline_for_another_job_is_told_in_words(name: str, why: str) -> None:
    assert family_of(name) is None
    assert why in unfit(name)


def test_speaking_to_models_is_settled_for_each() -> None:
    tags = {family.name for family in FAMILIES if family.style == "tags"}
    assert tags == {"sd15", "sd2", "lcm", "sdxl", "modelscope", "animatediff"}
    assert all(family.tokens == 77 for family in FAMILIES if family.style == "tags")


@settings(deadline=None)
@given(family=st.sampled_from([f for f in FAMILIES if f.kind == "motion"]), wanted=st.integers(1, 5000))
def test_frame_counts_are_the_next_that_the_family_can_make(family: Family, wanted: int) -> None:
    count = frame_count(family, wanted)
    assert (count - family.frame_rest) % family.frame_step == 0
    assert family.frame_step + family.frame_rest <= count <= family.max_frames
    assert count >= min(wanted, family.max_frames)
    lower = count - family.frame_step
    assert lower < wanted or count == family.frame_step + family.frame_rest


@pytest.mark.parametrize(
    ("name", "wanted", "count"),
    [("ltx", 9, 9), ("ltx", 10, 17), ("ltx", 100, 105), ("wan", 80, 81), ("wan", 500, 121), ("svd", 20, 20)],
)
def test_frame_counts_by_example(name: str, wanted: int, count: int) -> None:
    family = family_named(name)
    assert family is not None
    assert frame_count(family, wanted) == count


def test_facts_are_had_without_torch() -> None:
    code = (
        "import sys, kamishibai.weights.checkpoint, kamishibai.weights.presets;"
        "print([m for m in ('torch', 'diffusers', 'transformers', 'huggingface_hub') if m in sys.modules])"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
