"""The name of an alarm out of free text: which line to call it by, and what of that line never changes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.alarms.notification import Notification
from bot.alarms.words import FIRING_ABROAD, RESOLVED_ABROAD

MAX_NAME: Final = 150
MAX_TEXT: Final = 20_000

_EMPHASIS = re.compile(r"(?<![\w*_~`])([*_~`]{1,3})(?=\S)([^\n]{1,200}?)(?<=\S)\1(?![\w*_~`])")
_MENTION = re.compile(r"(?<!\w)@[\w.-]{1,80}|\A\s*#[A-Za-z][\w-]{0,80}")
_SHORTCODE = re.compile(r"(?<!\S):[a-z][a-z0-9_+-]{0,60}:|(?<!\w):[a-z][a-z0-9_+-]{0,60}:(?!\w)")
"""Not the middle of `sum(last_5m):sum:trace.http` or `location:aws:eu-west-1`."""
_URL = re.compile(r"https?://\S{1,3000}")
_EDGE: Final = " \t-–—:|•*_~`>.,!#"
_QUOTES: Final = ('""', "''", "“”", "``", "[]")

_STATUS: Final = (
    r"re-?triggered|triggered|firing|alarm|alerting|alert|alerts|problem|critical|crit|fatal|error|warn|warning|info"
    r"|no data|insufficient[ _]data|opened|activated|down|acknowledged|auto-?resolved|resolved|recovered|recovery|ok"
    r"|closed|cleared|up|new alert|(?:new|ongoing|acknowledged|(?:automatically )?resolved|closed) incident|incident|notification|monitoring|investigating|identified|fyi|urgent|attention|p[0-5]|sev-?[0-5]|"
) + "|".join(f"{FIRING_ABROAD} {RESOLVED_ABROAD}".split())
_LEAD_STATUS = re.compile(
    rf"\A\s*(?:(?:\d{{1,4}} )?(?:alerts?|alarms?|service alert|host alert) (?:firing|resolved|triggered|recovered|closed|opened)\s*[:|-]"
    r"|(?:problem|recovery|acknowledgement|open|resolved|closed) (?:service|host|problem) (?:alert|P-\d+):"
    r"|(?:fired|resolved|activated|deactivated):\s?sev-?[0-5]\s"
    rf"|\[\s*(?:{_STATUS})\b[^\]]{{0,40}}\]|\((?:{_STATUS})\)|(?:{_STATUS})(?: in \d[\w ]{{0,20}}| (?:cr[ií]tic[oa]l?|critique|kritisch|major|minor|warning))?\s*(?:[:!|]+|[-–—]\s))\s*",
    re.IGNORECASE,
)
_TRAIL_STATUS = re.compile(
    r"\s*(?:[-–—:|]\s*|[(\[])(?:resolved|recovered|closed|cleared|ok|firing|triggered|alarm)[)\]]?\s*\Z",
    re.IGNORECASE,
)
_MIDDLE_STATUS = re.compile(
    rf"\A(?P<name>.{{3,150}}?)\s*\[\W{{0,4}}(?:{_STATUS})\W{{0,4}}\](?=\s\S)", re.IGNORECASE
)
"""`[Acme checkout] [🔴 Down] connect ECONNREFUSED`: what stands before the state is the name."""
_KIND = re.compile(
    r"\| Account: ?\d{12}\s*\Z"  # AWS: the kind of post, a region and an account
    r"|\A\W*alerts? (?:firing|resolved|triggered) in \S+\s*\Z"  # GitLab: the project
    r"|\A\W*(?:service|host) [A-Z]{2,20} notification\s*\Z",  # Checkmk: PROBLEM, RECOVERY, …
    re.IGNORECASE,
)
"""Lines that name the kind of post, and not what happened."""
_EMPTY_WORDS: Final = (
    "firing triggered retriggered alarm alarms alert alerts alerting problem critical crit fatal error warn warning "
    "info no data insufficient opened open activated down acknowledged auto resolved recovered recovery ok closed "
    "cleared up new incident notification monitoring fyi urgent attention name detail details message from by the a "
    "an your notice hello hi hey team oncall on call link view please check see here channel everyone slack bot p1 p2 "
    "p3 p4 p5 sev1 sev2 sev3 status state is has been prometheus high medium low severity priority"
)
_EMPTY: Final = frozenset(f"{_EMPTY_WORDS} {FIRING_ABROAD} {RESOLVED_ABROAD}".split())

_LETTERS = re.compile(r"\w+")
_PARENTHESES = re.compile(r"\([^()]{0,300}\)")
_UNSTABLE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # uuid
    r"|(?<![\w-])(?:0x)?(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}(?![\w-])"  # hash
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)?)?"  # date
    r"|(?<![\w:])\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]m)?(?!\w)"  # time of day
    r"|#\d+|\bP-\d{4,}\b"
    r"|(?<![\w./-])[<>=≥≤~+-]*\s?[$€£]?\d[\d.,]*\s?(?:%|‰|°c?|percent|[kmgtp]i?b?|bytes?|b|[nuµm]?s|secs?|seconds?|mins?"
    r"|minutes?|h|hrs?|hours?|d|days?|x|times|rps|qps|rpm|iops|ms|req(?:uests)?(?:/\w+)?|errors?/\w+|/\w+)?(?![\w-])",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b(?:http|status|code|port|error|exit)(?: code)?[ :=]\d{2,5}\b", re.IGNORECASE)
_WORD = re.compile(r"[^\s\"'“”`*_~,;!?()\[\]{}<>|=]+")
_STATE_WORDS: Final = frozenset(
    word
    for line in (
        "firing resolved triggered retriggered re-triggered alerting alert alerts alarm recovered recovery recovering ok",
        "okay closed cleared down up failing failed passing passed healthy unhealthy degraded normal back again open",
        "opened active activated inactive acknowledged auto-resolved still currently no longer not now has have been had",
        "was were is are be the a an for since after at above below over under exceeded exceeds crossed online offline",
        "unreachable reachable critical warning warn info repeated reminder problem investigating identified",
        FIRING_ABROAD,
        RESOLVED_ABROAD,
    )
    for word in line.split()
)


def plain(text: str) -> str:
    """A text without emphasis marks and emoji shortcodes, at most 20,000 characters of it; the words stay."""
    text = text[:MAX_TEXT]
    for _ in range(2):  # bold within italic
        text = _EMPHASIS.sub(r"\2", text)
    return _SHORTCODE.sub("", text)


def headline(notification: Notification) -> str:
    """The first line that says something of its own; else the first line; empty when there is no text at all."""
    candidates = [line for line in _lines(_pieces(notification)) if line]
    sender = frozenset(word.lower() for word in _LETTERS.findall(notification.sender))
    told = (line for line in candidates if is_meaningful(line, sender))
    return next(told, candidates[0] if candidates else "")


def is_meaningful(line: str, sender: frozenset[str] = frozenset()) -> bool:
    """Whether a line names something: not a bare status, greeting, mention, url, or the words of the sender's name."""
    text = plain(line[:1_000])
    if _KIND.search(text):
        return False
    bare = _MENTION.sub(" ", _URL.sub(" ", text))
    words = (match[0].lower() for match in _LETTERS.finditer(bare))
    telling = "".join(word for word in words if word not in _EMPTY and word not in sender)
    return sum(map(str.isalpha, telling)) >= 3


def name_of(line: str) -> str:
    """What to call the alarm: the line without emoji, mentions and status words around it."""
    text = _MENTION.sub("", plain(line[:2_000]))
    text = "".join(c for c in text if c.isprintable() and not _is_symbol(c)).strip(_EDGE)
    for _ in range(4):
        shorter = _TRAIL_STATUS.sub("", _LEAD_STATUS.sub("", text)).strip(_EDGE)
        if shorter == text or not any(map(str.isalpha, shorter)):
            break
        text = shorter
    middle = _MIDDLE_STATUS.match(text)
    text = middle["name"].strip(_EDGE) if middle else text
    if any(text.startswith(pair[0]) and text.endswith(pair[1]) for pair in _QUOTES):
        text = text[1:-1] or text
    return _shorten(" ".join(text.split()) or line[:2_000].strip())


def stable(text: str) -> str:
    """What a name keeps from one post to the next: no states, values, times, counts, ids and parentheses.

    Figures inside a word stay (`web-1`, `5xx`, `http 503`). A text of nothing else is kept as it is, in lower case.
    """
    bare = _MENTION.sub(" ", _URL.sub(" ", plain(text[:1_000])))
    bare = _PARENTHESES.sub(" ", bare)
    codes = [match[0] for match in _CODE.finditer(bare)]
    bare = _UNSTABLE.sub(" ", _CODE.sub(" ", bare))
    words = [word.strip(_EDGE).lower() for word in _WORD.findall(bare) if not _all_symbols(word)]
    kept = [word for word in words if word and word not in _STATE_WORDS]
    kept += [" ".join(_WORD.findall(code)).lower() for code in codes]
    return " ".join(kept) or " ".join(text.lower().split())[:MAX_NAME]


def _pieces(notification: Notification) -> Iterable[str]:
    yield notification.text
    for section in notification.sections:
        yield from (section.pretext, section.title, section.text, *section.fields.values())
        yield section.fallback


def _lines(pieces: Iterable[str]) -> Iterable[str]:
    return (line.strip() for piece in pieces for line in piece[:5_000].splitlines()[:60])


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1].rstrip() + "…"


def _is_symbol(character: str) -> bool:
    return ord(character) >= 0x2190 and not character.isalnum() and character not in "–—…“”"


def _all_symbols(word: str) -> bool:
    return not any(character.isalnum() for character in word)
