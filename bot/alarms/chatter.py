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
from bot.alarms.words import lead_state, state_of_color, state_of_emoji


class _Rule(NamedTuple):
    """A kind of post, how its headline looks, and whether words of trouble overrule it."""

    kind: str
    pattern: re.Pattern[str]
    overruled: bool = True


_SUBJECTS: Final = (
    r"(?:deploy(?:ment|s|ing)?|rollout|roll-out|release|build|pipeline|workflow|job run|migration|sync|canary|upgrade"
    r"|backup|restore|tests?|apply|import|export)"
)
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
        "a build note",
        r"\A\W*success(?:ful(?:ly)?)?\b",
        r"\bcompleted successfully\b",
        r"\b(?:build|pipeline|tests?|ci|workflow|checks?|main|master)\b.{0,60}\b(?:is|are) (?:green|passing)\b",
        r"\bimage\b.{0,200}\bpushed\b",
        r"\bterraform plan\b",
        r"\b(?:release notes|change ?log)\b",
    ),
    _rule(
        "a note on a change",
        r"\b(?:was|were|has been|have been) (?:updated|published|reloaded|approved|shared|uploaded|archived|merged|renamed"
        r"|toggled|turned o(?:n|ff))\b",
        r"\bflag\b.{0,80}\b(?:enabled|disabled|turned|toggled|rolled|changed)\b",
        r"\bdependenc(?:y|ies) updates?\b|\bupdated? dependenc(?:y|ies)\b",
    ),
    _rule(
        "a repository note",
        r"\bpull request\b.{0,80}\b(?:opened|merged|closed|approved|submitted|review)",
        r"\b(?:opened|merged|closed|approved) (?:a )?(?:pull|merge) request\b",
        r"\b\d+ (?:new )?commits?\b.{0,60}\b(?:pushed|to)\b",
        r"\bpushed (?:\d+ commits?|(?:to |new )(?:branch|tag))\b",
        r"\A\W*merged\b",
        r"\bPR #?\d+\b|\b(?:needs|requested|awaiting|waiting for) (?:a |your )?(?:code )?review\b",
        overruled=False,
    ),
    _rule(
        "a ticket note",
        r"\b(?:created|updated|commented on|transitioned|edited|moved|assigned|reopened) (?:an? |the |this )?"
        r"(?:new )?(?:bug|task|sub-?task|story|epic|feature request|feature|ticket)\b",
        overruled=False,
    ),
    _rule(
        "a note on an alarm",
        r"\b(?:silence|mute|downtime|maintenance window)s?\b.{0,30}\b(?:created|expired|added|removed|deleted|scheduled|ended|updated)\b",
        r"\b(?:created|expired|added|removed|deleted|scheduled|updated) (?:an?|the) (?:\w+ )?(?:silence|mute|downtime|maintenance window)\b",
        r"\b(?:added|left|updated|removed) (?:an? |the )?(?:new )?(?:notes?|comments?|tags?|responders?|stakeholders?|team)\b"
        r".{0,60}\b(?:alert|incident|alarm|issue)\b",
        r"\A\W*(?:acknowledgement|downtime(?:start|end|cancelled)) (?:service|host|problem)\b",
        r"\b(?:took|assigned|has) ownership\b|\bnotes? (?:was )?added\b",
        overruled=False,
    ),
    _rule(
        "a note on planned work",
        r"\A\W*(?:(?:scheduled|planned|upcoming|routine) )?maintenance\b",
        overruled=False,
    ),
    _rule(
        "a report",
        r"\b(?:daily|weekly|monthly|quarterly|hourly|nightly|morning|yesterday'?s|end[- ]of[- ]day)\b.{0,40}"
        r"\b(?:report|summary|digest|recap|stats|statistics|overview|roundup|newsletter|metrics|standup|stand-up)\b",
        r"\b(?:alert|alarm|incident|cost|usage|slo|error) (?:digest|recap|summary) for\b",
        r"\b(?:digest|newsletter|(?:thread|channel|team|cost|meeting) (?:report|summary))\s*:",
        r"\b\d+ days without\b|\ball systems operational\b|\bsprint \d+ (?:started|ended|closed|review)\b",
        overruled=False,
    ),
    _rule(
        "a rota note",
        r"\bis (?:now )?(?:the )?(?:primary |secondary )?on[- ]?call\b",
        r"\bon[- ]?call (?:shift|rotation|handover|hand-?off|schedule)\b",
        r"\b(?:shift|rotation) (?:starts|started|ends|ended|change)",
        overruled=False,
    ),
    _rule(
        "a date in the calendar",
        r"\bevent (?:is )?start(?:s|ing) (?:in|at|now|soon)\b",
        r"\b(?:meeting|standup|stand-up|retro|review|drill|training|demo|game ?day|workshop)\b.{0,40}"
        r"\b(?:start(?:s|ing)|in \d+ min|at \d{1,2}[:h]\d\d|tomorrow|today)\b",
        r"\A\W*(?:friendly )?reminder\b.{0,100}"
        r"\b(?:meeting|standup|stand-up|retro\w*|review|drill|training|demo|game ?day|workshop|post-?mortem|survey|form)\b",
        overruled=False,
    ),
    _rule(
        "chatter",
        r"\A\W*welcome (?:to|back|aboard)\b",
        r"\A\W*(?:poll|quiz|survey)\s*:",
        r"\bposted an update for\b|\bout of (?:the )?office\b|\bset (?:a |the |their |his |her )?status to\b",
        r"\bshared .{1,120} with (?:you|the channel|everyone)\b|\btopic of the (?:day|week|month)\b",
        r"\bjoined the (?:\w+ )?(?:channel|call|meeting)\b",
        r"\bpost-?mortem\b.{0,80}\b(?:publish|schedul|meeting|review|due|ready|draft|template|link)",
        overruled=False,
    ),
    _rule(
        "chatter",
        r"\A\W*(?:hi|hello|hey|howdy|greetings|good (?:morning|afternoon|evening|night))\b",
        r"\A\W*(?:welcome[,!]|happy \w+day|happy birthday|congrat\w*|thanks|thank you|cheers)\b",
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
_HEARTBEAT = re.compile(
    r"\[\s*(?:FIRING|RESOLVED)[^\]\n]{0,60}\]\s*(?:Watchdog|Dead ?Man'?s?(?: ?Switch)?|InfoInhibitor)(?![\w:-])",
    re.IGNORECASE,
)
"""Alerts of the kube-prometheus stack that always fire, to prove that alerting works or to hold others back."""
_QUESTION = re.compile(r"\?\s*\Z")
_MARKER = re.compile(
    r"\[\s*(?:FIRING|RESOLVED|ALERTING|OK\])|\bThreshold Crossed\b|\bin ALARM\b|\bCloudWatch Alarm\b"
)


def not_an_alarm(notification: Notification) -> str:
    """Why the post is plainly no alarm (`a deploy note`), or an empty string when it may be one."""
    text = plain(headline(notification))
    whole = everything(notification)
    if not any(is_meaningful(line) for line in whole.splitlines()[:200]):
        return "" if _says_state(notification, text) else "nothing to read"
    if _HEARTBEAT.search(whole[:5_000]):
        return "a heartbeat of the monitoring itself"
    if _MARKER.search(whole[:5_000]):
        return ""
    if _asks(notification, text):
        return "a question"
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


def _asks(notification: Notification, text: str) -> bool:
    """A whole post that ends with a question mark and has no sign of an alarm: no state, emoji or colour."""
    signs = lead_state(text) or state_of_emoji(everything(notification)) or colour(notification)
    return not signs and bool(_QUESTION.search(notification.full_text))


def _says_state(notification: Notification, text: str) -> bool:
    """A bare `ALERT` or a coloured bar without words still says that something happened."""
    return bool(text) and (lead_state(text) is not None or bool(colour(notification)))
