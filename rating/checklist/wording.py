"""What each point of the checklist is called, and in one sentence why it matters."""

from __future__ import annotations

from rating.wording import Message, _l

WORDS: dict[str, tuple[Message, Message]] = {
    "site": (
        _l("The server's settings"),
        _l("Whoever looks after the server sets these lines and starts it again; no round opens before that."),
    ),
    "no_estates": (
        _l("There is no estate that could be rated"),
        _l("A round needs estates with a company that served them in the period."),
    ),
    "another_open": (
        _l("Another round is still open"),
        _l("Only one round is open at a time, so that nobody is asked twice at once."),
    ),
    "unserved": (
        _l("Estates without a company that served long enough"),
        _l(
            "They would be left out silently; enter the contract, or mark them as not rated with a reason that "
            "everybody can read."
        ),
    ),
    "overlaps": (
        _l("Contracts that overlap"),
        _l("A company could be rated for days on which another one served."),
    ),
    "questionnaires": (
        _l("Directions without a questionnaire"),
        _l("What isn't asked can't be heard: nobody rates in this direction."),
    ),
    "days": (
        _l("Fewer days than the rulebook promises"),
        _l("Residents rely on the announced time; draft the round again with more days."),
    ),
    "signers": (
        _l("Too few people in the bureau"),
        _l("One drafts the release; another, who printed no letters, signs it. With fewer than two nobody could sign."),
    ),
    "unconfirmed": (
        _l("Numbers of households that look unconfirmed"),
        _l("Where as many are lived in as there are, nobody may have counted; the share of answers depends on it."),
    ),
    "tiny": (
        _l("Estates too small for a score of their own"),
        _l("With so few households no score is ever shown, so that nobody's answer can be guessed."),
    ),
    "small_companies": (
        _l("Companies that can't reach the least number of ratings"),
        _l("They will have too little data whatever happens; tell them beforehand."),
    ),
    "no_committee": (
        _l("Estates without a committee"),
        _l("On site the community rates alone, so one view is missing."),
    ),
    "no_phone": (
        _l("Communities without a telephone number"),
        _l("Residents who need help with rating wouldn't know whom to call."),
    ),
    "festivals": (
        _l("Public holidays in these days"),
        _l("Many people are away then, and fewer answer."),
    ),
    "no_letters": (
        _l("Estates whose letters aren't printed"),
        _l("Their households have no code and can't rate."),
    ),
    "no_committee_account": (
        _l("Committees without an account"),
        _l("They can't rate on site; invite somebody."),
    ),
    "no_community_account": (
        _l("Communities without an account"),
        _l("They can't rate on site or follow the turnout; invite somebody."),
    ),
    "no_company_account": (
        _l("Companies without an account"),
        _l("They can't rate the committee or see their result before it is published; invite somebody."),
    ),
}
