"""The default rulebook's questions, with how the city sees each of them on the whole.

A test holds the keys, dimensions and highest marks to the rulebook.
"""

from __future__ import annotations

from dataclasses import dataclass

from rating.demo import names


@dataclass(frozen=True)
class Asked:
    """A residents' indicator: how the whole city sees it, and how often it gets no mark."""

    key: str
    dimension: str
    offset: float
    unknown: float


RESIDENTS = (
    Asked("cleaning", "environment", 6, 0.01),
    Asked("greenery", "environment", 2, 0.02),
    Asked("order_security", "environment", 4, 0.02),
    Asked("parking", "environment", -9, 0.03),
    Asked("repairs", "facilities", 1, 0.10),
    Asked("lifts_facilities", "facilities", 1, 0.02),
    Asked("fire_safety", "facilities", -3, 0.06),
    Asked("fee_transparency", "people_money", -6, 0.13),
    Asked("staff_manner", "people_money", 8, 0.02),
    Asked("complaints", "people_money", -4, 0.36),
)


@dataclass(frozen=True)
class Inspected:
    """An on-site indicator; `needs` names the estate's attribute without which it has no mark."""

    key: str
    dimension: str
    most: int
    offset: float = 0.0
    needs: str = ""


ON_SITE = (
    Inspected("contract_handover", "general_management", 3, 4),
    Inspected("staffing", "general_management", 3, 2),
    Inspected("service_desk", "general_management", 3),
    Inspected("records", "general_management", 2, -3),
    Inspected("gate", "public_order", 4, 2),
    Inspected("patrol", "public_order", 3, -2),
    Inspected("cctv_access", "public_order", 3, 0, "has_cctv_or_entry_doors"),
    Inspected("parking_order", "public_order", 3, -9),
    Inspected("building_cleaning", "cleaning_greenery", 5, 2),
    Inspected("grounds_cleaning", "cleaning_greenery", 4, 5),
    Inspected("waste_points", "cleaning_greenery", 4, -1),
    Inspected("pest_drains", "cleaning_greenery", 2, 2),
    Inspected("greenery", "cleaning_greenery", 4, 1, "has_greenery"),
    Inspected("inspection_upkeep", "facilities", 4, 1),
    Inspected("lifts", "facilities", 5, 3, "has_lifts"),
    Inspected("water_supply", "facilities", 3, 4, "company_runs_water_supply"),
    Inspected("lights_roads", "facilities", 4, -1),
    Inspected("repair_response", "facilities", 5, 1),
    Inspected("fire_lanes", "fire_safety", 5, -5),
    Inspected("fire_equipment", "fire_safety", 4, 1),
    Inspected("e_bikes", "fire_safety", 4, -11),
    Inspected("emergency", "fire_safety", 3, 2),
    Inspected("notice_board", "disclosure_fees", 3, 5),
    Inspected("charging", "disclosure_fees", 4, 6),
    Inspected("shared_income", "disclosure_fees", 3, -12),
    Inspected("meetings", "co_governance", 4, 2),
    Inspected("three_steps", "co_governance", 2, -4),
    Inspected("complaint_handling", "co_governance", 4, 1),
)
# The matter of `three_steps` does not come up on every estate in every round.
NO_COMMON_MATTER = 0.35

COOPERATION = tuple(names.COOPERATION_FACTS)

# Which residents' dimension an on-site dimension goes with.
KIN = {
    "general_management": "people_money",
    "public_order": "environment",
    "cleaning_greenery": "environment",
    "facilities": "facilities",
    "fire_safety": "facilities",
    "disclosure_fees": "people_money",
    "co_governance": "people_money",
}
