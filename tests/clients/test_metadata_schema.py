"""`$metadata` is valid CSDL, by the schemas and the converter of the OASIS committee."""

import json
from pathlib import Path

import pytest
from lxml import etree
from tests.clients.conftest import Run
from tests.kernel.odata.catalogue import CATALOGUE

from gerance.kernel.odata.describe.metadata import metadata_json, metadata_xml
from gerance.kernel.odata.edm import Model
from gerance.kernel.odata.write_annotations import WriteAnnotations
from gerance.odata_service import MODEL
from gerance.rentals.model.samples import WRITE_ANNOTATIONS

MODELS = [CATALOGUE, MODEL]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.namespace)
@pytest.mark.parametrize("annotations", [None, WRITE_ANNOTATIONS], ids=["read", "written"])
def test_it_is_valid_by_the_schema(
    model: Model, annotations: WriteAnnotations | None, installed: Path
) -> None:
    schemas = installed / "node_modules/odata-csdl/schemas"
    schema = etree.XMLSchema(etree.parse(schemas / "edmx.xsd"))
    document = etree.fromstring(metadata_xml(model, annotations))
    assert schema.validate(document), schema.error_log


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.namespace)
@pytest.mark.parametrize("annotations", [None, WRITE_ANNOTATIONS], ids=["read", "written"])
def test_the_committee_s_converter_makes_the_same_json_of_it(
    model: Model, annotations: WriteAnnotations | None, node: Run, tmp_path: Path
) -> None:
    (tmp_path / "model.xml").write_bytes(metadata_xml(model, annotations))
    converted = node(
        "-e",
        "const {xml2json} = require('odata-csdl'); const fs = require('fs');"
        "console.log(JSON.stringify(xml2json(fs.readFileSync(process.argv[1]), {strict: true})))",
        str(tmp_path / "model.xml"),
    )
    assert converted.returncode == 0, converted.stderr
    ours = json.loads(metadata_json(model, annotations))
    assert ours == json.loads(converted.stdout) | {"$Version": "4.01"}
