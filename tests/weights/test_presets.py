from __future__ import annotations

import re

import pytest

from kamishibai.catalogue import id_of
from kamishibai.models import registry
from kamishibai.weights.families import family_named
from kamishibai.weights.licences import TERMS, licence_named, terms_of
from kamishibai.weights.presets import Preset, nearest, preset, presets

EVERY = pytest.mark.parametrize("one", presets(), ids=lambda one: one.name)
PIPELINES = [one for one in presets() if family_named(one.family) is not None]
OF_DIFFUSION = pytest.mark.parametrize(
    "one", [one for one in PIPELINES if one.kind in ("picture", "motion")], ids=lambda one: one.name
)


@EVERY
def test_a_preset_is_of_a_family_or_a_back_end_of_its_kind(one: Preset) -> None:
    family = family_named(one.family)
    if family is not None:
        assert family.kind == one.kind
    else:
        assert f"{one.kind}:{one.family}" in registry.ids(one.kind)


@EVERY
def test_a_presets_id_is_one_that_a_film_can_ask_for(one: Preset) -> None:
    base, _, variant = id_of(one).rpartition(":")
    assert base in registry.ids(one.kind)
    assert variant == one.name


def test_every_kind_has_presets() -> None:
    kinds = {"picture", "motion", "voice", "ear", "music", "sound", "text", "eye", "critic"}
    assert {one.kind for one in presets()} == kinds


def test_the_terms_that_catch_people_out_are_known() -> None:
    may = {name: one.licence.commercial for name in NAMED if (one := preset(name))}
    assert may == NAMED


NAMED = {
    "bark": True, "mms-eng": False, "speecht5": True, "whisper-small": True, "musicgen-small": False, "audioldm2": False,
    "stable-audio": False, "qwen2.5-1.5b": True, "qwen2.5-3b": False, "clip-vit-large-patch14": True,
    "llava-1.5-7b": False, "llava-v1.6-mistral-7b": True,
}  # fmt: skip


@EVERY
def test_a_presets_repo_is_a_hub_id_and_its_revision_main_or_a_commit(one: Preset) -> None:
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", one.repo)
    assert re.fullmatch(r"main|[0-9a-f]{40}", one.revision)


@EVERY
def test_a_presets_terms_are_judged_and_have_a_source(one: Preset) -> None:
    assert terms_of(one.licence.name) is not None
    assert one.licence.source.startswith("https://")


@OF_DIFFUSION
def test_a_preset_has_what_a_back_end_needs_to_begin(one: Preset) -> None:
    family = family_named(one.family)
    assert family is not None
    assert 1 <= float(one.options["steps"]) <= 100
    assert ("guidance" in one.options) == family.reads_words
    for side in ("width", "height"):
        assert int(one.options.get(side, 0)) % family.multiple == 0
    assert set(one.options) <= {
        "steps", "guidance", "scheduler", "width", "height", "frames", "fps", "prompt_tokens",
    }  # fmt: skip


@OF_DIFFUSION
def test_a_presets_frames_are_ones_its_family_can_make(one: Preset) -> None:
    family = family_named(one.family)
    assert family is not None
    if one.kind == "motion":
        frames = int(one.options["frames"])
        assert (frames - family.frame_rest) % family.frame_step == 0
        assert frames <= family.max_frames


@OF_DIFFUSION
def test_what_takes_no_guidance_heeds_no_negative_prompt(one: Preset) -> None:
    family = family_named(one.family)
    assert family is not None
    if "guidance" in one.options and float(one.options["guidance"]) <= 1:
        assert one.negative is False or not family.negative


@EVERY
def test_figures_say_where_they_are_from(one: Preset) -> None:
    for figure in (one.memory, one.time):
        assert figure is None or (figure.text and figure.source.startswith("https://"))


@EVERY
def test_schedulers_are_ones_that_there_are(one: Preset) -> None:
    from kamishibai.diffusion.schedulers import NAMES

    assert one.options.get("scheduler", NAMES[0]) in NAMES


def test_only_families_with_a_known_adapter_name_one() -> None:
    with_one = {one.family for one in presets() if one.ip_adapter}
    assert with_one == {"sd15", "sdxl"}
    for one in presets():
        if one.ip_adapter:
            assert one.ip_adapter.repo == "h94/IP-Adapter"
            assert one.ip_adapter.licence.name == "Apache-2.0"


def test_names_are_used_once_and_can_be_typed() -> None:
    names = [one.name for one in presets()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name) for name in names)


def test_presets_come_by_kind_and_by_name() -> None:
    assert {one.kind for one in presets("motion")} == {"motion"}
    assert len(presets()) == sum(len(presets(kind)) for kind in registry.KINDS)
    assert preset("sdxl") in presets("picture")
    assert preset("none") is None


def test_the_families_of_the_back_ends_have_a_preset_each() -> None:
    families = {one.family for one in presets()}
    assert families >= {
        "sd15",
        "sdxl",
        "sd3",
        "flux",
        "zimage",
        "qwenimage",
        "svd",
        "modelscope",
        "ltx",
        "wan",
    }


def test_the_nearest_name_is_found_whatever_its_case() -> None:
    assert nearest("SDXL") == "sdxl"
    assert nearest("svdxt", "motion") == "svd-xt"
    assert nearest("wan22", "picture") is None
    assert nearest("qqqqqq") is None


# ------------------------------------------------------------------------------------------ licences
def test_ids_of_licences_are_used_once() -> None:
    ids = [terms.id for terms in TERMS]
    names = [terms.name for terms in TERMS]
    assert len(set(ids)) == len(ids)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("id_", "commercial"),
    [
        ("apache-2.0", True),
        ("MIT", True),
        ("creativeml-openrail-m", True),
        ("openrail++", True),
        ("cc-by-nc-4.0", False),
        ("cc-by-nc-sa-4.0", False),
        ("stabilityai-ai-community", False),
        ("stable-video-diffusion-community", False),
        ("flux-1-dev-non-commercial-license", False),
        ("other", False),
        ("a-licence-nobody-knows", False),
        ("", False),
    ],
)
def test_commercial_use_is_allowed_only_where_anybody_may(id_: str, commercial: bool) -> None:
    assert licence_named(id_).commercial is commercial


def test_nothing_non_commercial_by_name_is_called_commercial() -> None:
    for terms in TERMS:
        if "-nc" in terms.id or "non-commercial" in terms.id or "Non-Commercial" in terms.name:
            assert not terms.commercial


def test_a_licence_that_is_not_known_keeps_its_name_and_source() -> None:
    licence = licence_named("my-own", "https://example.org")
    assert (licence.name, licence.commercial, licence.source) == ("my-own", False, "https://example.org")


def test_no_licence_is_unknown() -> None:
    assert licence_named(" ", "x").name == "unknown"


def test_a_licence_is_found_by_the_name_we_gave_it() -> None:
    for terms in TERMS:
        assert terms_of(terms.name) == terms
