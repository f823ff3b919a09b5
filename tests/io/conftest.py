"""What the tests of reading share."""

import pytest


@pytest.fixture
def write(tmp_path):
    """Write a file into the test's own folder, from text or bytes, and return its path as text."""

    def write_file(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write_file
