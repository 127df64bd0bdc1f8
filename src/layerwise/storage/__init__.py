"""Files that survive a crash: atomic writes, journals, arrays beside a JSON document, and the folder of a run."""

from layerwise.storage.array_file import expect_fields, load_arrays, save_arrays
from layerwise.storage.atomic import replacing, write_bytes, write_text
from layerwise.storage.journal import Journal, read_journal
from layerwise.storage.run_folder import RunFolder, file_name
from layerwise.storage.strict_json import from_json, to_json
from layerwise.storage.toml import to_toml

__all__ = [
    "replacing",
    "write_bytes",
    "write_text",
    "Journal",
    "read_journal",
    "save_arrays",
    "load_arrays",
    "expect_fields",
    "RunFolder",
    "file_name",
    "to_toml",
    "to_json",
    "from_json",
]
