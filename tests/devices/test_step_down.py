"""The ladder of gentler plans after running out of memory."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kamishibai.devices.memory import Device, MemoryPlan, peaks_of, plan_memory, step_down
from kamishibai.weights.families import FAMILIES, Family

FAMILY = {family.name: family for family in FAMILIES}


def plan_of(
    name: str, *, kind: str = "cuda", batch: int = 1, size: tuple[int, int] | None = None
) -> MemoryPlan:
    family = FAMILY[name]
    device = Device.model_validate({"kind": kind, "total_mb": 90_000, "free_mb": 90_000, "bf16": True})
    return plan_memory(device, family, 0, *(size or family.native), frames=family.frames, batch=batch)


def ladder(plan: MemoryPlan, *, shrink: bool = False) -> list[MemoryPlan]:
    steps = []
    lower = step_down(plan, shrink=shrink)
    while lower is not None:
        steps.append(lower)
        lower = step_down(lower, shrink=shrink)
    return steps


def said(steps: list[MemoryPlan]) -> list[str]:
    return [step.why[-1].removeprefix("After running out of memory: ") for step in steps]


def test_pictures_go_through_tiles_batches_and_offloading() -> None:
    assert said(ladder(plan_of("sdxl", batch=4))) == [
        "pictures are decoded in tiles of 512 pixels.",
        "2 at a time.",
        "1 at a time.",
        "parts are moved in when their turn comes.",
        "layers are moved in one by one, which is very slow.",
    ]


def test_svd_goes_through_chunks_of_frames_and_layers() -> None:
    assert said(ladder(plan_of("svd"))) == [
        "4 frames are decoded at once.",
        "feed-forward layers work in pieces.",
        "2 frames are decoded at once.",
        "1 frame is decoded at once.",
        "parts are moved in when their turn comes.",
        "layers are moved in one by one, which is very slow.",
    ]


def test_a_processor_has_nothing_to_offload_to() -> None:
    assert said(ladder(plan_of("sd15", kind="cpu", batch=4))) == ["2 at a time.", "1 at a time."]


def test_apples_machines_slice_attention_at_last() -> None:
    steps = said(ladder(plan_of("sd15", kind="mps")))

    assert steps == ["attention works in slices."]


def test_pictures_get_smaller_only_when_that_is_allowed() -> None:
    plan = plan_of("sd15", kind="cpu")
    steps = ladder(plan, shrink=True)

    assert ladder(plan) == []
    assert [(step.width, step.height) for step in steps] == [(408, 408), (320, 320), (256, 256)]
    assert said(steps)[0] == "drawn at 408×408 in place of 512×512."


def test_sizes_stay_multiples_of_what_the_family_needs() -> None:
    steps = ladder(plan_of("ltx", kind="cpu"), shrink=True)

    assert all(step.width % 32 == 0 and step.height % 32 == 0 for step in steps)
    assert steps[-1].shrunk == 3


@settings(max_examples=200, deadline=None)
@given(
    family=st.sampled_from([one for one in FAMILIES if one.kind != "sound"]),
    kind=st.sampled_from(["cuda", "rocm", "mps", "cpu"]),
    side=st.integers(8, 200).map(lambda eighths: eighths * 8),
    frames=st.integers(1, 161),
    batch=st.integers(1, 16),
    free=st.integers(500, 90_000),
    shrink=st.booleans(),
)
def test_every_step_takes_less_somewhere_and_nowhere_more_and_the_ladder_ends(
    family: Family, kind: str, side: int, frames: int, batch: int, free: int, shrink: bool
) -> None:
    device = Device.model_validate({"kind": kind, "total_mb": 90_000, "free_mb": free, "bf16": True})
    plan = plan_memory(device, family, 0, side, side, frames=frames, batch=batch)

    steps = ladder(plan, shrink=shrink)

    assert len(steps) <= 16
    for before, after in zip([plan, *steps], steps, strict=False):
        high, low = peaks_of(before).each, peaks_of(after).each
        assert sum(low) < sum(high)
        assert all(a <= b for a, b in zip(low, high, strict=True))
        assert len(after.why) == len(before.why) + 1
