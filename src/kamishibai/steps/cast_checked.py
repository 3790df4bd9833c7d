"""cast_checked: whether everybody looks the same in every scene, by an eye that compares crops of the pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Score, Still
from kamishibai.gates.identity import Sighting, crops_of, judge_cast, same_pixels
from kamishibai.gates.verdict import Verdict
from kamishibai.models.kinds import Look
from kamishibai.steps.examiners import CropAsk, Cropped, Thumbnail, thumbnail_pixels
from kamishibai.steps.gate_settings import Gates
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.retaking import Examined, Tried, answers_of, retake
from kamishibai.work.call import Answer, Call
from kamishibai.work.runners.runner import Runner

__all__ = ["CastChecked", "check_cast"]

CROPPER = "kamishibai.steps.examiners:Cropper"
MOST = 64
"""Sightings that are compared with each other; of longer films the first scenes with each character count."""


@dataclass
class CastChecked:
    """What the cast gate says, and the pictures after its retakes."""

    changed: list[Answer] = field(default_factory=list)
    """The kept answer of every scene that was drawn anew."""
    verdicts: list[Verdict] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


@dataclass(frozen=True)
class _Seen:
    sighting: Sighting
    crop: Ref
    thumbnail: Thumbnail


def check_cast(
    drawn: Sequence[Answer],
    board: Storyboard,
    portraits: Mapping[str, Ref],
    gates: Gates,
    models: Mapping[str, Chosen],
    runner: Runner,
    again: Callable[[Scene, int], Call | str],
) -> CastChecked:
    """Return the verdict on each scene with somebody in it; nothing without an eye, or where nobody is seen twice.

    Parameters
    ----------
    drawn
        The kept picture of every scene.
    again
        The call that draws a scene once more, or why there can be none.
    """
    eye = models.get("eye")
    if eye is None or eye.id is None or not gates.looks("cast") or not drawn:
        return CastChecked()
    scenes = {scene.id: scene for scene in board.scenes}
    stills: dict[str, Still] = {answer.call.scene: answer.take for answer in drawn}
    compare = _Comparison(scenes, portraits, gates, eye, runner)
    before = compare.verdicts(stills)
    if not before:
        return CastChecked(answers=compare.answers)
    by_scene = {answer.call.scene: answer for answer in drawn}
    first = [Examined(by_scene[verdict.scene], verdict) for verdict in before]

    def examine(answers: Sequence[Answer]) -> list[Examined]:
        out = []
        for answer in answers:
            found = compare.verdicts({**stills, answer.call.scene: answer.take})
            out += [Examined(answer, v) for v in found if v.scene == answer.call.scene]
        return out

    def once_more(tried: Tried, number: int) -> Call | str:
        # Past the numbers of the picture gate's own takes, so that no take is drawn twice.
        return again(scenes[tried.best.answer.call.scene], gates.budget.takes + gates.best_of + number)

    tried = retake(first, once_more, examine, gates.modes["cast"], gates.budget, runner)
    return CastChecked(
        changed=[one.best.answer for one in tried if one.kept],
        verdicts=[one.best.verdict for one in tried],
        answers=[*answers_of([one for one in tried if len(one.takes) > 1]), *compare.answers],
    )


class _Comparison:
    """Cuts out everybody and has the eye compare them."""

    def __init__(
        self,
        scenes: Mapping[str, Scene],
        portraits: Mapping[str, Ref],
        gates: Gates,
        eye: Chosen,
        runner: Runner,
    ) -> None:
        self.scenes, self.portraits, self.gates, self.eye, self.runner = scenes, portraits, gates, eye, runner
        self.answers: list[Answer] = []

    def verdicts(self, stills: Mapping[str, Still]) -> list[Verdict]:
        seen = self._seen(stills)
        twice = {s.sighting.who for s in seen if sum(o.sighting.who == s.sighting.who for o in seen) > 1}
        if not twice and not any(s.sighting.who in self.portraits for s in seen):
            return []
        names = [name for name in self.portraits if any(s.sighting.who == name for s in seen)]
        others = tuple([s.crop for s in seen] + [self.portraits[name] for name in names])
        assert self.eye.id is not None
        calls = [
            Call(
                "look",
                s.sighting.scene,
                self.eye.id,
                Look(image=s.crop, pictures=others),
                Score,
                self.eye.options,
            )
            for s in seen
        ]
        scores = self.runner.run(calls)
        self.answers += scores
        count = len(seen)
        layered = any(still.layers for still in stills.values())
        return judge_cast(
            [s.sighting for s in seen],
            [score.take.pictures[:count] for score in scores],
            portraits={
                name: [score.take.pictures[count + i] for score in scores] for i, name in enumerate(names)
            },
            pictures=self._whole(stills),
            drawn=layered,
            limits=self.gates.limits("cast"),
        )

    def _seen(self, stills: Mapping[str, Still]) -> list[_Seen]:
        wanted = []
        for scene, still in stills.items():
            for who, crop in crops_of(still, self.scenes[scene]).items():
                wanted.append((scene, who, crop, CropAsk(image=still.image, box=crop.box)))
        wanted = wanted[:MOST]
        found = self.runner.run(
            [Call("crop", scene, "gate:crop", ask, Cropped, path=CROPPER) for scene, _, _, ask in wanted]
        )
        self.answers += found
        out: list[_Seen] = []
        for (scene, who, crop, _), answer in zip(wanted, found, strict=True):
            near = [(_alike(answer.take.thumbnail, s), s) for s in out if s.sighting.who == who]
            best = max(near, key=lambda pair: pair[0], default=None)
            sighting = Sighting(
                scene=scene,
                who=who,
                found=crop.found,
                copy_of=f"scene {best[1].sighting.scene}" if best else "",
                copy_correlation=round(best[0], 4) if best else 0.0,
            )
            out.append(_Seen(sighting, answer.take.image, answer.take.thumbnail))
        return out

    def _whole(self, stills: Mapping[str, Still]) -> dict[tuple[str, str], float]:
        """Return how far each picture is the same as the ones before it, pixel by pixel."""
        asks = [
            Call(
                "crop", scene, "gate:crop", CropAsk(image=still.image, box=(0, 0, still.width, still.height)),
                Cropped, path=CROPPER,
            )
            for scene, still in stills.items()
        ]  # fmt: skip
        found = self.runner.run(asks)
        small = [(answer.call.scene, thumbnail_pixels(answer.take.thumbnail)) for answer in found]
        return {(one, other): same_pixels(a, b) for i, (other, b) in enumerate(small) for one, a in small[:i]}


def _alike(thumbnail: Thumbnail, seen: _Seen) -> float:
    return same_pixels(thumbnail_pixels(thumbnail), thumbnail_pixels(seen.thumbnail))
