"""Forms of the register's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _t
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind

from rating.registry.models import Community, Subdistrict
from rating.registry.queries import RegisterFilter
from rating.web.fields import AddressForm


class FilterForm(AddressForm):
    """A list's filter, from the address."""

    text = StringField(_t("Words in the name or code"))
    subdistrict = SelectField(_t("Sub-district"), validate_choice=False)
    community = SelectField(_t("Community"), validate_choice=False)

    def offer(self, subdistricts: list[Subdistrict], communities: list[Community]) -> FilterForm:
        """Offer these places."""
        self.subdistrict.choices = [("", _t("All")), *((place.code, place.name) for place in subdistricts)]
        self.community.choices = [("", _t("All")), *((place.code, place.name) for place in communities)]
        return self

    @property
    def wanted(self) -> RegisterFilter:
        """The filter."""
        return RegisterFilter((self.text.data or "").strip(), self.subdistrict.data or "", self.community.data or "")


class ContractFilterForm(FilterForm):
    """The filter of the list of contracts."""

    state = SelectField(
        _t("State"),
        choices=[
            SelectChoice("", _t("All")),
            SelectChoice("running", _t("In force today")),
            SelectChoice("over", _t("Over")),
            SelectChoice("coming", _t("Not begun yet")),
        ],
        validate_choice=False,
    )
