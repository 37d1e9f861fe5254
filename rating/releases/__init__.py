"""Preview, sign-off and the numbered release."""
