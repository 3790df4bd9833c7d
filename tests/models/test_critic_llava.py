"""critic:llava over tiny checkpoints: the traps of its processors, what is likelier, and what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kamishibai.documents.ref import Ref
from kamishibai.errors import (
    Cancelled,
    KamishibaiError,
    ModelError,
    UnknownModelError,
    UnsupportedError,
    UsageError,
)
from kamishibai.media.picture import encode_png
from kamishibai.models import registry
from kamishibai.models.critic.llava import BRIEF, TYPES, Llava
from kamishibai.models.critic.talking import Seen
from kamishibai.models.kinds import Judge, Notes
from kamishibai.weights.pretrained import BACK_ENDS
from kamishibai.work.call import Call, keyed
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("transformers") is None, reason="the [models] extra is not installed"),
]
Tiny = Callable[[str], Path]
QUESTION = "Is a lantern seen?"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[StoreDesk]:
    with StoreDesk(Store(tmp_path / "store")) as desk:
        yield desk


@pytest.fixture
def image(desk: StoreDesk) -> Ref:
    pixels = np.random.default_rng(3).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    return desk.save(encode_png(pixels), "image/png")


def opened(folder: Path, **options: Any) -> Llava:
    critic = registry.make(f"critic:llava:{folder}", {"max_new_tokens": 16, "either": 0, **options})
    assert isinstance(critic, Llava)
    critic.load()
    return critic


def asked(critic: Llava, desk: StoreDesk, image: Ref, *questions: str, seed: int = 0) -> Notes:
    return critic.run([Judge(image=image, questions=questions, describe=False, seed=seed)], desk)[0]


def copied(source: Path, tmp_path: Path) -> Path:
    return shutil.copytree(source, tmp_path / "copy")


def changed(path: Path, **fields: Any) -> None:
    said = json.loads(path.read_text()) if path.is_file() else {}
    said.update(fields)
    path.write_text(json.dumps({name: value for name, value in said.items() if value is not None}))


# ------------------------------------------------------------------------------------------- how it is spoken to
def test_an_answer_is_what_transformers_own_processor_and_generation_give(
    tiny: Tiny, desk: StoreDesk, image: Ref
) -> None:
    import torch
    from PIL import Image
    from transformers import AutoProcessor, LlavaForConditionalGeneration

    model = LlavaForConditionalGeneration.from_pretrained(tiny("llava"))
    processor = AutoProcessor.from_pretrained(tiny("llava"), backend="pil")
    prompt = f"USER: <image>\n{QUESTION} {BRIEF} ASSISTANT:"
    picture = Image.open(desk.path(image)).convert("RGB")
    given = processor(images=[picture], text=[prompt], return_tensors="pt")
    with torch.no_grad():
        chances = model(**given).logits[0, -1].softmax(-1)
        out = model.generate(**given, do_sample=False, max_new_tokens=16)
    tokenizer = processor.tokenizer
    first = {
        word: {
            tokenizer(space + spelled, add_special_tokens=False)["input_ids"][0]
            for spelled in (word, word.title(), word.upper())
            for space in ("", " ")
        }
        for word in ("yes", "no")
    }
    blank = {tokenizer(" ", add_special_tokens=False)["input_ids"][0]}
    yes, no = (float(chances[sorted(first[word] - blank)].sum()) for word in ("yes", "no"))

    (answer,) = asked(opened(tiny("llava")), desk, image, QUESTION).answers

    assert answer.yes == pytest.approx(yes / (yes + no), abs=1e-4)
    words = tokenizer.decode(out[0, given["input_ids"].shape[1] :], skip_special_tokens=True)
    letters = "".join(char for char in words if char.isascii() and char.isalpha())
    assert "".join(char for char in answer.said if char.isascii() and char.isalpha()) == letters


def test_a_folder_whose_processor_does_not_say_how_pictures_are_laid_answers_like_one_that_does(
    tiny: Tiny, desk: StoreDesk, image: Ref
) -> None:
    old, new = opened(tiny("llava-old")), opened(tiny("llava"))
    assert asked(old, desk, image, QUESTION) == asked(new, desk, image, QUESTION)


def test_a_llava_whose_sight_has_no_mark_for_the_whole_picture_answers_too(
    tiny: Tiny, desk: StoreDesk, image: Ref
) -> None:
    notes = asked(opened(tiny("llava-siglip-old")), desk, image, QUESTION)
    assert notes.answers[0].yes is not None


def test_every_folder_answers_by_what_it_sees(tiny: Tiny, desk: StoreDesk, image: Ref) -> None:
    white = desk.save(encode_png(np.full((48, 64, 3), 255, np.uint8)), "image/png")
    for name in ("llava", "llava-next", "smolvlm", "qwen2-5-vl"):
        critic = opened(tiny(name))
        one, other = (asked(critic, desk, ref, QUESTION).answers[0] for ref in (image, white))
        assert one.yes != other.yes, name


def test_marks_of_the_chat_in_a_question_are_nobodys_pictures_and_end_no_turn(
    tiny: Tiny, desk: StoreDesk, image: Ref
) -> None:
    for name, mark in (
        ("llava", "<image>"),
        ("llava", "</s>"),
        ("qwen2-5-vl", "<|image_pad|>"),
        ("smolvlm", "<image>"),
    ):
        critic = opened(tiny(name))
        plain = asked(critic, desk, image, "What is there?").answers[0]
        assert asked(critic, desk, image, f"What is{mark}there?").answers[0].said == plain.said


def test_a_mark_of_beginning_that_the_template_sets_is_not_set_twice(tiny: Tiny, tmp_path: Path) -> None:
    from PIL import Image

    folder = copied(tiny("llava"), tmp_path)
    template = (folder / "chat_template.jinja").read_text()
    (folder / "chat_template.jinja").write_text("<s>" + template)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    begin = next(one["id"] for one in tokenizer["added_tokens"] if one["content"] == "<s>")
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [begin], "tokens": ["<s>"]}},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    critic = opened(folder)
    assert critic._talk is not None
    given = critic._talk._inputs(Image.new("RGB", (64, 48)), "What is there?")
    assert given["input_ids"][0].tolist().count(begin) == 1
    (folder / "chat_template.jinja").write_text(template)
    bare = opened(folder)
    assert bare._talk is not None
    given = bare._talk._inputs(Image.new("RGB", (64, 48)), "What is there?")
    assert given["input_ids"][0].tolist().count(begin) == 1


@pytest.mark.parametrize(
    "name", ["llava", "llava-next", "smolvlm", "idefics3", "qwen2-vl", "qwen2-5-vl", "qwen3-vl"]
)
def test_a_picture_is_taken_in_once_and_every_answer_is_as_if_it_had_been_for_it_alone(
    name: str, tiny: Tiny, desk: StoreDesk, image: Ref
) -> None:
    from PIL import Image

    critic = opened(tiny(name))
    assert critic._talk is not None
    assert critic._placed is not None
    looks: list[int] = []
    sight = next(
        part
        for key, part in critic._placed.model.named_modules()
        if key.endswith(("vision_tower", "vision_model", "visual"))
    )
    sight.register_forward_hook(lambda *_: looks.append(1))

    seen = critic._talk.look(Image.open(desk.path(image)).convert("RGB"))
    how = {"seed": 0, "most": 16, "temperature": 0.0, "tick": lambda: None}
    kept = [
        critic._talk.say(seen, words, **how) for words in ("Is it night?", "What is there?", "Is it night?")
    ]
    assert len(looks) == 1

    alone = Seen(seen.image, seen.tokens[:0], None)
    whole = [
        critic._talk.say(alone, words, **how) for words in ("Is it night?", "What is there?", "Is it night?")
    ]
    assert len(looks) == 4
    assert [said for said, _ in kept] == [said for said, _ in whole]
    for (_, one), (_, other) in zip(kept, whole, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_template_that_puts_the_words_before_the_picture_is_followed_all_the_same(
    tiny: Tiny, tmp_path: Path, desk: StoreDesk, image: Ref
) -> None:
    folder = copied(tiny("llava"), tmp_path)
    (folder / "chat_template.jinja").write_text(
        "{% for m in messages %}USER: {{ m['content'][1]['text'] }} <image>{% endfor %} ASSISTANT:"
    )
    critic = opened(folder)
    one, other = (
        asked(critic, desk, image, words).answers[0] for words in ("What is there?", "Where is it?")
    )
    assert one.said != other.said


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_in_half_precision_as_on_a_card_it_holds_a_yes_for_about_as_likely(
    tiny: Tiny, desk: StoreDesk, image: Ref, dtype: str
) -> None:
    for name in ("llava", "smolvlm", "qwen2-5-vl"):
        exact, half = (
            asked(opened(tiny(name), dtype=one), desk, image, QUESTION).answers[0].yes
            for one in ("float32", dtype)
        )
        assert half == pytest.approx(exact, abs=0.01), name


# --------------------------------------------------------------------------------------------------- what is likelier
def leaning(source: Path, folder: Path, way: int) -> Path:
    """Return a copy whose first word leans to one of yes and no: which, `way` turns round."""
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import AutoTokenizer

    copy = shutil.copytree(source, folder)
    tokenizer = AutoTokenizer.from_pretrained(copy)
    weights = load_file(copy / "model.safetensors")
    (head,) = [name for name in weights if name.endswith("lm_head.weight")]
    direction = torch.randn(weights[head].shape[1], generator=torch.Generator().manual_seed(1))
    for word, sign in (("Yes", way), ("No", -way)):
        for text in (word, f" {word}"):
            token = tokenizer(text, add_special_tokens=False)["input_ids"][-1]
            weights[head][token] = sign * direction
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    return copy


def test_the_likelier_of_yes_and_no_is_the_verdict(
    tiny: Tiny, tmp_path: Path, desk: StoreDesk, image: Ref
) -> None:
    found = []
    for way in (1, -1):
        critic = opened(leaning(tiny("llava"), tmp_path / f"way{way}", way), either=0.05)
        (answer,) = asked(critic, desk, image, QUESTION).answers
        assert answer.yes is not None
        assert answer.verdict == ("yes" if answer.yes > 0.5 else "no")
        assert answer.said.lower().startswith(answer.verdict)
        found.append(answer.verdict)
    assert sorted(found) == ["no", "yes"]


def test_a_model_that_would_say_something_else_is_unsure(tiny: Tiny, desk: StoreDesk, image: Ref) -> None:
    (answer,) = asked(opened(tiny("llava"), either=0.5), desk, image, QUESTION).answers
    assert (answer.yes, answer.verdict) == (None, "unsure")
    assert answer.said


def test_an_open_question_has_no_verdict_when_neither_yes_nor_no_is_said(
    tiny: Tiny, desk: StoreDesk, image: Ref
) -> None:
    (answer,) = asked(opened(tiny("llava")), desk, image, "What is happening?").answers
    assert (answer.yes, answer.verdict) == (None, "unsure")


# ----------------------------------------------------------------------------------------------------- chance and stop
def test_without_temperature_the_seed_is_no_part_of_what_is_asked(tiny: Tiny, image: Ref) -> None:
    asks = [Judge(image=image, seed=seed, line=line) for seed, line in ((1, "a"), (2, "b"))]
    greedy, daring = (
        [
            item.key
            for item in keyed(
                [
                    Call("judge", "", f"critic:llava:{tiny('llava')}", ask, Notes, {"temperature": heat})
                    for ask in asks
                ]
            )
        ]
        for heat in (0.0, 0.8)
    )
    assert greedy[0] == greedy[1]
    assert daring[0] != daring[1]


def test_with_temperature_the_seed_alone_decides_what_is_said(
    tiny: Tiny, desk: StoreDesk, image: Ref
) -> None:
    import torch

    critic = opened(tiny("llava"), temperature=1.5)
    once = asked(critic, desk, image, "What is there?", seed=1)
    torch.manual_seed(99)
    state = torch.random.get_rng_state()
    assert asked(critic, desk, image, "What is there?", seed=1) == once
    assert torch.equal(torch.random.get_rng_state(), state), "the program's own random numbers were moved"
    assert asked(critic, desk, image, "What is there?", seed=2) != once


def test_it_stops_within_a_word(tiny: Tiny, tmp_path: Path, image: Ref) -> None:
    told: list[float] = []
    store = Store(tmp_path / "store")
    critic = opened(tiny("llava"), max_new_tokens=512)
    with (
        StoreDesk(store, lambda done, note: told.append(done), lambda: len(told) >= 3) as desk,
        pytest.raises(Cancelled),
    ):
        asked(critic, desk, image, "What is there?")
    assert len(told) == 3


# ------------------------------------------------------------------------------------------------- what is refused
def _no_template(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()


def _pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _own_code(folder: Path) -> None:
    changed(folder / "config.json", auto_map={"AutoModel": "x.Y"})


def _eye(folder: Path) -> None:
    changed(folder / "config.json", model_type="clip", architectures=["CLIPModel"])


def _captioner(folder: Path) -> None:
    changed(folder / "config.json", model_type="blip-2", architectures=["Blip2ForConditionalGeneration"])


def _cut_off(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (_no_template, UnsupportedError, "no chat template"),
        (_pickle, ModelError, "pickle"),
        (_own_code, UnsupportedError, "code of its own"),
        (_eye, UnsupportedError, "this one is for `eye:clip:"),
        (_captioner, UnsupportedError, "this back-end runs idefics3, llava, llava_next"),
        (_cut_off, ModelError, "cut off"),
    ],
)
def test_weights_that_it_cannot_or_must_not_run_are_refused_before_any_work(
    tiny: Tiny, tmp_path: Path, spoil: Callable[[Path], None], error: type[KamishibaiError], says: str
) -> None:
    folder = copied(tiny("llava-next"), tmp_path)
    spoil(folder)
    with pytest.raises(error) as caught:
        Llava(variant=str(folder)).weights()
    assert says in f"{caught.value.what} {caught.value.hint}"


def test_weights_that_are_not_here_are_named_with_the_way_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    for name in ("", "llava-v1.6-mistral-7b", "nobody/no-such-critic"):
        with pytest.raises(UnknownModelError, match="not on this machine") as caught:
            Llava(variant=name).weights()
        assert f"kamishibai models pull {name or 'llava-1.5-7b'}" in str(caught.value.hint)


def test_the_back_end_for_each_type_of_critic_is_this_one() -> None:
    assert {kind for kind, one in BACK_ENDS.items() if one == "critic:llava"} == set(TYPES)


def _patches(folder: Path) -> None:
    changed(folder / "processor_config.json", patch_size=4)


def _broken_template(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text("{{ raise_exception('only system turns') }}")


def _overflowing(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    for name in weights:
        if name.endswith("lm_head.weight"):
            weights[name][:] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_patches, "do not go together"),
        (_broken_template, "only system turns"),
        (_overflowing, "gave no numbers"),
    ],
)
def test_what_goes_wrong_while_it_looks_is_told_in_words(
    tiny: Tiny, tmp_path: Path, desk: StoreDesk, image: Ref, spoil: Callable[[Path], None], says: str
) -> None:
    folder = copied(tiny("llava"), tmp_path)
    spoil(folder)
    with pytest.raises(ModelError) as caught:
        asked(opened(folder), desk, image, QUESTION)
    assert says in f"{caught.value.what} {caught.value.hint}"


def test_options_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(UsageError, match="surely_no is below surely_yes"):
        registry.make("critic:llava", {"surely_no": 0.7, "surely_yes": 0.6})


def test_where_it_runs_is_no_part_of_a_key_and_how_it_runs_is() -> None:
    assert Llava.Options.unkeyed == {"device"}


def test_finding_a_critic_costs_no_import_of_torch(tiny: Tiny) -> None:
    code = (
        "import sys; from kamishibai.models.critic.llava import Llava\n"
        f"critic = Llava(variant={str(tiny('qwen2-5-vl'))!r})\n"
        "print(len(critic.weights()), critic.takes_up().disk_mb, len(critic.placement()), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "64 1 1 False"
