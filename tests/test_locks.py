"""What is installed is pinned, with hashes, and from nowhere in particular."""

import re
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parent.parent / "deploy"
LOCKS = ["requirements.lock", "requirements-test.lock"]
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)(?P<where> ; [^\\]+)? \\$", re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_address(lock: str) -> None:
    text = (DEPLOY / lock).read_text()
    assert "://" not in text
    assert "http" not in text


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_file_is_a_pin_or_its_hash(lock: str) -> None:
    text = (DEPLOY / lock).read_text()
    pins = re.sub(r"^ +--hash=sha256:[0-9a-f]{64}( \\)?\n", "", text, flags=re.MULTILINE)
    assert [line for line in pins.splitlines() if not PIN.match(line)] == []


def test_tests_run_with_the_versions_that_are_deployed() -> None:
    deployed, tested = ({match.groups() for match in PIN.finditer((DEPLOY / lock).read_text())} for lock in LOCKS)
    assert deployed - tested == set()
