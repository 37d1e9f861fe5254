"""What would be flagged of the demonstration city's honest answers: nothing, wherever they came from."""

from __future__ import annotations

from collections import Counter

import pytest

from rating.demo.city import City
from rating.demo.opinions import Opinions
from rating.reviews.patterns import Alike, is_too_alike


@pytest.mark.parametrize("share", [1, 2, 8])
@pytest.mark.parametrize("round_no", [1, 2, 3])
def test_honest_answers_are_left_alone_even_where_a_whole_estate_sits_behind_one_address(
    city: City, opinions: Opinions, round_no: int, share: int
) -> None:
    """One in `share` of each estate's answers comes from one network."""
    estates = {
        code: ["".join(map(str, row)) for row in opinions.residents.marks(code, round_no, count).tolist()]
        for code in city.company_of
        if (count := opinions.turnout.answers(code, round_no))
    }
    everywhere = Counter(answer for answers in estates.values() for answer in answers)
    flagged = 0
    for answers in estates.values():
        whole, shared = Counter(answers), answers[::share]
        for answer, here in Counter(shared).items():
            beside, in_estate = whole[answer] - here, len(answers) - len(shared)
            around = Alike(
                here,
                len(shared),
                beside,
                in_estate,
                everywhere[answer] - whole[answer],
                everywhere.total() - len(answers),
            )
            flagged += is_too_alike(around)
    assert flagged == 0
