"""Sub-districts, communities, estates, companies, contracts and committees; their import."""
