"""Colours of a paper scene: keys per time of day, shifted by setting, weather and mood, and colour words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from kamishibai.papercut.parts import Palette, Rgb

__all__ = [
    "Scheme", "colour_word", "hex_rgb", "lighten", "lit", "luminance", "mix", "scheme_for", "shift_hue",
]  # fmt: skip


def hex_rgb(text: str) -> Rgb:
    """Read ``#rrggbb`` (the hash may be missing) as sRGB 0 to 1."""
    digits = text.lstrip("#")
    return (int(digits[0:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255)


def _linear(v: float) -> float:
    return v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4


def _gamma(v: float) -> float:
    v = min(1.0, max(0.0, v))
    return v * 12.92 if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055


def _oklab(rgb: Rgb) -> tuple[float, float, float]:
    """Oklab (Ottosson 2020) of an sRGB colour; mixing there keeps gradients clean of mud."""
    r, g, b = (_linear(v) for v in rgb)
    l_ = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    m_ = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    s_ = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * l_ + 0.7936177850 * m_ - 0.0040720468 * s_,
        1.9779984951 * l_ - 2.4285922050 * m_ + 0.4505937099 * s_,
        0.0259040371 * l_ + 0.7827717662 * m_ - 0.8086757660 * s_,
    )


def _srgb(lab: tuple[float, float, float]) -> Rgb:
    light, a, b = lab
    l_ = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m_ = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s_ = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _gamma(4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_),
        _gamma(-1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_),
        _gamma(-0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_),
    )


def mix(a: Rgb, b: Rgb, t: float) -> Rgb:
    """Mix two colours in Oklab: `t` 0 gives `a`, 1 gives `b`."""
    t = min(1.0, max(0.0, t))
    la, lb = _oklab(a), _oklab(b)
    return _srgb((la[0] + (lb[0] - la[0]) * t, la[1] + (lb[1] - la[1]) * t, la[2] + (lb[2] - la[2]) * t))


def lighten(rgb: Rgb, by: float, chroma: float = 1.0) -> Rgb:
    """Raise (or lower, below 0) the Oklab lightness by `by` and scale the chroma."""
    light, a, b = _oklab(rgb)
    return _srgb((min(1.0, max(0.0, light + by)), a * chroma, b * chroma))


def shift_hue(rgb: Rgb, degrees: float) -> Rgb:
    """Turn the hue by `degrees`, lightness and chroma unchanged."""
    light, a, b = _oklab(rgb)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return _srgb((light, a * c - b * s, a * s + b * c))


def luminance(rgb: Rgb) -> float:
    """Perceived lightness, 0 to 1 (Oklab L)."""
    return _oklab(rgb)[0]


@dataclass(frozen=True)
class Scheme:
    """A scene's palette and the two colours only scenery needs: the sky's middle and the mist."""

    palette: Palette
    mid: Rgb
    mist: Rgb


def _key(
    zenith: str, mid: str, horizon: str, far: str, near: str, light: str,
    shade: str, ink: str, tint: str, strength: float, brightness: float,
) -> Scheme:  # fmt: skip
    palette = Palette(
        zenith=hex_rgb(zenith), horizon=hex_rgb(horizon), far=hex_rgb(far), near=hex_rgb(near),
        light=hex_rgb(light), ink=hex_rgb(ink), shade=hex_rgb(shade), tint=hex_rgb(tint),
        tint_strength=strength, brightness=brightness,
    )  # fmt: skip
    return Scheme(palette, hex_rgb(mid), mix(palette.horizon, palette.far, 0.5))


#         zenith     mid        horizon    far        near       light      shade      ink        tint
_TIMES = {
    "dawn": _key("#5f7fb4", "#e8a9b0", "#ffe0b3", "#e3bfc0", "#2c3a5c", "#fff0c8", "#43366a",
                 "#3d2a50", "#ee9c9c", 0.23, 0.96),
    "day": _key("#3f9dc2", "#9bd3d6", "#fdf3d7", "#bfe0d8", "#123f45", "#fff6d6", "#1d3a5f",
                "#35284a", "#fff0d4", 0.05, 1.0),
    "dusk": _key("#352c6e", "#c0567f", "#ffb766", "#d07a80", "#221a40", "#ffd28a", "#2a1746",
                 "#2f1a42", "#b2527c", 0.42, 0.82),
    "night": _key("#081633", "#143a68", "#4c8fae", "#346a90", "#050c20", "#fff3c9", "#030819",
                  "#120f2c", "#2f5596", 0.44, 0.55),
}  # fmt: skip

# Per setting, by day: sky pulled towards (zenith, horizon), distance towards far, foreground towards near.
_PLACES: dict[str, tuple[str, str, str, str, float]] = {
    "forest": ("#4aa6a6", "#f6f0c4", "#b5d6bd", "#0f3a35", 0.6),
    "meadow": ("#3f9fcb", "#fff3cf", "#c9e4c0", "#1d4f3a", 0.5),
    "sea": ("#2f93c0", "#fdf0d8", "#a8d6de", "#0c3a5a", 0.6),
    "beach": ("#35a5c4", "#fff0cf", "#b5e0d8", "#6b4a3a", 0.6),
    "underwater": ("#8fe6d4", "#2aa6b8", "#3fb0bc", "#04283f", 1.0),
    "mountains": ("#4a93c0", "#f4eedd", "#bcd0de", "#22344f", 0.6),
    "desert": ("#49a9b8", "#ffe6b8", "#f0c79a", "#5c2430", 0.75),
    "city": ("#5aa4c2", "#fbeeda", "#bccfd6", "#23304d", 0.55),
    "village": ("#4da5c6", "#fff0cf", "#cfdcc0", "#2b3b3d", 0.5),
    "garden": ("#4fb0c6", "#fff4d6", "#c6e3c2", "#17473c", 0.55),
    "farm": ("#47a4cf", "#fff0c6", "#d6e2b0", "#4a3424", 0.5),
    "cave": ("#3a4a78", "#7c8fb8", "#6d7fae", "#0d0c22", 0.9),
    "sky": ("#3c97d0", "#fff0dc", "#cfe6ee", "#3f6fa6", 0.5),
    "space": ("#0b0b2a", "#5a3f96", "#4a3f8c", "#07061a", 1.0),
    "snow": ("#6fb0d6", "#fdf3ea", "#dcebf2", "#27456b", 0.7),
    "river": ("#47a6c0", "#fdf2d2", "#bfdfcd", "#14433f", 0.5),
    "ship": ("#3599c6", "#fff0d2", "#aad8e0", "#3d2420", 0.6),
    "street": ("#63aac6", "#ffeed6", "#d6d3cf", "#2c2f4c", 0.5),
    "market": ("#5ab2c8", "#fff0d0", "#e3dcc6", "#3f2a40", 0.5),
    "rooftop": ("#4f9fc6", "#ffedd4", "#c3cfda", "#272f4d", 0.5),
}


# Indoors has a light of its own: far, near, tint, its strength, brightness. The sky's colours stay outside the window.
_INDOORS: dict[str, dict[str, tuple[str, str, str, float, float]]] = {
    "room": {
        "dawn": ("#e9c4ac", "#3b2747", "#f4b89a", 0.16, 0.95), "day": ("#efdcc0", "#3c2a45", "#fff0d8", 0.06, 1.0),
        "dusk": ("#c98a70", "#2a1736", "#e08a5c", 0.26, 0.82), "night": ("#6d4a4e", "#150d24", "#c47c50", 0.32, 0.62),
    },
    "library": {
        "dawn": ("#d3a98c", "#2c1c33", "#eeb088", 0.2, 0.86), "day": ("#d9bf94", "#2f1f30", "#ffe6bf", 0.12, 0.93),
        "dusk": ("#a8685c", "#20122c", "#dc8458", 0.28, 0.76), "night": ("#41507a", "#0d0b20", "#5a5fa0", 0.34, 0.58),
    },
    "subway": {
        "dawn": ("#9fb9b6", "#1a2238", "#cfe6dc", 0.16, 0.9), "day": ("#a8c4be", "#1b253b", "#e2f2e6", 0.12, 0.94),
        "dusk": ("#8a9aa6", "#191a33", "#c9b8b0", 0.2, 0.84), "night": ("#5f8290", "#0c1226", "#7fb0b0", 0.26, 0.7),
    },
    "tower": {
        "dawn": ("#e3b394", "#2d1c38", "#f2ae86", 0.2, 0.88), "day": ("#e2c692", "#33222f", "#ffe6b4", 0.12, 0.93),
        "dusk": ("#c4805c", "#24132e", "#e68c50", 0.28, 0.8), "night": ("#4b5f8c", "#0b0b22", "#5a6cb0", 0.34, 0.6),
    },
}  # fmt: skip


_DEEP_TINTS = {"underwater": "#3fa9b8", "cave": "#6f78b8", "space": "#7f6fc0"}


def _recolour(scheme: Scheme, change: dict[str, Rgb]) -> Scheme:
    p = scheme.palette
    palette = replace(
        p, zenith=change.get("zenith", p.zenith), horizon=change.get("horizon", p.horizon),
        far=change.get("far", p.far), near=change.get("near", p.near),
    )  # fmt: skip
    return Scheme(palette, change.get("mid", scheme.mid), change.get("mist", scheme.mist))


def _placed(scheme: Scheme, setting: str, time: str) -> Scheme:
    """Pull a time's key towards the setting's own colours: wholly by day, by a part at other times."""
    if setting in _INDOORS:
        far_word, near_word, tint, strength, brightness = _INDOORS[setting][time]
        p = scheme.palette
        indoors = replace(
            p, far=hex_rgb(far_word), near=hex_rgb(near_word), tint=hex_rgb(tint), tint_strength=strength,
            brightness=brightness, shade=mix(p.shade, hex_rgb(near_word), 0.6),
        )  # fmt: skip
        return Scheme(indoors, scheme.mid, mix(indoors.far, p.horizon, 0.25))
    place = _PLACES.get(setting)
    if place is None:
        return scheme
    zenith, horizon, far, near = (hex_rgb(c) for c in place[:4])
    p = scheme.palette
    if setting in (
        "space",
        "cave",
        "underwater",
    ):  # the hour reaches these places only as a shade of their own
        turn = {"dawn": (0.05, 1.0), "day": (0.0, 1.0), "dusk": (-0.08, 1.0), "night": (-0.3, 0.95)}[time]
        own = {
            "zenith": zenith,
            "horizon": horizon,
            "far": far,
            "near": near,
            "mid": mix(zenith, horizon, 0.55),
        }
        lean = {"dawn": 0.14, "day": 0.0, "dusk": 0.2, "night": 0.42}[time]
        change = {
            k: mix(
                lighten(v, turn[0] * (1.0 if luminance(v) > 0.35 else 0.3), turn[1]),
                getattr(p, k, scheme.mid),
                lean,
            )
            for k, v in own.items()
        }
        change["mist"] = mix(change["far"], change["horizon"], 0.4)
        out = _recolour(scheme, change)
        own_tint, strength = hex_rgb(_DEEP_TINTS[setting]), max(0.14, p.tint_strength)
        return Scheme(
            replace(out.palette, tint=mix(p.tint, own_tint, 0.8), tint_strength=strength), out.mid, out.mist
        )
    share = place[4] * {"day": 1.0, "dawn": 0.3, "dusk": 0.22, "night": 0.18}[time]
    day = _TIMES["day"].palette

    # At other times the setting's hue is kept but the hour's lightness: colours move by what day would move.
    def pull(now: Rgb, then: Rgb, own: Rgb) -> Rgb:
        if time == "day":
            return mix(now, own, share)
        ln, an, bn = _oklab(now)
        _, at, bt = _oklab(then)
        _, ao, bo = _oklab(own)
        return _srgb((ln, an + (ao - at) * share, bn + (bo - bt) * share))

    change = {
        "zenith": pull(p.zenith, day.zenith, zenith),
        "horizon": pull(p.horizon, day.horizon, horizon),
        "far": pull(p.far, day.far, far),
        "near": pull(p.near, day.near, near),
    }
    change["mid"] = pull(scheme.mid, _TIMES["day"].mid, mix(zenith, horizon, 0.5))
    change["mist"] = mix(change["horizon"], change["far"], 0.5)
    return _recolour(scheme, change)


_SKY_KEYS = ("zenith", "horizon", "far", "near")


def _each(scheme: Scheme, change: dict[str, float], towards: str | None, share: float) -> Scheme:
    """Lighten, scale the chroma, turn the hue and mix every colour of a scheme at once."""
    by, chroma, turn = change.get("light", 0.0), change.get("chroma", 1.0), change.get("turn", 0.0)
    goal = hex_rgb(towards) if towards else None

    def one(rgb: Rgb) -> Rgb:
        out = lighten(rgb, by * (0.4 + luminance(rgb)), chroma)
        out = shift_hue(out, turn) if turn else out
        if goal is None:
            return out
        light, a, b = _oklab(out)
        _, ga, gb = _oklab(goal)
        return _srgb((light, a + (ga - a) * share, b + (gb - b) * share))

    p = scheme.palette
    return _recolour(
        scheme,
        {k: one(getattr(p, k)) for k in _SKY_KEYS} | {"mid": one(scheme.mid), "mist": one(scheme.mist)},
    )


# light, chroma, hue turn; the colour everything leans to, and how far; tint strength added, brightness factor
_MOODS: dict[str, tuple[dict[str, float], str | None, float, float, float]] = {
    "calm": ({}, None, 0.0, 0.0, 1.0),
    "happy": ({"light": 0.015, "chroma": 1.12}, "#ffd98a", 0.1, 0.02, 1.04),
    "sad": ({"light": -0.04, "chroma": 0.62}, "#6f86ac", 0.2, 0.2, 0.92),
    "tense": ({"light": -0.06, "chroma": 0.85}, "#7a4a52", 0.18, 0.16, 0.88),
    "mysterious": ({"light": -0.04, "chroma": 0.95}, "#5b4f9e", 0.3, 0.2, 0.92),
    "triumphant": ({"light": 0.02, "chroma": 1.15}, "#ffb84a", 0.18, 0.1, 1.05),
    "playful": ({"light": 0.01, "chroma": 1.16, "turn": -5.0}, "#ffb0c8", 0.05, 0.0, 1.04),
    "tender": ({"light": 0.015, "chroma": 0.92}, "#f7b0b4", 0.24, 0.12, 1.01),
}
_WEATHERS: dict[str, tuple[dict[str, float], str | None, float, float, float]] = {
    "clear": ({}, None, 0.0, 0.0, 1.0),
    "cloudy": ({"light": -0.025, "chroma": 0.7}, "#a9b9c6", 0.15, 0.1, 0.95),
    "rain": ({"light": -0.07, "chroma": 0.55}, "#7d97ad", 0.3, 0.24, 0.86),
    "storm": ({"light": -0.16, "chroma": 0.55}, "#56608a", 0.4, 0.34, 0.74),
    "snow": ({"light": 0.0, "chroma": 0.62}, "#b9cbe0", 0.25, 0.14, 0.97),
    "fog": ({"light": 0.0, "chroma": 0.5}, "#c4cdcf", 0.2, 0.2, 0.95),
    "wind": ({"light": 0.0, "chroma": 0.95}, "#cfe0d8", 0.06, 0.0, 1.0),
}
_SHELTERED = frozenset({"space", "underwater", "cave", "subway", "library", "tower", "room"})


def scheme_for(setting: str, time: str, weather: str, mood: str, turn: float = 0.0) -> Scheme:
    """Return the colours of a scene; `turn` shifts every hue by a few degrees so that no two scenes match."""
    scheme = _placed(_TIMES[time], setting, time)
    steps = [_MOODS[mood]] if setting in _SHELTERED else [_WEATHERS[weather], _MOODS[mood]]
    for change, towards, share, strength, brightness in steps:
        # A night has little light left to lose: it keeps most of its own.
        if time == "night" and change.get("light", 0.0) < 0:
            change = {**change, "light": change["light"] * 0.4}
        if time == "night":  # nor colour: a grey night is only mud
            change = {**change, "chroma": 1 - (1 - change.get("chroma", 1.0)) * 0.45}
        scheme = _each(scheme, change, towards, share)
        p = scheme.palette
        scheme = Scheme(
            replace(
                p,
                tint=mix(p.tint, hex_rgb(towards), min(0.7, share * 2.4)) if towards else p.tint,
                tint_strength=min(0.6, p.tint_strength + strength),
                brightness=p.brightness * brightness,
            ),
            scheme.mid,
            scheme.mist,
        )
    if weather in ("rain", "storm", "fog", "cloudy") and setting not in _SHELTERED:
        p = scheme.palette
        grey = 0.5 if weather in ("rain", "storm") else 0.35
        scheme = _recolour(
            scheme, {"zenith": mix(p.zenith, scheme.mid, grey), "mid": mix(scheme.mid, p.far, 0.3)}
        )
    return _each(scheme, {"turn": turn}, None, 0.0) if turn else scheme


def lit(rgb: Rgb, palette: Palette, depth: float = 0.6, scenery: bool = False) -> Rgb:
    """Return how a colour of daylight looks at `depth` (0 horizon … 1 lens) under the scene's light.

    Lightness is scaled by the palette's brightness, hue leans to its tint, and distance mixes in the far
    colour while the very near falls towards the dark of the foreground. Scenery takes the hour's colour
    wholly; drawings keep more of their own, so that a character stays itself at night.
    """
    light, a, b = _oklab(rgb)
    tl, ta, tb = _oklab(palette.tint)
    k = palette.tint_strength * (1.0 if scenery else 0.62)
    light *= palette.brightness ** (0.62 if scenery else 0.4)
    # Scenery lets go of its own hue faster than it takes the tint's: halfway between two hues lies grey.
    keep, take = (1 - min(0.72, 1.05 * k), 1.2 * k) if scenery else (1 - 0.75 * k, 0.9 * k)
    most = max(math.hypot(a, b), math.hypot(ta, tb))
    a, b = a * keep + ta * take, b * keep + tb * take
    if math.hypot(a, b) > most:  # an orange under a warm lamp would glow like neon
        a, b = a * most / math.hypot(a, b), b * most / math.hypot(a, b)
    light += (tl * 0.82 - light) * k * 0.22
    out = _srgb((light, a, b))
    if depth < 0.62:
        return mix(out, palette.far, 0.86 * ((0.62 - depth) / 0.62) ** 1.15)
    return mix(out, palette.near, min(0.8, (depth - 0.62) * 2.2))


_WORDS = {
    "red": "#d8403c", "crimson": "#b3203a", "scarlet": "#dc3a26", "ruby": "#c01f45", "maroon": "#7a2232",
    "rust": "#b4532a", "orange": "#ee8a2c", "amber": "#f0a52e", "coral": "#f47c66", "peach": "#f8b890",
    "salmon": "#f2937f", "apricot": "#f7b377", "yellow": "#f6cf3f", "golden": "#e9b23a", "gold": "#e9b23a",
    "lemon": "#f7e25f", "blond": "#e8c878", "blonde": "#e8c878", "cream": "#f7ecd2", "beige": "#dccaa6",
    "ivory": "#f5efdf", "sand": "#dcc393", "sandy": "#dcc393", "tan": "#c79f6d", "ginger": "#c9662c",
    "auburn": "#8c3f26", "brown": "#8a5a3a", "chestnut": "#7b4028", "chocolate": "#5d3826",
    "bronze": "#b07a3c", "copper": "#bd6e43", "brass": "#c09a45", "green": "#5a9e4b", "emerald": "#1f9d6a",
    "jade": "#3fa57c", "olive": "#838a3c", "lime": "#a6cf3e", "mint": "#a5dcc0", "mossy": "#72803c",
    "teal": "#1f8a8a", "turquoise": "#35bdb9", "aqua": "#4fc4cf", "cyan": "#45c1d6", "azure": "#3f9be0",
    "blue": "#3f7fce", "navy": "#22386e", "sapphire": "#2457b0", "indigo": "#42409a", "purple": "#7d4fa6",
    "violet": "#8458c0", "lavender": "#b6a2dc", "lilac": "#c3a4d8", "mauve": "#a97f9f", "plum": "#74375f",
    "magenta": "#c73a8e", "pink": "#f094b4", "rosy": "#e8899a", "rose": "#e2708e", "fuchsia": "#d63f9c",
    "white": "#f8f5ee", "snowy": "#f5f7fa", "pearl": "#ece6de", "silver": "#b9c1c9", "silvery": "#b9c1c9",
    "grey": "#8b9198", "gray": "#8b9198", "ashen": "#a9a7a4", "charcoal": "#41454c", "black": "#2b2833",
    "ebony": "#322a2c", "dark": "#3a3547", "pale": "#ebe3d6", "bluish": "#6d94c4", "reddish": "#c06a55",
    "greenish": "#7aa572", "yellowish": "#e3cd77", "rainbow": "#f094b4",
}  # fmt: skip
_SHADES = {"light": 0.12, "pale": 0.16, "bright": 0.05, "dark": -0.14, "deep": -0.1}


def colour_word(name: str) -> Rgb | None:
    """Return the sRGB of a story's colour word, "dark blue" style pair or ``#rrggbb``; None when unknown."""
    text = name.strip().lower()
    if text.startswith("#"):
        digits = text[1:]
        return hex_rgb(digits) if len(digits) == 6 and all(c in "0123456789abcdef" for c in digits) else None
    if text in _WORDS:
        return hex_rgb(_WORDS[text])
    words = text.replace("-", " ").split()
    known = [w for w in words if w in _WORDS and w not in _SHADES] or [w for w in words if w in _WORDS]
    if not known:
        return None
    by = sum(_SHADES[w] for w in words if w in _SHADES and w != known[-1])
    return lighten(hex_rgb(_WORDS[known[-1]]), by)
