"""How figures are said: money, times, dates, years, ranges, fractions, measures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from kamishibai.documents import abbreviations as tables
from kamishibai.documents import numerals
from kamishibai.documents.spot import Spot

__all__ = ["FIGURES", "count"]

NUM = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
LONGEST_NUMBER = 24
"""Digits; what is longer is not read out."""
COINS = "|".join(re.escape(sign) for sign in sorted(tables.CURRENCIES, key=len, reverse=True))
UNIT = "|".join(re.escape(unit) for unit in sorted(tables.UNITS, key=len, reverse=True) if unit.strip("."))

MONEY = re.compile(rf"([-−]?)({COINS})({NUM})([kKmMbB]|bn)?")
MONEY_AFTER = re.compile(r"(\d+(?:[.,]\d+)?)([€£$])")
MONEY_RANGE = re.compile(rf"({COINS})(\d+)[-–](?:{COINS})?(\d+)")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s?(?:([ap])\.?m\.?)?", re.I)
DOT_CLOCK = re.compile(r"(\d{1,2})\.(\d{2})([ap])\.?m\.?", re.I)
HALF_CLOCK = re.compile(r"(0?\d|1[0-2])\.([0-5]\d)")
"""Only before a.m. or p.m.: alone it is a decimal."""
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
FEET = re.compile(r"""(\d{1,2})'(\d{1,2})?["”]?[.,;:!?]*$""")
YEAR_AFTER = frozenset({"in", "since", "by", "of", "year", "from", "until", "to", "before", "after"})
TIMES = re.compile(r"(\d+)[x×](\d+)?")


def count(text: str) -> str:
    """Return a plain number in words; one with more digits than anybody would read out is only named."""
    if sum(c.isdigit() for c in text) > LONGEST_NUMBER:
        return "a very long number"
    return numerals.number(text)


def _one(text: str) -> bool:
    return text.replace(",", "").lstrip("+-−") in {"1", "1.0"}


def _is_number(core: str) -> bool:
    return bool(PLAIN.fullmatch(core) or VULGAR.fullmatch(core))


def _money(spot: Spot) -> str | None:
    core = spot.core
    both = MONEY_RANGE.fullmatch(core)
    if both:
        _, many, _, _ = tables.CURRENCIES[both[1]]
        return f"{count(both[2])} to {count(both[3])} {many}"
    core = re.sub(r"(\d),(\d\d)$", r"\1.\2", core) if core[:1] in tables.CURRENCIES else core
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
        return f"{minus}{count(amount)} {tables.MAGNITUDES[magnitude]} {many}"
    if spot.after in tables.COUNTED:
        return minus + count(amount)
    whole, _, part = amount.partition(".")
    if len(part) == 2 and coin not in {"¥", "₩"}:
        large, small = int(whole.replace(",", "")), int(part)
        if large == 0 and small:
            return f"{minus}{numerals.cardinal(small)} {small_one if small == 1 else small_many}"
        said = f"{minus}{count(whole)} {one if large == 1 else many}"
        if not small:
            return said
        # "Three pounds fifty", but "three pounds and five pence": a bare "five" would sound like a price of 8.
        return said + (
            f" {numerals.cardinal(small)}" if small > 9 else f" and {numerals.cardinal(small)} "
            f"{small_one if small == 1 else small_many}"
        )  # fmt: skip
    single = _one(amount) or spot.after in {"bill", "note", "coin", "bills", "notes", "coins"}
    return f"{minus}{count(amount)} {one if single else many}"


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
    match = HALF_CLOCK.fullmatch(spot.core) if half else None
    if match:
        return _time_of_day(match[1], match[2], half=True)
    match = CLOCK.fullmatch(spot.core)
    if not match or int(match[1]) > 24 or int(match[2]) > 59:
        return None
    said = _time_of_day(match[1], match[2], half=half or bool(match[4]) or bool(match[3]))
    if match[3]:
        said += f" and {numerals.cardinal(int(match[3]))} seconds"
    return f"{said} {match[4].upper()} M" if match[4] else said


def _half_of_day(spot: Spot) -> str | None:
    core = spot.core
    if core in {"a.m", "p.m", "A.M", "P.M"} or (
        core in {"am", "pm", "AM", "PM"} and spot.before[:1].isdecimal()
    ):
        return f"{core[0].upper()} M"
    return None


def _height(spot: Spot) -> str | None:
    match = FEET.match(spot.shown)
    if not match:
        return None
    inches = f" {numerals.cardinal(int(match[2]))}" if match[2] else ""
    return f"{numerals.cardinal(int(match[1]))} {'foot' if inches or match[1] == '1' else 'feet'}{inches}"


def _time_of_day(hour: str, minute: str, *, half: bool) -> str:
    if int(minute) == 0:
        return numerals.cardinal(int(hour)) + (
            "" if half else " o'clock" if int(hour) <= 12 else " hundred hours"
        )
    oh = "oh " if int(minute) < 10 else ""
    return f"{numerals.cardinal(int(hour))} {oh}{numerals.cardinal(int(minute))}"


def _date(spot: Spot) -> str | None:
    core = spot.core
    match = ISO_DATE.fullmatch(core)
    if match and 1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31:
        return f"{tables.MONTH_NAMES[int(match[2]) - 1]} {numerals.ordinal(int(match[3]))} {numerals.year(int(match[1]))}"
    if core.isdecimal() and len(core) <= 2 and 1 <= int(core) <= 31:
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
        core.isdecimal()
        and len(core) == 4
        and spot.after not in tables.UNITS
        and spot.after not in tables.COUNTED
    ):
        dated = spot.before.lower() in YEAR_AFTER
        is_year = 1100 <= int(core) <= 2099 or (dated and 1000 <= int(core) < 1100)
        return numerals.year(int(core)) if is_year else numerals.number(core)
    return None


def _range(spot: Spot) -> str | None:
    match = RANGE.fullmatch(spot.core)
    if not match:
        return None
    years = (
        len(match[1]) == 4
        and len(match[2]) in {2, 4}
        and match[1].isdecimal()
        and 1100 <= int(match[1]) <= 2099
    )
    low = numerals.year(int(match[1])) if years else count(match[1])
    high = numerals.year(int(match[2])) if years and len(match[2]) == 4 else count(match[2])
    unit = f" {tables.UNITS[match[3]][1]}" if match[3] else ""
    return f"{low} to {high}{unit}"


def _fraction(spot: Spot) -> str | None:
    match = VULGAR.fullmatch(spot.core)
    if match:
        above, below = unicodedata.normalize("NFKD", match[2]).split("⁄")
        part = numerals.fraction(int(above), int(below))
        if match[1] or spot.before.isdecimal():
            whole = f"{numerals.cardinal(int(match[1]))} and " if match[1] else "and "
            return whole + (f"a {part.split()[1]}" if above == "1" else part)
        return part
    match = SLASHED.fullmatch(spot.core)
    if match:
        above, below = match[1], match[2]
        if 0 < int(above) < int(below) <= 20:
            return ("and " if spot.before.isdecimal() else "") + numerals.fraction(int(above), int(below))
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
        return f"{count(match[1])} {one if _one(match[1]) else many}"
    match = re.fullmatch(rf"({NUM})([kKmM]|bn)", core)
    if match:
        return f"{count(match[1])} {tables.MAGNITUDES[match[2]]}"
    match = TIMES.fullmatch(core)
    if match:
        return f"{count(match[1])} by {count(match[2])}" if match[2] else f"{count(match[1])} times"
    match = HYPHENED.fullmatch(core)
    if match:
        unit = tables.UNITS.get(match[2])
        return f"{count(match[1])} {unit[0] if unit else match[2]}"
    return None


def _number(spot: Spot) -> str | None:
    if PLAIN.fullmatch(spot.core):
        return count(spot.core)
    return None


FIGURES: tuple[Callable[[Spot], str | None], ...] = (
    _money,
    _magnitude_of_money,
    _clock,
    _half_of_day,
    _height,
    _date,
    _range,
    _fraction,
    _nth_and_years,
    _measure,
    _number,
)
"""Tried in order; the first that knows the figure answers."""
