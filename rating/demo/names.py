"""The invented words of the demonstration city: places, companies, people. They are in data/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rating.demo.data import read

_PLACES, _COMPANIES = read("places"), read("companies")

CITY: str = _PLACES["city"]
CITY_EN: str = _PLACES["city_en"]
DIVISION: str = _PLACES["division"]
AREA_CODE: str = _PLACES["area_code"]


@dataclass(frozen=True)
class Place:
    """A sub-district: how many estates its communities have, its roads, and the shares of the kinds of estates."""

    code: str
    name: str
    communities: Mapping[str, int]
    roads: Sequence[str]
    kinds: Mapping[str, float]


@dataclass(frozen=True)
class Kind:
    """A sort of estate: when it was built, how large it is and what it has, as probabilities."""

    key: str
    built: Sequence[int]
    median: int
    spread: float
    occupied: Sequence[float]
    fee: Sequence[float]
    lifts: float
    cctv: float
    greenery: float
    water: float


PLACES = tuple(Place(**one) for one in _PLACES["subdistricts"])
KINDS = tuple(Kind(**one) for one in _PLACES["kinds"])
ESTATE_NAMES: Mapping[str, Mapping[str, Sequence[str]]] = _PLACES["estate_names"]
PHASES: Sequence[Sequence[str]] = _PLACES["phases"]

COMPANY_STEMS: Sequence[str] = _COMPANIES["stems"]
COMPANY_ENDINGS: Sequence[str] = _COMPANIES["endings"]
BRANCHES: Sequence[tuple[str, str]] = _COMPANIES["branches"]
LOCAL_SERVICES: Sequence[tuple[str, str]] = _COMPANIES["local_services"]
SURNAMES: str = _COMPANIES["surnames"]
GIVEN_NAMES: Sequence[str] = _COMPANIES["given_names"]
