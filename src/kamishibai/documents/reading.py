"""How an English reader says one word of a text: money, times, dates, units, ordinals, acronyms, addresses.

The rules run in order and the first that knows the word answers; a word no rule knows is said as written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from kamishibai.documents import abbreviations as tables
from kamishibai.documents import numerals

__all__ = ["Spot", "say"]

NUM = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
LONGEST_NUMBER = 24
"""Digits; what is longer is not read out."""
COINS = "|".join(re.escape(sign) for sign in sorted(tables.CURRENCIES, key=len, reverse=True))
UNIT = "|".join(re.escape(unit) for unit in sorted(tables.UNITS, key=len, reverse=True) if unit.strip("."))

ADDRESS = re.compile(r"(?:https?|ftp)://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.I)
SITE = re.compile(r"(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|io|co|uk|info|tv|me|ai)(?:/\S*)?", re.I)
MONEY = re.compile(rf"([-−]?)({COINS})({NUM})([kKmMbB]|bn)?")
MONEY_AFTER = re.compile(r"(\d+(?:[.,]\d+)?)([€£$])")
MONEY_RANGE = re.compile(rf"({COINS})(\d+)[-–](?:{COINS})?(\d+)")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s?(?:([ap])\.?m\.?)?", re.I)
DOT_CLOCK = re.compile(r"(\d{1,2})\.(\d{2})([ap])\.?m\.?", re.I)
HOUR = re.compile(r"(\d{1,2})([ap])\.?m\.?", re.I)
HOUR_RANGE = re.compile(r"(\d{1,2})(?:([ap])\.?m\.?)?[-–](\d{1,2})([ap])\.?m\.?", re.I)
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
NTH = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(st|nd|rd|th)", re.I)
DECADE = re.compile(r"'?(\d{2}|\d{4})'?s")
SHORT_YEAR = re.compile(r"'(\d{2})")
PLAIN = re.compile(rf"[-+−]?(?:{NUM}|\.\d+)")
RANGE = re.compile(rf"({NUM})[-–—]({NUM})(%|{UNIT})?")
CLOCK_RANGE = re.compile(r"(\d{1,2}:\d{2})[-–—](\d{1,2}:\d{2})")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})")
VULGAR = re.compile(r"(\d*)([¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")
WITH_UNIT = re.compile(rf"([-+−]?(?:{NUM}))({UNIT})")
HYPHENED = re.compile(r"(\d+)-([A-Za-z][A-Za-z-]*)")
TIMES = re.compile(r"(\d+)[x×](\d+)?")
INITIALS = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]?")
CAPITALS = re.compile(r"([A-Z]{2,})('?s)?")
MIXED = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?")
MARKUP = re.compile(r"\{\\[^}]*\}|</?[A-Za-z][^>]*>|&[a-z]+;|\{\}")


@dataclass(frozen=True)
class Spot:
    """A word where it stands."""

    shown: str
    core: str
    """Without the punctuation around it; apostrophes are straight."""
    dotted: bool
    """A full stop follows, which may belong to the word."""
    before: str
    after: str
    """The cores of the neighbours, empty at the ends."""
    opens: bool
    """It opens its sentence."""


def say(spot: Spot) -> str:
    """Return the words said for `spot`, without punctuation; empty when it is silent."""
    core = MARKUP.sub("", spot.core)
    if not core:
        return ""
    if core != spot.core:
        spot = Spot(core, core.strip("{}<>"), spot.dotted, spot.before, spot.after, spot.opens)
    for rule in RULES:
        spoken = rule(spot)
        if spoken is not None:
            return " ".join(spoken.split())
    return _plain(spot.core)


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
    return " ".join("".join(out).split())


def _count(text: str) -> str:
    if sum(c.isdigit() for c in text) > LONGEST_NUMBER:
        return "a very long number"
    return numerals.number(text)


def _one(text: str) -> bool:
    return text.replace(",", "").lstrip("+-−") in {"1", "1.0"}


def _is_number(core: str) -> bool:
    return bool(PLAIN.fullmatch(core) or VULGAR.fullmatch(core))


def _short_forms(spot: Spot) -> str | None:
    core, after = spot.core, spot.after
    dotted = f"{core}." if spot.dotted else core
    capital_after = after[:1].isupper()
    if core in {"No", "Nos", "no", "nos"} and spot.dotted and after[:1].isdigit():
        return "numbers" if core.endswith("s") else "number"
    if core in {"St", "Dr"}:
        street = spot.before[:1].isupper() and not spot.opens and (spot.dotted or not capital_after)
        named = spot.before[:1].isdigit()
        if street and not _first_word(spot) and not (capital_after and core == "Dr"):
            return "Street" if core == "St" else "Drive"
        if capital_after or not named:
            return tables.TITLES[core]
    if core in tables.TITLES and capital_after and (spot.dotted or core in {"Mr", "Mrs", "Ms", "Prof"}):
        return tables.TITLES[core]
    if core in {"Mr", "Mrs", "Ms"}:
        return tables.TITLES[core]
    if core in {"Sat", "Sun", "Mon", "Tue", "Thu", "Fri"} and spot.dotted and after[:1].isdigit():
        return {"Sat": "Saturday", "Sun": "Sunday", "Mon": "Monday", "Tue": "Tuesday", "Thu": "Thursday"}.get(
            core, "Friday"
        )
    if core == "n" and spot.shown in {"'n'", "n'", "'n"}:
        return "and"
    if core in {"til"} and spot.shown.startswith("'"):
        return "until"
    if core == "w" and spot.shown.startswith("w/"):
        return "with"
    return tables.ABBREVIATIONS.get(dotted) if dotted != "St" else None


def _first_word(spot: Spot) -> bool:
    """Say whether the word before is capitalised only because it opens a sentence, as far as can be told."""
    return spot.before in {
        "Then",
        "But",
        "And",
        "On",
        "In",
        "At",
        "The",
        "Saint",
        "To",
        "So",
        "When",
        "By",
        "Old",
    }


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
    return " ".join(p if p.isalpha() else _count(p) for p in MIXED.findall(part))


def _money(spot: Spot) -> str | None:
    core = spot.core
    both = MONEY_RANGE.fullmatch(core)
    if both:
        _, many, _, _ = tables.CURRENCIES[both[1]]
        return f"{_count(both[2])} to {_count(both[3])} {many}"
    behind = MONEY_AFTER.fullmatch(core)
    if behind:
        core = behind[2] + behind[1].replace(",", ".")
    match = MONEY.fullmatch(core)
    if not match:
        return None
    sign, coin, amount, magnitude = match.groups()
    one, many, small_one, small_many = tables.CURRENCIES[coin]
    minus = "minus " if sign else ""
    if magnitude:
        return f"{minus}{_count(amount)} {tables.MAGNITUDES[magnitude]} {many}"
    if spot.after in tables.COUNTED:
        return minus + _count(amount)
    whole, _, part = amount.partition(".")
    if len(part) == 2 and coin not in {"¥", "₩"}:
        large, small = int(whole.replace(",", "")), int(part)
        if large == 0 and small:
            return f"{minus}{numerals.cardinal(small)} {small_one if small == 1 else small_many}"
        said = f"{minus}{_count(whole)} {one if large == 1 else many}"
        if not small:
            return said
        # "Three pounds fifty", but "three pounds and five pence": a bare "five" would sound like a price of 8.
        return said + (
            f" {numerals.cardinal(small)}" if small > 9 else f" and {numerals.cardinal(small)} "
            f"{small_one if small == 1 else small_many}"
        )  # fmt: skip
    return f"{minus}{_count(amount)} {one if _one(amount) else many}"


def _magnitude_of_money(spot: Spot) -> str | None:
    if spot.core in tables.COUNTED:
        money = MONEY.fullmatch(spot.before)
        if money and not money[4]:
            return f"{spot.core} {tables.CURRENCIES[money[2]][1]}"
    return None


def _clock(spot: Spot) -> str | None:
    both = CLOCK_RANGE.fullmatch(spot.core)
    if both:
        return f"{_time_of_day(*both[1].split(':'), half=True)} to {_time_of_day(*both[2].split(':'), half=True)}"
    both = HOUR_RANGE.fullmatch(spot.core)
    if both:
        low, high = (f"{numerals.cardinal(int(n))}{f' {half.upper()} M' if half else ''}" for n, half in
                     ((both[1], both[2]), (both[3], both[4])))  # fmt: skip
        return f"{low} to {high}"
    match = HOUR.fullmatch(spot.core)
    if match:
        return f"{numerals.cardinal(int(match[1]))} {match[2].upper()} M"
    half = spot.after.replace(".", "").lower() in {"am", "pm"}
    match = DOT_CLOCK.fullmatch(spot.core)
    if match:
        return f"{_time_of_day(match[1], match[2], half=True)} {match[3].upper()} M"
    match = CLOCK.fullmatch(spot.core)
    if not match or int(match[1]) > 24 or int(match[2]) > 59:
        return None
    said = _time_of_day(match[1], match[2], half=half or bool(match[4]) or bool(match[3]))
    if match[3]:
        said += f" and {numerals.cardinal(int(match[3]))} seconds"
    return f"{said} {match[4].upper()} M" if match[4] else said


def _time_of_day(hour: str, minute: str, *, half: bool) -> str:
    if int(minute) == 0:
        return numerals.cardinal(int(hour)) + (
            "" if half else " o'clock" if int(hour) <= 12 else " hundred hours"
        )
    oh = "oh " if int(minute) < 10 else ""
    return f"{numerals.cardinal(int(hour))} {oh}{numerals.cardinal(int(minute))}"


def _half_of_day(spot: Spot) -> str | None:
    core = spot.core
    if core in {"a.m", "p.m", "A.M", "P.M"} or (
        core in {"am", "pm", "AM", "PM"} and spot.before[:1].isdigit()
    ):
        return f"{core[0].upper()} M"
    return None


def _date(spot: Spot) -> str | None:
    core = spot.core
    match = ISO_DATE.fullmatch(core)
    if match and 1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31:
        return f"{tables.MONTH_NAMES[int(match[2]) - 1]} {numerals.ordinal(int(match[3]))} {numerals.year(int(match[1]))}"
    if core.isdigit() and len(core) <= 2 and 1 <= int(core) <= 31:
        if spot.before in tables.MONTHS or f"{spot.before}." in tables.MONTHS:
            return numerals.ordinal(int(core))
        if spot.after in tables.MONTHS - {"May", "March"}:
            return (
                f"{numerals.ordinal(int(core))} of"
                if spot.before == "the"
                else f"the {numerals.ordinal(int(core))} of"
            )
    return None


def _nth_and_years(spot: Spot) -> str | None:
    core = spot.core
    match = NTH.fullmatch(core)
    if match:
        return numerals.ordinal(int(match[1].replace(",", "")))
    match = DECADE.fullmatch(core)
    if match and match[1].endswith("0"):
        return numerals.decade(int(match[1]))
    if SHORT_YEAR.fullmatch(spot.shown[: len(core) + 1]) and spot.shown.startswith("'") and len(core) == 2:
        return ("oh " if core[0] == "0" else "") + numerals.cardinal(int(core))
    if DECADE.fullmatch(spot.shown[: len(core) + 1]) and spot.shown.startswith("'"):
        return numerals.decade(int(core[:2]))
    if (
        core.isdigit()
        and len(core) == 4
        and spot.after not in tables.UNITS
        and spot.after not in tables.COUNTED
    ):
        return numerals.year(int(core)) if 1100 <= int(core) <= 2099 else numerals.number(core)
    return None


def _range(spot: Spot) -> str | None:
    match = RANGE.fullmatch(spot.core)
    if not match:
        return None
    years = (
        len(match[1]) == 4
        and len(match[2]) in {2, 4}
        and match[1].isdigit()
        and 1100 <= int(match[1]) <= 2099
    )
    low = numerals.year(int(match[1])) if years else _count(match[1])
    high = numerals.year(int(match[2])) if years and len(match[2]) == 4 else _count(match[2])
    unit = f" {tables.UNITS[match[3]][1]}" if match[3] else ""
    return f"{low} to {high}{unit}"


def _fraction(spot: Spot) -> str | None:
    match = VULGAR.fullmatch(spot.core)
    if match:
        above, below = unicodedata.normalize("NFKD", match[2]).split("⁄")
        part = numerals.fraction(int(above), int(below))
        if match[1] or spot.before.isdigit():
            whole = f"{numerals.cardinal(int(match[1]))} and " if match[1] else "and "
            return whole + (f"a {part.split()[1]}" if above == "1" else part)
        return part
    match = SLASHED.fullmatch(spot.core)
    if match:
        above, below = match[1], match[2]
        if 0 < int(above) < int(below) <= 20:
            return ("and " if spot.before.isdigit() else "") + numerals.fraction(int(above), int(below))
        slash = " " if (above, below) == ("24", "7") or above == below else " slash "
        return f"{numerals.cardinal(int(above))}{slash}{numerals.cardinal(int(below))}"
    return None


def _measure(spot: Spot) -> str | None:
    core = spot.core
    if core in tables.UNITS or (spot.dotted and f"{core}." in tables.UNITS):
        if _is_number(spot.before) and core not in {"in"}:
            one, many = tables.UNITS.get(core) or tables.UNITS[f"{core}."]
            return one if _one(spot.before) else many
        if core == "in" and spot.dotted and _is_number(spot.before):
            return "inch" if _one(spot.before) else "inches"
    match = WITH_UNIT.fullmatch(core)
    if match:
        one, many = tables.UNITS[match[2]]
        return f"{_count(match[1])} {one if _one(match[1]) else many}"
    match = re.fullmatch(rf"({NUM})([kKmM]|bn)", core)
    if match:
        return f"{_count(match[1])} {tables.MAGNITUDES[match[2]]}"
    match = TIMES.fullmatch(core)
    if match:
        return f"{_count(match[1])} by {_count(match[2])}" if match[2] else f"{_count(match[1])} times"
    match = HYPHENED.fullmatch(core)
    if match:
        unit = tables.UNITS.get(match[2])
        return f"{_count(match[1])} {unit[0] if unit else match[2]}"
    return None


def _number(spot: Spot) -> str | None:
    if PLAIN.fullmatch(spot.core):
        return _count(spot.core)
    if spot.core.startswith("#") and len(spot.core) > 1:
        rest = spot.core[1:]
        return f"number {_count(rest)}" if PLAIN.fullmatch(rest) else f"hashtag {_plain(rest)}"
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
    if "." in core and INITIALS.fullmatch(core):
        return " ".join(core.replace(".", "").upper())
    match = CAPITALS.fullmatch(core)
    if not match:
        return None
    letters, tail = match[1], match[2] or ""
    vowels = any(c in "AEIOUY" for c in letters)
    if letters in tables.SPELLED and not _shouted(spot):
        return " ".join(letters) + tail.replace("'s", "'s")
    if letters in tables.SAID_AS_WORD or vowels or len(letters) > 5:
        return f"{letters.lower()}{tail}"
    return " ".join(letters) + tail


def _shouted(spot: Spot) -> bool:
    """Say whether a short word such as US or AM stands among other words in capitals."""
    near = [w for w in (spot.before, spot.after) if len(w) > 1 and w.isalpha()]
    return spot.core in {"US", "AM", "PM", "AD", "PE", "ID", "LED", "UN"} and any(w.isupper() for w in near)


def _symbol(spot: Spot) -> str | None:
    core = spot.core
    if core == "&" or core in tables.SYMBOLS:
        return tables.SYMBOLS[core]
    if "/" in core and all(part.isalpha() for part in core.split("/")):
        return " or ".join(core.split("/"))
    if "&" in core and core.replace("&", "").isalpha() and len(core) <= 4:
        return " ".join("and" if c == "&" else c.upper() for c in core)
    return None


def _code(spot: Spot) -> str | None:
    """Letters and digits in one word: R2-D2, MP3, A4, B12."""
    core = spot.core.replace("-", "")
    if not (
        core.isalnum() and any(c.isdigit() for c in core) and any(c.isascii() and c.isalpha() for c in core)
    ):
        return None
    parts = []
    for part in MIXED.findall(core):
        if part[0].isdigit():
            parts.append(_count(part))
        else:
            parts.append(" ".join(part) if part.isupper() and len(part) <= 3 else part)
    return " ".join(parts)


RULES: tuple[Callable[[Spot], str | None], ...] = (
    _short_forms,
    _address,
    _money,
    _magnitude_of_money,
    _clock,
    _half_of_day,
    _date,
    _range,
    _fraction,
    _nth_and_years,
    _measure,
    _number,
    _roman,
    _initials,
    _symbol,
    _code,
)
