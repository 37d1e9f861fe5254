"""The auditor's spot checks of a release's receipt lists."""
