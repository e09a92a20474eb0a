"""Names as they are compared: how an Indonesian name is written says little, how it sounds says more.

Titles and degrees fall away, abbreviations are written out, old spelling (Soekarno, Djoko) becomes new, and letters that sound
alike become one. What remains are keys: not for reading, only for finding and comparing. Names of one word are names like others.
"""

import re
import unicodedata

from rapidfuzz.distance import JaroWinkler

_TITLES = frozenset(
    {
        *("h", "hj", "haji", "hajjah", "kh", "nyai", "ust", "ustad", "ustadz", "ustaz", "ustadzah", "pdt"),
        *("ir", "dr", "drs", "dra", "drg", "prof", "rr", "bp", "bpk", "bapak", "ibu", "ny", "nyonya", "nn", "nona", "tn", "tuan", "sdr", "sdri"),
        *("alm", "almh", "almarhum", "almarhumah"),
    }
)
_DEGREE = re.compile(
    r"[sma]\.?\s?(pd|pdi|e|ei|h|hi|hum|kom|sos|ag|th|ked|kep|km|kes|p|pt|pi|si|st|t|tp|ip|ikom|psi|gz|sn|ds|ak|akun|farm|md|m|t|a)\.?"
    r"|amd|apt|ners|b\.?a|ph\.?d|lc|cpa"
)
_WRITTEN_OUT = {
    **dict.fromkeys(["m", "moh", "moch", "mohd", "mohamad", "mohamed", "mochamad", "muh", "muhd", "much", "muchamad", "muhamed", "muhamad", "mhd"], "muhamad"),
    **dict.fromkeys(["abd", "abdl", "abdul"], "abdul"),
    **dict.fromkeys(["st", "sitti", "siti"], "siti"),
    **dict.fromkeys(["ahm", "achm", "ahmad"], "ahmad"),
    **dict.fromkeys(["nrl", "nurul"], "nurul"),
}
_OLD = ("oe", "tj", "dj", "sj", "nj")
"""Spelling before 1972; in a word that shows it a further j is today's y."""
_TODAYS = (("oe", "u"), ("tj", "c"), ("sj", "sy"), ("nj", "ny"), ("dj", "\0"), ("j", "y"), ("\0", "j"))
_SOUNDS = (
    *(("ch", "h"), ("kh", "h"), ("dh", "d"), ("th", "t"), ("sh", "s"), ("sy", "s"), ("ts", "s"), ("ph", "f"), ("gh", "g")),
    *(("ie", "i"), ("ee", "i"), ("oo", "u"), ("ai", "ae"), ("q", "k"), ("x", "ks"), ("v", "f"), ("p", "f"), ("z", "j"), ("y", "i"), ("w", "u")),
)
_DOUBLED = re.compile(r"(.)\1+")


def keys_of(name: str) -> list[str]:
    """The keys of a person's or an enterprise's name, each once, sorted."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(letter))
    first, *after_comma = plain.split(",")
    # After a comma stand degrees, or else the name goes on.
    parts = [first, *(part for part in after_comma if not _DEGREE.fullmatch(part.strip()))]
    words = [word for part in parts for word in re.split(r"[\s/&()\"-]+", part) if word]
    plainly = [re.sub(r"[^a-z0-9]", "", word) for word in words if not ("." in word.rstrip(".") and _DEGREE.fullmatch(word))]
    keys = {_sound(_WRITTEN_OUT.get(_single(word), word)) for position, word in enumerate(plainly) if word and not _is_title(word, plainly, position)}
    return sorted(keys - {""}) or sorted({_sound(re.sub(r"[^a-z0-9]", "", word)) for word in words} - {""})


def _single(word: str) -> str:
    return _DOUBLED.sub(r"\1", word)


def _is_title(word: str, words: list[str], position: int) -> bool:
    """A title, unless nothing else is left; a single M is a Muhammad only at the beginning."""
    return (word in _TITLES and len(words) > 1) or (word == "m" and position > 0)


def _sound(word: str) -> str:
    for written, heard in (*(_TODAYS if any(old in word for old in _OLD) else ()), *_SOUNDS):
        word = word.replace(written, heard)
    word = _single(word)
    return word[:-1] if len(word) > 3 and word.endswith("h") else word


def likeness(one: list[str], other: list[str]) -> float:
    """How alike two names are, 0 to 1, in whatever order their words stand; a name that lacks a word of the other is less alike."""
    if not one or not other:
        return 0.0
    few, many = sorted((one, other), key=len)
    rest, pairs = list(many), []
    for key in few:
        best = max(rest, key=lambda candidate: JaroWinkler.similarity(key, candidate))
        pairs.append(JaroWinkler.similarity(key, best))
        rest.remove(best)
    # The least alike word counts as much as all together: Muhammad Sutrisno is not Muhammad Sukarno, though half of it is the same.
    return (sum(pairs) / len(pairs) + min(pairs)) / 2 * len(few) / (len(few) + 0.5 * len(rest))
