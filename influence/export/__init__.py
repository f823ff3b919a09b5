"""Results to files: whole or not at all."""

from influence.export.files import FORMATS, format_of, to_text, write_table
from influence.export.manifest import manifest, manifest_path, write_manifest

__all__ = ["FORMATS", "format_of", "manifest", "manifest_path", "to_text", "write_manifest", "write_table"]
