"""Prompts of any length, with weights, as pipelines are handed them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from kamishibai.diffusion.conditioning import condition, shape_of  # noqa: E402
from kamishibai.weights.families import Family, family_named  # noqa: E402

SHORT = "small fox in snow"
LONG = "small fox in snow, holding a glowing lantern, " + "old trees and a frozen river behind it, " * 3
assert len(LONG) > 2 * 77


class Notes:
    """Collects what a desk would be told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bool]] = []

    def __call__(self, text: str, *, warn: bool = False) -> None:
        self.told.append((text, warn))


def opened(folder: Path) -> Any:
    from diffusers import DiffusionPipeline

    torch.set_num_threads(1)
    pipe = DiffusionPipeline.from_pretrained(folder, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@pytest.fixture(scope="module")
def pipes() -> dict[str, Any]:
    return {}


@pytest.fixture
def pipe(pipes: dict[str, Any], tiny: Callable[[str], Path]) -> Callable[[str], Any]:
    def give(name: str) -> Any:
        if name not in pipes:
            pipes[name] = opened(tiny(name))
        return pipes[name]

    return give


def family(name: str) -> Family:
    found = family_named(name)
    assert found is not None
    return found


def drawn(pipe: Any, given: dict[str, Any], count: int = 1, **more: Any) -> np.ndarray:
    seeds = [torch.Generator("cpu").manual_seed(3 + i) for i in range(count)]
    shape = {"height": 64, "width": 64, "num_inference_steps": 2, "output_type": "np"}
    return np.asarray(pipe(**given, **shape, generator=seeds, **more).images)


# ------------------------------------------------------------------------------------- CLIP: 77 tokens a chunk
@pytest.mark.parametrize("name", ["sd15", "sdxl"])
def test_a_short_prompt_is_handed_over_as_it_is(pipe: Callable[[str], Any], name: str) -> None:
    given = condition(pipe(name), family(name), [SHORT], ["blurry"])
    assert given == {"prompt": [SHORT], "negative_prompt": ["blurry"]}


@pytest.mark.parametrize("name", ["sd15", "sdxl"])
def test_the_tail_of_a_long_prompt_is_seen_in_the_picture(pipe: Callable[[str], Any], name: str) -> None:
    before = drawn(pipe(name), condition(pipe(name), family(name), [LONG + "red moon"], [""]))
    after = drawn(pipe(name), condition(pipe(name), family(name), [LONG + "blue sun"], [""]))
    assert np.abs(before - after).max() > 1e-4


def test_a_long_prompt_is_parted_into_chunks_of_one_length_with_the_negative(
    pipe: Callable[[str], Any],
) -> None:
    given = condition(pipe("sd15"), family("sd15"), [LONG], ["blurry"])
    wanted, unwanted = given["prompt_embeds"], given["negative_prompt_embeds"]
    assert wanted.shape == unwanted.shape
    assert wanted.shape[1] % 77 == 0
    assert wanted.shape[1] > 77
    assert torch.isfinite(wanted).all()


def test_a_long_negative_prompt_counts_to_its_end(pipe: Callable[[str], Any]) -> None:
    one, other = (
        drawn(pipe("sd15"), condition(pipe("sd15"), family("sd15"), [SHORT], [LONG + tail]))
        for tail in ("red moon", "blue sun")
    )
    assert np.abs(one - other).max() > 1e-4


@pytest.mark.parametrize("name", ["sd15", "sdxl"])
def test_chunks_give_a_short_prompt_the_very_embeddings_of_the_pipeline(
    pipe: Callable[[str], Any], name: str
) -> None:
    # A second, weighted prompt sends both the way of embeddings; the first has no weights of its own.
    given = condition(pipe(name), family(name), [SHORT, "a (wolf:1.4)"], ["blurry", "blurry"])
    plain = pipe(name).encode_prompt(
        prompt=SHORT,
        device="cpu",
        num_images_per_prompt=1,
        do_classifier_free_guidance=True,
        negative_prompt="blurry",
    )
    names = [
        "prompt_embeds",
        "negative_prompt_embeds",
        "pooled_prompt_embeds",
        "negative_pooled_prompt_embeds",
    ]
    for key, expected in zip(names, plain, strict=False):
        torch.testing.assert_close(given[key][:1], expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("weight", [0.5, 1.5])
@pytest.mark.parametrize("name", ["sd15", "sdxl"])
def test_a_weight_changes_the_picture(pipe: Callable[[str], Any], name: str, weight: float) -> None:
    plain = drawn(pipe(name), condition(pipe(name), family(name), ["a red fox in snow"], [""]))
    heavy = drawn(pipe(name), condition(pipe(name), family(name), [f"a (red fox:{weight}) in snow"], [""]))
    assert np.abs(plain - heavy).max() > 1e-4


def test_weights_work_in_a_prompt_of_several_chunks(pipe: Callable[[str], Any]) -> None:
    one, other = (
        condition(pipe("sd15"), family("sd15"), [LONG + f"(red moon:{w})"], [""])["prompt_embeds"]
        for w in (0.4, 1.6)
    )
    assert one.shape == other.shape
    assert (one[:, -77:] - other[:, -77:]).abs().max() > 1e-3


def test_a_weight_out_of_range_is_told(pipe: Callable[[str], Any]) -> None:
    notes = Notes()
    condition(pipe("sd15"), family("sd15"), ["a (fox:9)"], [""], notes)
    assert notes.told == [("the weight 9 in the prompt is read as 2", False)]


def test_sdxl_gets_pooled_embeddings_and_zeros_for_no_negative_prompt(pipe: Callable[[str], Any]) -> None:
    given = condition(pipe("sdxl"), family("sdxl"), [LONG, LONG], ["", ""])
    assert given["pooled_prompt_embeds"].shape == (2, 32)
    assert given["prompt_embeds"].shape[2] == 64
    assert not given["negative_prompt_embeds"].any()
    assert not given["negative_pooled_prompt_embeds"].any()
    assert condition(pipe("sdxl"), family("sdxl"), [LONG], ["blurry"])["negative_prompt_embeds"].any()


def test_who_shares_a_batch_does_not_change_a_picture(pipe: Callable[[str], Any]) -> None:
    prompts, negatives = [SHORT, LONG, "an owl", LONG + "moon"], ["blurry"] * 4
    shapes = [shape_of(pipe("sd15"), family("sd15"), *both) for both in zip(prompts, negatives, strict=True)]
    assert shapes[0] == shapes[2] != shapes[1] == shapes[3]
    alone = drawn(pipe("sd15"), condition(pipe("sd15"), family("sd15"), [LONG], ["blurry"]))
    shared = drawn(
        pipe("sd15"), condition(pipe("sd15"), family("sd15"), [LONG, LONG + "moon"], ["blurry"] * 2), count=2
    )
    np.testing.assert_allclose(alone[0], shared[0], atol=1e-4)


def test_modelscope_reads_long_prompts_too(pipe: Callable[[str], Any]) -> None:
    given = condition(pipe("modelscope"), family("modelscope"), [LONG], ["blurry"])
    assert given["prompt_embeds"].shape[1] > 77
    frames = pipe("modelscope")(
        **given, height=32, width=32, num_frames=2, num_inference_steps=1, output_type="np",
        generator=torch.Generator("cpu").manual_seed(1),
    ).frames  # fmt: skip
    assert np.isfinite(frames).all()


# ------------------------------------------------------------------------------------- T5 and language models
def test_flux_gives_its_clip_the_subject_and_its_t5_everything(pipe: Callable[[str], Any]) -> None:
    notes = Notes()
    given = condition(pipe("flux-dev"), family("flux"), [LONG + "ink style"], [""], notes)
    assert given["prompt"][0].startswith("small fox in snow")
    assert given["prompt"][0].endswith("ink style")
    assert len(pipe("flux-dev").tokenizer(given["prompt"][0])["input_ids"]) <= 77
    assert given["prompt_2"] == [LONG + "ink style"]
    assert given["max_sequence_length"] == 512
    assert notes.told == []


def test_flux_draws_the_tail_of_a_long_prompt(pipe: Callable[[str], Any]) -> None:
    one, other = (
        drawn(pipe("flux-dev"), condition(pipe("flux-dev"), family("flux"), [LONG + tail + ", ink"], [""]))
        for tail in ("red moon", "blue sun")
    )
    assert np.abs(one - other).max() > 1e-5


def test_flux_schnell_is_read_to_256_tokens_and_told_what_is_left_out(pipe: Callable[[str], Any]) -> None:
    notes = Notes()
    prompt = LONG * 2 + "ink style"
    given = condition(pipe("flux"), family("flux"), [prompt], [""], notes)
    assert given["max_sequence_length"] == 256
    assert given["prompt_2"][0].endswith("ink style")
    ((text, warn),) = notes.told
    assert warn
    assert text.startswith("the prompt is longer than the 256 tokens that flux reads; left out: ")
    assert "old trees and a frozen river behind it" in text


def test_sd3_raises_its_limit_where_that_is_enough(pipe: Callable[[str], Any]) -> None:
    sd3, notes = pipe("sd3"), Notes()
    assert condition(sd3, family("sd3"), [SHORT], [""]) == {"max_sequence_length": 256, "prompt": [SHORT]}
    given = condition(sd3, family("sd3"), [LONG * 2], ["blurry"], notes)
    assert given["max_sequence_length"] == 512
    assert given["prompt_3"] == [(LONG * 2).strip()]
    assert all(len(sd3.tokenizer(given[part][0])["input_ids"]) <= 77 for part in ("prompt", "prompt_2"))
    assert given["negative_prompt"] == ["blurry"]
    assert notes.told == []
    assert np.isfinite(drawn(sd3, given)).all()


def test_sd3_without_its_t5_says_what_its_clip_does_not_read(tiny: Callable[[str], Path]) -> None:
    from diffusers import StableDiffusion3Pipeline

    sd3 = StableDiffusion3Pipeline.from_pretrained(
        tiny("sd3"), text_encoder_3=None, tokenizer_3=None, local_files_only=True
    )
    notes = Notes()
    given = condition(sd3, family("sd3"), [LONG], [""], notes)
    assert len(sd3.tokenizer(given["prompt"][0])["input_ids"]) <= 77
    assert notes.told
    assert all(warn for _, warn in notes.told)


@pytest.mark.parametrize(
    ("name", "kind"), [("zimage", "zimage"), ("qwenimage", "qwenimage"), ("ltx", "ltx"), ("wan", "wan")]
)
def test_what_is_too_long_for_a_family_loses_whole_phrases_and_says_which(
    pipe: Callable[[str], Any], name: str, kind: str
) -> None:
    notes = Notes()
    prompt = (
        "A fox in the snow. "
        + "Old trees stand behind it, all of them covered in white frost. " * 30
        + "Ink style."
    )
    given = condition(pipe(name), family(kind), [prompt], [""], notes)
    kept = given["prompt"][0]
    assert kept.startswith("A fox in the snow. ")
    assert kept.endswith("Ink style.")
    assert len(kept) < len(prompt)
    ((text, warn),) = notes.told
    assert warn
    assert "left out: " in text
    assert "covered in white frost" in text


def test_a_preset_may_want_a_shorter_reading(pipe: Callable[[str], Any]) -> None:
    notes = Notes()
    given = condition(pipe("flux-dev"), family("flux"), [LONG], [""], notes, longest=64)
    assert given["max_sequence_length"] == 64
    assert notes.told


def test_guidance_by_a_second_pass_is_asked_for_without_a_negative_prompt_too(
    pipe: Callable[[str], Any],
) -> None:
    assert condition(pipe("qwenimage"), family("qwenimage"), [SHORT], [""])["negative_prompt"] == [" "]
    assert "negative_prompt" not in condition(pipe("flux"), family("flux"), [SHORT], [""])


def test_the_limit_of_what_is_read_decides_who_shares_a_batch(pipe: Callable[[str], Any]) -> None:
    shapes = [shape_of(pipe("sd3"), family("sd3"), text) for text in (SHORT, LONG * 2, "owl")]
    assert shapes[0] == shapes[2] != shapes[1]


def test_a_family_without_weights_reads_the_words_and_says_so(pipe: Callable[[str], Any]) -> None:
    notes = Notes()
    given = condition(pipe("zimage"), family("zimage"), ["a (red:1.3) fox"], [""], notes)
    assert given["prompt"] == ["a red fox"]
    assert notes.told == [("zimage knows no weights: 'a (red:1.3) fox' is read as 'a red fox'", True)]


# ------------------------------------------------------------------------------------- with what else is at work
def test_weights_that_wait_in_main_memory_encode_long_prompts_too(tiny: Callable[[str], Path]) -> None:
    from accelerate import cpu_offload

    pipe, away = opened(tiny("sdxl")), opened(tiny("sdxl"))
    for part in (away.vae, away.text_encoder, away.text_encoder_2, away.unet):
        cpu_offload(
            part, execution_device=torch.device("cpu")
        )  # as sequential offloading does, without a card
    assert away.text_encoder.device.type == "meta"
    here, there = (condition(each, family("sdxl"), [LONG], ["(blurry:1.2)"]) for each in (pipe, away))
    for name, tensor in here.items():
        torch.testing.assert_close(there[name], tensor)
    assert np.isfinite(drawn(away, there)).all()


def test_an_ip_adapter_works_beside_a_long_prompt(tiny: Callable[[str], Path]) -> None:
    from PIL import Image

    pipe = opened(tiny("sd15"))
    folder = tiny("ip-adapter-sd15")
    found = sorted(folder.rglob("ip-adapter*.safetensors"))[0]
    pipe.load_ip_adapter(
        str(folder),
        subfolder=str(found.parent.relative_to(folder)),
        weight_name=found.name,
        local_files_only=True,
    )
    given = condition(pipe, family("sd15"), [LONG + "moon"], ["blurry"])
    one, other = (
        drawn(pipe, given, ip_adapter_image=Image.new("RGB", (64, 64), colour)) for colour in ("red", "blue")
    )
    assert np.abs(one - other).max() > 1e-5
