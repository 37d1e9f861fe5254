"""Every model has a factory whose rows the database takes."""

import pytest
from factory.alchemy import SQLAlchemyModelFactory
from flask import Flask

from rating.extensions import db
from tests import factories

FACTORIES = sorted(
    (
        one
        for one in vars(factories).values()
        if isinstance(one, type) and issubclass(one, SQLAlchemyModelFactory) and not one._meta.abstract
    ),
    key=lambda one: one.__name__,
)


def test_every_model_has_a_factory() -> None:
    models = {mapper.class_ for mapper in db.Model.registry.mappers}
    assert models == {one._meta.model for one in FACTORIES}


@pytest.mark.parametrize("made_by", FACTORIES, ids=lambda one: one.__name__)
def test_a_factory_makes_valid_rows_again_and_again(app: Flask, made_by: type[SQLAlchemyModelFactory]) -> None:
    first, second = made_by(), made_by()
    db.session.commit()
    assert first in db.session
    assert second in db.session


@pytest.mark.parametrize("state", ["open", "closed", "preview", "published", "archived"])
def test_a_round_can_stand_anywhere_in_its_life(app: Flask, state: str) -> None:
    assert factories.RoundFactory(**{state: True}).state == state


@pytest.mark.parametrize("kind", ["on_site", "from_company", "of_itself"])
def test_an_evaluation_can_go_in_every_direction(app: Flask, kind: str) -> None:
    evaluation = factories.EvaluationFactory(**{kind: True})
    db.session.commit()
    assert evaluation.rater
