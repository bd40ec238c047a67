"""What the tests of the tool share: its path, and a folder for each test."""

import os
import pathlib
import tempfile
import unittest

TOOL = os.environ['CCKPI_TOOL']


class FolderTest(unittest.TestCase):
    """A test with a folder of its own, which goes with it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        """Writes text or bytes into a file of the folder, and names it."""
        path = self.folder / name
        if isinstance(content, str):
            content = content.encode('utf-8')
        path.write_bytes(content)
        return str(path)
