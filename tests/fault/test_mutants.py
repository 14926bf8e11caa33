"""The seeded bugs of `make mutants` still fit the code they are seeded into."""

from pathlib import Path

import pytest

from tests.fault.mutate import apply, make_copy, mutants


@pytest.mark.fault
def test_every_seeded_bug_can_be_put_into_a_copy_of_the_code(tmp_path: Path) -> None:
    names = mutants()

    assert len(names) == 5
    for name in names:
        copy = tmp_path / name
        make_copy(copy)
        apply(name, copy)
