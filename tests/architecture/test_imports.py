"""The import contracts of pyproject.toml hold."""

from importlinter.cli import lint_imports

from tests.architecture.tree import ROOT


def test_rooms_import_downwards_and_each_library_in_its_place() -> None:
    """The contracts of pyproject.toml."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None) == 0
