"""Write `bennet_client/shapes.py`: the shapes of what the API answers, as typed dictionaries, from its OpenAPI.

    python client/generate.py frontend/src/shared/api/schema.yaml

Only what the client hands out, and what that is made of; `make schema` runs it and `make check` looks whether it is
fresh.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from datamodel_code_generator import InputFileType, OpenAPIScope, PythonVersion, generate
from datamodel_code_generator.enums import DataModelType
from datamodel_code_generator.format import Formatter

SHAPES = Path(__file__).parent / "bennet_client" / "shapes.py"
WANTED = (
    "Batch", "Import", "Log", "Metrics", "ModelDetail", "Project", "Protocol", "Rejection", "Release", "ReleasePreview",
    "ReleaseView", "Run",
)  # fmt: skip
_REFERENCE = re.compile(r"^#/components/schemas/(.+)$")


def needed(schemas: dict[str, Any]) -> dict[str, Any]:
    """The wanted shapes, and whatever they are made of."""
    found: dict[str, Any] = {}
    waiting = list(WANTED)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = schemas[name]
            waiting += references(schemas[name])
    return dict(sorted(found.items()))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref" and (match := _REFERENCE.match(item)):
                yield match[1]
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def main(schema: Path, to: Path) -> None:
    document = yaml.safe_load(schema.read_text())
    document["components"] = {"schemas": needed(document["components"]["schemas"])}
    document["paths"] = {}
    with tempfile.TemporaryDirectory() as folder:
        reduced = Path(folder) / "schema.yaml"
        reduced.write_text(yaml.safe_dump(document))
        generate(
            reduced,
            input_file_type=InputFileType.OpenAPI,
            openapi_scopes=[OpenAPIScope.Schemas],
            output=to,
            output_model_type=DataModelType.TypingTypedDict,
            target_python_version=PythonVersion.PY_311,
            use_double_quotes=True,
            disable_timestamp=True,
            custom_file_header='"""Made by generate.py from the API\'s OpenAPI document: do not edit."""',
            formatters=[Formatter.RUFF_FORMAT],
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else SHAPES)
