"""Does a picture fit its own scene best: an eye's scores of every candidate with every scene's text, made comparable.

Raw cosines cannot be compared: a short, general text fits every picture a little, and models differ in scale (CLIP
gives a right pair about 0.3, SigLIP 0.1, others 0.8). So each text's scores are taken against what the pictures of
other scenes score with it, and measured in the spread of such scores over the film. Of each picture, two figures:
its margin over the best of the other scenes' texts, and how far it stands out from the mean of them.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Scene
from kamishibai.gates.verdict import Verdict

__all__ = ["Fit", "MatchingLimits", "alike_scenes", "judge_pictures"]

_LEAST_SPREAD = 1e-4
"""Scores that differ by less say nothing."""


class MatchingLimits(Frozen):
    """How clearly a picture must fit its own text, in spreads of the film's scores: free of any model's scale."""

    margin: float = -0.75
    """Least lead over the best of the other scenes' texts; a little below 0, as a near tie is no proof."""
    distinct: float = 0.25
    """Least lead over the mean of the other scenes' texts; a blank picture fits all of them alike."""


class Fit(Frozen):
    """What an eye said of one candidate picture of `scene`."""

    scene: str
    texts: dict[str, float]
    """Its cosine with the text of every scene, by scene id, its own among them."""
    take: int = Field(default=0, ge=0)


def alike_scenes(
    scenes: Sequence[Scene], texts: Mapping[str, str] | None = None
) -> dict[str, frozenset[str]]:
    """Return for every scene the others that ask for nearly the same picture, which it is not held against.

    Alike are scenes with the same place and the same actors (without actors: the same things), whatever the hour;
    with the same prompt of the user's own; and those whose `texts`, what the eye is given to read, are the same.
    """
    texts = texts or {}
    keys: dict[str, set[object]] = {}
    for scene in scenes:
        who = frozenset(actor.who for actor in scene.actors)
        what = frozenset() if who else frozenset(prop.name.casefold() for prop in scene.props)
        wanted: object = ("prompt", scene.prompt) if scene.prompt else (scene.setting, who, what)
        text = " ".join(texts.get(scene.id, "").casefold().split())
        keys[scene.id] = {wanted} | ({("text", text)} if text else set())
    return {
        one: frozenset(other for other in keys if other != one and keys[one] & keys[other]) for one in keys
    }


def judge_pictures(
    fits: Sequence[Fit],
    alike: Mapping[str, frozenset[str]] | None = None,
    limits: MatchingLimits | None = None,
) -> list[Verdict]:
    """Return a verdict for each candidate, in order; `badness`, 0 to 1, orders the candidates of one scene.

    Parameters
    ----------
    fits
        Every candidate of every scene of the film; with one candidate for the scenes that are settled.
    alike
        Scenes that are not held against each other, see `alike_scenes`.

    Blind spots: two scenes alone can only be found exchanged with each other, and then both are blamed; one scene,
    or scenes that are all alike, cannot be judged and pass, their candidates ordered by the cosine alone. What no
    text of the film names is not missed. An eye that reads English says nothing useful of lines in other languages:
    give it the picture prompts, which are English.
    """
    limits = limits or MatchingLimits()
    film = _Film(fits, alike or {})
    return [_judged(fit, film, limits) for fit in fits]


class _Film:
    """The film's scores: one a scene and text, the mean of the scene's candidates."""

    def __init__(self, fits: Sequence[Fit], alike: Mapping[str, frozenset[str]]) -> None:
        self.alike = alike
        self.scenes = list(dict.fromkeys(fit.scene for fit in fits))
        self.means: dict[tuple[str, str], float] = {}
        for scene in self.scenes:
            for text in self.scenes:
                values = [fit.texts.get(text, math.nan) for fit in fits if fit.scene == scene]
                finite = [value for value in values if math.isfinite(value)]
                if finite:
                    self.means[scene, text] = statistics.fmean(finite)
        self.spread = self._spread()

    def rivals(self, scene: str) -> list[str]:
        """Return the scenes that `scene` is held against."""
        near = self.alike.get(scene, frozenset())
        return [other for other in self.scenes if other != scene and other not in near]

    def usual(self, text: str, but: str) -> float:
        """Return what a picture that is not meant for `text` scores with it; `but` is the scene that is judged."""
        scenes = [s for s in self.rivals(text) if s != but and (s, text) in self.means]
        if not scenes:  # two scenes alone: what the text's own picture scores stands for it
            scenes = [text] if text != but and (text, text) in self.means else []
        return statistics.fmean([self.means[s, text] for s in scenes]) if scenes else 0.0

    def _spread(self) -> float:
        """Return the standard deviation of the scores of pictures with other scenes' texts, less each text's mean."""
        apart = []
        for text in self.scenes:
            column = [self.means[s, text] for s in self.rivals(text) if (s, text) in self.means]
            if len(column) > 1:
                mean = statistics.fmean(column)
                # Over n - 1: with three scenes a column has two scores only.
                apart.append(sum((value - mean) ** 2 for value in column) / (len(column) - 1))
        if apart:
            return max(_LEAST_SPREAD, math.sqrt(statistics.fmean(apart)))
        return max(_LEAST_SPREAD, statistics.pstdev(self.means.values()) if self.means else 0.0)


def _judged(fit: Fit, film: _Film, limits: MatchingLimits) -> Verdict:
    own = fit.texts.get(fit.scene, math.nan)
    if not math.isfinite(own):
        return Verdict(
            gate="picture", scene=fit.scene, passed=False, badness=1.0,
            faults=("the eye gave no score of it",), measured={"own_cosine": None},
        )  # fmt: skip
    others = {
        text: fit.texts[text] - film.usual(text, fit.scene)
        for text in film.rivals(fit.scene)
        if math.isfinite(fit.texts.get(text, math.nan))
    }
    if not others:
        badness = round(min(1.0, max(0.0, (1 - own) / 2)), 6)
        measured: dict[str, float | int | str | None] = {"own_cosine": round(own, 4), "held_against": 0}
        return Verdict(gate="picture", scene=fit.scene, passed=True, badness=badness, measured=measured)
    lead = own - film.usual(fit.scene, fit.scene)
    best = max(others, key=lambda text: others[text])
    margin = (lead - others[best]) / film.spread
    distinct = (lead - statistics.fmean(others.values())) / film.spread
    faults = []
    if margin < limits.margin:
        faults.append(f"fits the text of scene {best} better than its own")
    elif distinct < limits.distinct:
        faults.append("fits its own text no better than those of other scenes")
    return Verdict(
        gate="picture",
        scene=fit.scene,
        passed=not faults,
        faults=tuple(faults),
        badness=round(_falling((margin + distinct) / 2), 6),
        measured={
            "own_cosine": round(own, 4),
            "margin_spreads": round(margin, 3),
            "distinct_spreads": round(distinct, 3),
            "rank": 1 + sum(value > lead for value in others.values()),
            "held_against": len(others),
            "nearest": best,
        },
    )


def _falling(fit: float) -> float:
    """Return 1 for a very bad fit, a half for an even one, 0 for a very good one."""
    return 1 / (1 + math.exp(min(60.0, max(-60.0, fit))))
