"""Forms of the register's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind

from rating.registry.models import Community, Subdistrict
from rating.registry.queries import RegisterFilter
from rating.web.fields import AddressForm


class FilterForm(AddressForm):
    """A list's filter, from the address."""

    text = StringField(_l("Words in the name or code"))
    subdistrict = SelectField(_l("Sub-district"), validate_choice=False)
    community = SelectField(_l("Community"), validate_choice=False)

    def offer(self, subdistricts: list[Subdistrict], communities: list[Community]) -> FilterForm:
        """Offer these places."""
        self.subdistrict.choices = [("", _l("All")), *((place.code, place.name) for place in subdistricts)]
        self.community.choices = [("", _l("All")), *((place.code, place.name) for place in communities)]
        return self

    @property
    def wanted(self) -> RegisterFilter:
        """The filter."""
        return RegisterFilter((self.text.data or "").strip(), self.subdistrict.data or "", self.community.data or "")


class ContractFilterForm(FilterForm):
    """The filter of the list of contracts."""

    state = SelectField(
        _l("State"),
        choices=[
            SelectChoice("", _l("All")),
            SelectChoice("running", _l("In force today")),
            SelectChoice("over", _l("Over")),
            SelectChoice("coming", _l("Not begun yet")),
        ],
        validate_choice=False,
    )
