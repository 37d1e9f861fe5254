"""What a complete form needs, in the rule's own terms: a number of marks where any marks will do, else a weight."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rating.scoring import QuestionnaireRule, count_that_completes, least_weight
from rating.wording import Message, _l


@dataclass(frozen=True, slots=True)
class Needed:
    """What marks have to amount to. `count` is None where it depends on which questions are marked."""

    count: int | None
    least: int
    total: int

    @classmethod
    def by(cls, rule: QuestionnaireRule, min_marked_share: Decimal) -> Needed:
        """What a questionnaire's complete form needs."""
        return cls(
            count_that_completes(rule, min_marked_share), least_weight(rule, min_marked_share), rule.total_weight
        )

    def sentence(self) -> Message:
        """As a sentence of its own, before anything is filled in."""
        if self.count is not None:
            return _l("At least %(n)s questions need a mark.", n=self.count)
        return _l(
            "What is marked must carry at least %(least)s of the %(total)s points of weight.",
            least=self.least,
            total=self.total,
        )

    def phrase(self) -> Message:
        """As the end of a sentence."""
        if self.count is not None:
            return _l("at least %(n)s need a mark", n=self.count)
        return _l(
            "what is marked must carry at least %(least)s of the %(total)s points of weight",
            least=self.least,
            total=self.total,
        )

    def refusal(self, marked: int) -> Message:
        """Of a form whose marks carry this much weight, which is too little."""
        if self.count is not None:
            return _l("At least %(n)s questions need a mark; the rest may be “don't know”.", n=self.count)
        return _l(
            "What is marked must carry at least %(least)s of the %(total)s points of weight; "
            "what is marked here carries %(marked)s.",
            least=self.least,
            total=self.total,
            marked=marked,
        )
