import pytest

from slowfeat.errors import UsageError
from slowfeat_papers.rendering.mesh import load_mesh


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        load_mesh(tmp_path / "none.obj")
