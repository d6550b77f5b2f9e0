"""`$metadata` is valid CSDL, by the schemas and the converter of the OASIS committee."""

import json
from pathlib import Path

import pytest
from lxml import etree
from tests.clients.conftest import Run
from tests.kernel.odata.catalogue import CATALOGUE

from gerance.kernel.odata.edm import Model
from gerance.kernel.odata.metadata import metadata_xml

MODELS = [CATALOGUE]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.namespace)
@pytest.mark.parametrize("writable", [False, True])
def test_it_is_valid_by_the_schema(model: Model, writable: bool, installed: Path) -> None:
    schemas = installed / "node_modules/odata-csdl/schemas"
    schema = etree.XMLSchema(etree.parse(schemas / "edmx.xsd"))
    document = etree.fromstring(metadata_xml(model, writable=writable))
    assert schema.validate(document), schema.error_log


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.namespace)
def test_the_committee_s_converter_reads_it(model: Model, node: Run, tmp_path: Path) -> None:
    (tmp_path / "model.xml").write_bytes(metadata_xml(model))
    converted = node(
        "-e",
        "const {xml2json} = require('odata-csdl'); const fs = require('fs');"
        "console.log(JSON.stringify(xml2json(fs.readFileSync(process.argv[1]), {strict: true})))",
        str(tmp_path / "model.xml"),
    )
    assert converted.returncode == 0, converted.stderr
    document = json.loads(converted.stdout)
    assert document["$EntityContainer"] == f"{model.namespace}.Container"
    schema = document[model.namespace]
    assert {name for name, each in schema["Container"].items() if isinstance(each, dict)} == {
        each.set_name for each in model.sets.values()
    }
    for name, entity in model.types.items():
        assert schema[name]["$Kind"] == "EntityType"
        declared = {each.name for each in (*entity.properties, *entity.navigations)}
        assert {each for each in schema[name] if each[0] not in "$@"} <= declared
