"""Trains the small CLIP: symmetric InfoNCE in which every text that fits a picture counts as its own, and hints."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from clip_school.drawn import Drawn
from clip_school.lessons import Lesson, batches, labels_of, lesson
from clip_school.vocabulary import Example

__all__ = ["train"]

_NOBODY = 0.1
"""Weight of a patch that shows nobody: most do."""
_HINT = 0.25
"""Weight of each kind of fact beside the contrast of pictures and texts."""
_SHARPNESS = 15.0
"""Of the hints, over unit vectors; about what CLIP's own scale starts with."""


def train(
    model: Any,
    tokenizer: Any,
    examples: Sequence[Example],
    pictures: Sequence[Drawn],
    steps: int,
    *,
    batch: int = 32,
    rate: float = 2e-3,
    seed: int = 0,
    tell: Callable[[str], None] = lambda text: None,
) -> float:
    """Train `model` in place on the CPU; return the mean loss of the last tenth of the steps.

    The objective is CLIP's (Radford et al. 2021) with several positives a row (as in Khosla et al. 2020, SupCon):
    "A fox." fits every fox of the batch, and pushing it away from all but one would teach nothing. Minutes on a
    CPU are too short for a transformer to find by itself where in a picture the fox is; so it is given hints from
    what the illustrator knows: who is in which patch, and one direction of the shared space for each fact. The
    hints' own weights are thrown away.
    """
    import torch
    from torch import nn

    rng = Random(seed)
    torch.manual_seed(seed)
    labels = labels_of(examples)
    patches = nn.Linear(model.config.vision_config.hidden_size, len(labels) + 1)
    facts = nn.Linear(model.config.projection_dim, len(labels), bias=False)
    weights = [*model.parameters(), *patches.parameters(), *facts.parameters()]
    groups = [
        {"params": [p for p in weights if p.ndim > 1], "weight_decay": 0.05},
        {"params": [p for p in weights if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))
    model.train()
    losses: list[float] = []
    began = time.perf_counter()
    for step, chosen in enumerate(batches(examples, batch, steps, rng)):
        for group in optimiser.param_groups:
            group["lr"] = (
                rate
                * min(1.0, (step + 1) / (0.08 * steps))
                * (0.51 + 0.49 * math.cos(math.pi * step / steps))
            )
        given = lesson(chosen, examples, pictures, labels, rng)
        loss = _loss(model, tokenizer, given, patches, facts, labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(50))
        losses.append(loss.item())
        if (step + 1) % max(1, steps // 10) == 0:
            recent = float(np.mean(losses[-max(1, steps // 10) :]))
            tell(f"step {step + 1} of {steps}: loss {recent:.3f}, {time.perf_counter() - began:.0f} s")
    model.eval()
    return float(np.mean(losses[-max(1, steps // 10) :]))


def _loss(
    model: Any, tokenizer: Any, given: Lesson, patches: Any, facts: Any, labels: Mapping[str, int]
) -> Any:
    """Return the loss of one lesson: contrast, who is in which patch, and the facts of either side."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    tokens = tokenizer(given.texts, padding=True, truncation=True, return_tensors="pt")
    out = model(pixel_values=torch.from_numpy(given.pixels), **tokens)
    loss = _contrast(out.logits_per_text, torch.from_numpy(given.fits))
    hidden = out.vision_model_output.last_hidden_state[:, 1:]
    weight = torch.ones(len(labels) + 1)
    weight[0] = _NOBODY
    loss = loss + cross_entropy(
        patches(hidden).flatten(0, 1), torch.from_numpy(given.where).flatten(), weight=weight
    )
    directions = _SHARPNESS * normalize(facts.weight, dim=1).T
    for embedded, wanted in ((out.image_embeds, given.shown), (out.text_embeds, given.named)):
        loss = loss + _HINT * _told(embedded @ directions, torch.from_numpy(wanted), labels)
    return loss


def _contrast(logits: Any, fits: Any) -> Any:
    """Return the mean of both directions' cross-entropy, spread evenly over everything that fits."""
    wanted = fits.float()
    rows = -(logits.log_softmax(1) * wanted).sum(1) / wanted.sum(1)
    columns = -(logits.log_softmax(0) * wanted).sum(0) / wanted.sum(0)
    return (rows.mean() + columns.mean()) / 2


def _told(logits: Any, wanted: Any, labels: Mapping[str, int]) -> Any:
    """Return the cross-entropy of each kind of fact, over the rows that say something of that kind."""
    total = logits.new_zeros(())
    for kind in sorted({fact.partition(":")[0] for fact in labels}):
        columns = [i for fact, i in labels.items() if fact.startswith(f"{kind}:")]
        right = wanted[:, columns]
        known = right.sum(1) > 0
        if len(columns) > 1 and known.any():
            right = right[known]
            chances = logits[known][:, columns].log_softmax(1)
            weight = 2.0 if kind == "actor" else 1.0  # the smallest thing in most pictures
            total = total - weight * ((chances * right).sum(1) / right.sum(1)).mean()
    return total
