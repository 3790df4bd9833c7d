"""How an English reader says one word of a text: figures, abbreviations, acronyms, addresses, symbols.

The rules run in order and the first that knows the word answers; a word no rule knows is said as written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from kamishibai.documents import abbreviations as tables
from kamishibai.documents import numerals
from kamishibai.documents.figures import FIGURES, count
from kamishibai.documents.spot import Spot

__all__ = ["say", "without_markup"]

ADDRESS = re.compile(r"(?:https?|ftp)://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.I)
SITE = re.compile(r"(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|io|co|uk|info|tv|me|ai)(?:/\S*)?", re.I)
INITIALS = re.compile(r"((?:[A-Za-z]\.)+[A-Za-z]?)('s)?")
CAPITALS = re.compile(r"([A-Z]{2,})('?s)?")
MIXED = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?")
MARKUP = re.compile(r"\{\\[^}]*\}|</?[A-Za-z][^>]*>|&[a-z]+;|\{\}")


def say(spot: Spot) -> str:
    """Return the words said for `spot`, without punctuation; empty when it is silent."""
    if not spot.core:
        return ""
    for rule in RULES:
        spoken = rule(spot)
        if spoken is not None:
            return " ".join(spoken.split())
    return _plain(spot.core)


def without_markup(shown: str) -> str:
    """Return a shown word without tags such as ``<b>`` and ``{\\an8}``, which are text to see but not to hear."""
    return MARKUP.sub("", shown)


def _plain(core: str) -> str:
    """Say a word as written: letters, inner apostrophes and hyphens; symbols inside become their names."""
    out: list[str] = []
    for index, character in enumerate(core):
        inside = 0 < index < len(core) - 1
        if (
            character.isalpha()
            or unicodedata.category(character) in {"Mn", "Mc"}
            or (character in "'-" and inside and core[index - 1].isalnum() and core[index + 1].isalnum())
        ):
            out.append(character)
        elif character.isdigit():
            out.append(f" {numerals.digits(unicodedata.normalize('NFKC', character))} ")
        elif character in tables.SYMBOLS and inside:
            out.append(f" {tables.SYMBOLS[character]} ")
        else:
            out.append(" ")
    said = "".join(out)
    return " ".join(said.split()) if any(c.isalnum() for c in said) else ""


def _short_forms(spot: Spot) -> str | None:
    core, after = spot.core, spot.after
    dotted = f"{core}." if spot.dotted else core
    capital_after = after[:1].isupper()
    if core in {"No", "Nos", "no", "nos"} and spot.dotted and after[:1].isdecimal():
        return "numbers" if core.endswith("s") else "number"
    if core in {"St", "Dr"}:
        named = capital_after and after not in tables.STARTERS and not spot.shown.endswith((",", ";", ":"))
        street = spot.before[:1].isupper() and spot.before not in tables.STARTERS and not spot.opens
        if street and not (named and spot.dotted):
            return "Street" if core == "St" else "Drive"
        return tables.TITLES[core]
    if core in tables.TITLES and capital_after and (spot.dotted or core in {"Mr", "Mrs", "Ms", "Prof"}):
        return tables.TITLES[core]
    if core in {"Mr", "Mrs", "Ms"}:
        return tables.TITLES[core]
    if core in {"Sat", "Sun", "Mon", "Tue", "Thu", "Fri"} and spot.dotted and after[:1].isdecimal():
        return {"Sat": "Saturday", "Sun": "Sunday", "Mon": "Monday", "Tue": "Tuesday", "Thu": "Thursday"}.get(
            core, "Friday"
        )
    if core == "n" and spot.shown in {"'n'", "n'", "'n"}:
        return "and"
    if core in {"til"} and spot.shown.startswith("'"):
        return "until"
    if core == "w" and spot.shown.startswith("w/"):
        return "with"
    return tables.ABBREVIATIONS.get(dotted) or tables.ABBREVIATIONS.get(core)


def _address(spot: Spot) -> str | None:
    core = spot.core
    if not (ADDRESS.fullmatch(core) or SITE.fullmatch(core)):
        return None
    if "@" in core and "://" not in core:
        return _letters_and_dots(core)
    host = re.sub(r"^(?:https?|ftp)://", "", core, flags=re.I)
    host = re.sub(r"^www\.", "", host, flags=re.I)
    # Nobody reads a path aloud: the name of the site is what a listener can use.
    return _letters_and_dots(re.split(r"[/?#:]", host)[0])


def _letters_and_dots(text: str) -> str:
    names = {".": " dot ", "@": " at ", "-": " dash ", "_": " underscore ", "+": " plus "}
    spaced = "".join(names.get(c, c) for c in text)
    return " ".join(
        " ".join(part.upper()) if part in {"uk", "org", "tv", "io", "ai"} - {"org"} else _alphanumeric(part)
        for part in spaced.split()
    )


def _alphanumeric(part: str) -> str:
    if part.isalpha():
        return part
    return " ".join(p if p.isalpha() else count(p) for p in MIXED.findall(part))


def _tag(spot: Spot) -> str | None:
    if spot.core.startswith("#") and len(spot.core) > 1:
        rest = spot.core[1:]
        return f"number {count(rest)}" if rest.isdecimal() else f"hashtag {_plain(rest)}"
    if spot.core.startswith("@") and len(spot.core) > 1:
        return f"at {_letters_and_dots(spot.core[1:])}"
    return None


def _roman(spot: Spot) -> str | None:
    value = numerals.roman(re.sub(r"'s$", "", spot.core))
    if value is None:
        return None
    tail = "'s" if spot.core.endswith("'s") else ""
    if spot.before in tables.ROYAL and value < 40 and not (spot.core == "I" and spot.after[:1].islower()):
        return f"the {numerals.ordinal(value)}{tail}"
    if spot.before.lower() in tables.NUMBERED and not (spot.core == "I" and spot.after[:1].islower()):
        return numerals.cardinal(value) + tail
    if len(spot.core) > 1 and set(spot.core) <= set("IVX") and value < 40 and value not in {1, 5, 10}:
        return numerals.cardinal(value) + tail
    return None


def _initials(spot: Spot) -> str | None:
    core = spot.core
    dotted = INITIALS.fullmatch(core) if "." in core else None
    if dotted:
        return " ".join(dotted[1].replace(".", "").upper()) + (dotted[2] or "")
    if core == "A" and spot.after.isupper() and (spot.before.isupper() or spot.opens):
        return "a"
    if (
        len(core) > 2
        and core.isupper()
        and all(c.isalpha() or c in "'-" for c in core)
        and not core.isalpha()
    ):
        return core.lower()
    match = CAPITALS.fullmatch(core)
    if not match:
        return None
    letters, tail = match[1], "'s" if match[2] else ""
    vowels = any(c in "AEIOUY" for c in letters)
    if letters in tables.SPELLED and not _shouted(spot):
        return " ".join(letters) + tail
    if letters in tables.SAID_AS_WORD or vowels or len(letters) > 5:
        return f"{letters.lower()}{tail}"
    return " ".join(letters) + tail


def _shouted(spot: Spot) -> bool:
    """Say whether a short word such as US or AM stands among other words in capitals."""
    if spot.before.lower() == "the":
        return False
    near = [w for w in (spot.before, spot.after) if len(w) > 1 and w.isalpha()]
    return spot.core in {"US", "AM", "PM", "AD", "PE", "ID", "LED", "UN"} and any(w.isupper() for w in near)


def _symbol(spot: Spot) -> str | None:
    core = spot.core
    if core == "&" or core in tables.SYMBOLS:
        return tables.SYMBOLS[core]
    grade = re.fullmatch(r"([A-Za-z])([+#]+)", core)
    if grade:
        return grade[1] + "".join(" plus" if c == "+" else " sharp" for c in grade[2])
    if "/" in core and all(part.isalpha() for part in core.split("/")):
        return " or ".join(core.split("/"))
    if "&" in core and core.replace("&", "").isalpha() and len(core) <= 4:
        return " ".join("and" if c == "&" else c.upper() for c in core)
    return None


def _code(spot: Spot) -> str | None:
    """Letters and digits in one word: R2-D2, MP3, A4, B12."""
    core = spot.core.replace("-", "")
    if not (
        core.isalnum() and any(c.isdecimal() for c in core) and any(c.isascii() and c.isalpha() for c in core)
    ):
        return None
    parts = []
    for part in MIXED.findall(core):
        if part[0].isdecimal():
            parts.append(count(part))
        else:
            parts.append(" ".join(part) if part.isupper() and len(part) <= 3 else part)
    return " ".join(parts)


RULES: tuple[Callable[[Spot], str | None], ...] = (
    _short_forms,
    _address,
    *FIGURES,
    _tag,
    _roman,
    _initials,
    _symbol,
    _code,
)
