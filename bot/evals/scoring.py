"""How a diagnosis compares with the expected one. Deterministic, no model as a judge.

The same scorer serves every engine. Groundedness is scored apart from rightness: a right guess without proof is no
better than luck.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.investigation.diagnosis import Diagnosis, Report
from bot.scenario import Expected

_SHORT_SHA = 7


class Score(BaseModel):
    """One run's marks. A mark that the scenario does not ask for is None."""

    model_config = ConfigDict(frozen=True)

    verdict: bool
    object: bool | None = None
    file: bool | None = None
    commit: bool | None = None
    decoy: bool = False
    """An innocent commit was blamed."""
    said: bool | None = None
    grounded: bool = False
    """There are findings, and every quote was found where it was said to be."""

    @property
    def passed(self) -> bool:
        """Everything asked for is right, nothing innocent is blamed, and it is proven."""
        marks = (self.verdict, self.object, self.file, self.commit, self.said, self.grounded)
        return all(mark is not False for mark in marks) and not self.decoy

    @property
    def failed_marks(self) -> list[str]:
        """Names of what went wrong."""
        wrong = [name for name, mark in self if mark is False and name != "decoy"]
        return [*wrong, *(["decoy blamed"] if self.decoy else [])]


def score(report: Report, expected: Expected) -> Score:
    """Compare a report with the expected diagnosis."""
    diagnosis = report.diagnosis
    if diagnosis is None:
        return Score(verdict=False)
    fault = expected.verdict == "fault"
    return Score(
        verdict=diagnosis.verdict == expected.verdict,
        object=_object(diagnosis, expected) if fault and expected.object else None,
        file=_file(diagnosis, expected) if fault else None,
        commit=_commit(diagnosis, expected) if fault else None,
        decoy=any(_same_commit(diagnosis.culprit.commit, decoy) for decoy in expected.decoys),
        said=_said(diagnosis, expected) if expected.must_say else None,
        grounded=bool(diagnosis.findings)
        and all(finding.verified for finding in diagnosis.findings),
    )


def _object(diagnosis: Diagnosis, expected: Expected) -> bool:
    right = {name.lower() for name in (expected.object, *expected.objects_also)}
    return diagnosis.culprit.object.lower() in right


def _file(diagnosis: Diagnosis, expected: Expected) -> bool:
    blamed = diagnosis.culprit.file.strip("/")
    if not expected.file:
        return not blamed
    return blamed == expected.file or (bool(blamed) and expected.file.endswith(f"/{blamed}"))


def _commit(diagnosis: Diagnosis, expected: Expected) -> bool:
    blamed = diagnosis.culprit.commit
    return not blamed if expected.commit in ("", "none") else _same_commit(blamed, expected.commit)


def _same_commit(blamed: str, sha: str) -> bool:
    return len(blamed) >= _SHORT_SHA and sha.startswith(blamed.lower())


def _said(diagnosis: Diagnosis, expected: Expected) -> bool:
    quotes = (item.quote for finding in diagnosis.findings for item in finding.evidence)
    claims = (finding.claim for finding in diagnosis.findings)
    everything = "\n".join([diagnosis.summary, diagnosis.cause, *claims, *quotes]).lower()
    return all(words.lower() in everything for words in expected.must_say)
