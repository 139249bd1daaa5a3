"""What a bot posts in an alarm channel that is plainly not an alarm: deploy notes, reports, greetings, joins.

The benefit of the doubt goes to the alarm: a rule below matches only what says so in its headline, and words of
failure, a marker such as `[FIRING]` or a red bar overrule it where such a post may well report trouble.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from bot.alarms.headline import headline, is_meaningful, plain
from bot.alarms.notification import Notification
from bot.alarms.reading import colour, everything
from bot.alarms.words import lead_state, state_of_color


class _Rule(NamedTuple):
    """A kind of post, how its headline looks, and whether words of trouble overrule it."""

    kind: str
    pattern: re.Pattern[str]
    overruled: bool = True


_SUBJECTS: Final = r"(?:deploy(?:ment|s|ing)?|rollout|roll-out|release|build|pipeline|workflow|job run|migration|sync|canary|upgrade)"
_ENDED: Final = (
    r"(?:started|starting|begun|beginning|in progress|finished|finishing|succeeded|successful|successfully|complete|completed"
    r"|done|passed|is live|queued|scheduled|approved|promoted|rolled back|cancell?ed)"
)


def _rule(kind: str, *patterns: str, overruled: bool = True) -> _Rule:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return _Rule(kind, re.compile(joined, re.IGNORECASE), overruled)


_RULES: Final = (
    _rule(
        "a note on channel membership",
        r"\bhas (?:joined|left) the (?:channel|group)",
        r"\b(?:was|were) (?:added to|removed from) (?:the channel|#)",
        r"\bset the channel (?:topic|purpose|description)",
        r"\b(?:pinned|unpinned) a message",
        r"\badded an integration to this channel",
        r"\b(?:has been|is now|successfully) (?:subscribed|unsubscribed|connected) to\b",
    ),
    _rule(
        "a deploy note",
        rf"\b{_SUBJECTS}\b[^!?\n]{{0,80}}?\b{_ENDED}\b",
        rf"\b{_ENDED}\s+{_SUBJECTS}\b",
        r"\A\W*(?:\S+ )?(?:deployed|released|shipped|promoted|rolled (?:out|back)|deploying|rolling out|releasing)\b",
        r"\b(?:has been|have been|was|were|is being) (?:deployed|released|shipped|promoted|rolled (?:out|back))\b",
        r"\b\w+ (?:deployed|promoted|released|rolled (?:out|back)) \S+",
        r"\A\W*(?:new|started|starting) (?:release|deploy(?:ment)?|rollout|version)\b",
        r"\bis now (?:live|running v?\d)",
    ),
    _rule(
        "a repository note",
        r"\bpull request\b.{0,80}\b(?:opened|merged|closed|approved|submitted|review)",
        r"\b(?:opened|merged|closed|approved) (?:a )?(?:pull|merge) request\b",
        r"\b\d+ (?:new )?commits?\b.{0,60}\b(?:pushed|to)\b",
        r"\bpushed \d+ commits?\b",
        overruled=False,
    ),
    _rule(
        "a report",
        r"\b(?:daily|weekly|monthly|quarterly|hourly|nightly|morning|yesterday'?s|end[- ]of[- ]day)\b.{0,40}"
        r"\b(?:report|summary|digest|recap|stats|statistics|overview|roundup|newsletter|metrics|standup|stand-up)\b",
        r"\b(?:alert|alarm|incident|cost|usage|slo|error) (?:digest|recap|summary) for\b",
        overruled=False,
    ),
    _rule(
        "a rota note",
        r"\bis (?:now )?(?:the )?(?:primary |secondary )?on[- ]?call\b",
        r"\bon[- ]?call (?:shift|rotation|handover|hand-off|handoff|schedule)\b",
        r"\b(?:shift|rotation) (?:starts|started|ends|ended|change)",
    ),
    _rule(
        "chatter",
        r"\A\W*(?:hi|hello|hey|howdy|greetings|good (?:morning|afternoon|evening|night))\b",
        r"\A\W*(?:welcome (?:to|back|aboard)|welcome[,!]|happy \w+day|happy birthday|congrat\w*|thanks|thank you|cheers)\b",
        r"\A\W*(?:friendly )?reminder\b",
        r"\A\W*(?:poll|quiz|survey|standup|stand-up|retro(?:spective)?|lunch|birthday)\b",
        r"\b(?:time for|don't forget|please fill (?:in|out)|how are you|what did you do)\b",
    ),
)

_TROUBLE = re.compile(
    r"\b(?:(?:has|have|is|are|was|were|does|did|do|could|can|will)(?: not|n't)|never|fail(?:s|ed|ing|ure|ures)?|unsuccessful|abort(?:ed)?|tim(?:ed|ing) out|timeouts?|unhealthy|degraded|stuck|stalled"
    r"|could not|cannot|can't|unable|crash(?:ed|es|ing|loop\w*)?|outage|is down|went down|unavailable|unreachable"
    r"|error rate|errors? (?:during|while|deploying|rate|count|spike)|5xx|latency|exceed(?:s|ed|ing)?|threshold|breach\w*"
    r"|critical|alarm|alerts?|alerting|firing|triggered|exception|panic|oom\w*|violat\w+|broken|incident)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\([^()]{0,300}\)|[\"“'‘`][^\"”'’`\n]{0,300}[\"”'’`]|\bfix(?:e[sd])?\b.{0,300}", re.IGNORECASE
)
_MARKER = re.compile(
    r"\[\s*(?:FIRING|RESOLVED|ALERTING|OK\])|\bThreshold Crossed\b|\bin ALARM\b|\bCloudWatch Alarm\b"
)


def not_an_alarm(notification: Notification) -> str:
    """Why the post is plainly no alarm (`a deploy note`), or an empty string when it may be one."""
    text = plain(headline(notification))
    whole = everything(notification)
    if not any(is_meaningful(line) for line in whole.splitlines()[:200]):
        return "" if _says_state(notification, text) else "nothing to read"
    if _MARKER.search(whole[:5_000]):
        return ""
    rule = next((rule for rule in _RULES if rule.pattern.search(text[:400])), None)
    if rule is None or (rule.overruled and _is_trouble(notification, text)):
        return ""
    return rule.kind


def _is_trouble(notification: Notification, text: str) -> bool:
    """Words of failure in the headline, apart from what a change is said to have fixed, or a red bar."""
    red = (
        state_of_color(colour(notification)) == "firing"
        and colour(notification).lower() != "warning"
    )
    return red or bool(_TROUBLE.search(_ASIDE.sub(" ", text[:400])))


def _says_state(notification: Notification, text: str) -> bool:
    """A bare `ALERT` or a coloured bar without words still says that something happened."""
    return bool(text) and (lead_state(text) is not None or bool(colour(notification)))
