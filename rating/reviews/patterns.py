"""When evaluations are so much alike that a person should look at how they came in. Numbers in, yes or no out.

What is asked is never whether marks are high or low: any other answer given as often in the same places would be
judged the same. Sharing a network alone says nothing either, since a whole estate or a mobile operator's customers can
stand behind one address; nor does giving the answer that is common in an estate.
"""

from __future__ import annotations

from dataclasses import dataclass

LEAST_ALIKE = 5  # evaluations; fewer may be one family and their neighbours
LEAST_COMPARED = 20  # evaluations of the estate from elsewhere, to know what its people commonly answer
CHANCE = 1e-6  # with some ten thousand networks a round, one wrongly flagged group in a hundred rounds
LEEWAY = 20  # how much more often than in the city an answer may well be given in one estate
LEAST_COMMENT = 20  # characters; shorter ones many people write alike
LEAST_SAME_COMMENT = 3  # evaluations


@dataclass(frozen=True, slots=True)
class Alike:
    """How often one and the same answer was given, and among how many evaluations.

    `here` of `in_network`: in one estate, from one network. `beside` of `in_estate`: in that estate, from anywhere
    else. `elsewhere` of `in_city`: in all other estates of the round.
    """

    here: int
    in_network: int
    beside: int
    in_estate: int
    elsewhere: int
    in_city: int


def is_too_alike(alike: Alike) -> bool:
    """Whether so many like answers from one network come about by chance less than once in a million times."""
    if alike.here < LEAST_ALIKE:
        return False
    from scipy.special import bdtrc

    share = expected_share(alike)
    return share < 1 and bool(bdtrc(alike.here - 1, alike.in_network, share) < CHANCE)


def expected_share(alike: Alike) -> float:
    """The share of this answer that is to be expected in the network: what people of the estate commonly answer.

    The larger of its shares in the rest of the estate and in the city. Where nearly all of the estate's answers come
    from the network, so that there is no rest to go by, twenty times the city's share. One answer more than there were
    is counted on each side, so that a new answer has a share too.
    """
    city = (alike.elsewhere + 1) / (alike.in_city + 1)
    if alike.in_estate < LEAST_COMPARED:
        return LEEWAY * city
    return max(city, (alike.beside + 1) / (alike.in_estate + 1))
