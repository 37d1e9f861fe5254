"""Everything that is said in English is said in Chinese."""

from tests.support import catalogue


def test_every_text_is_translated_and_keeps_its_places() -> None:
    assert list(catalogue.faults()) == []
