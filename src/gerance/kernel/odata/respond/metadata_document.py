"""`$metadata`: the model in XML, or in JSON for clients that accept JSON alone."""

from collections.abc import Mapping
from hashlib import blake2b

from starlette.responses import Response

from gerance.kernel.odata.describe.metadata import metadata_json, metadata_xml
from gerance.kernel.odata.edm import Model
from gerance.kernel.odata.respond.etag import matches, not_modified
from gerance.kernel.odata.respond.request import accepts_xml, negotiate, protocol
from gerance.kernel.odata.write_annotations import WriteAnnotations


class MetadataDocument:
    """The CSDL of a model, rendered once. `annotations`: None for a read-only service."""

    def __init__(self, model: Model, annotations: WriteAnnotations | None) -> None:
        self._xml = _Rendition(metadata_xml(model, annotations), "application/xml")
        self._json = _Rendition(metadata_json(model, annotations), "application/json")

    def respond(self, headers: Mapping[str, str], format_option: str | None) -> Response:
        """The document. Raises ODataRejection (406) when the client accepts neither form."""
        form = self._xml
        if not accepts_xml(headers, format_option):
            negotiate(headers, format_option)
            form = self._json
        if matches(headers, form.etag):
            return not_modified(form.etag)
        fields = {
            "OData-Version": protocol(headers),
            "ETag": form.etag,
            "Cache-Control": "private, no-cache",
            "Vary": "Accept",
        }
        return Response(form.document, headers=fields, media_type=form.media_type)


class _Rendition:
    def __init__(self, document: bytes, media_type: str) -> None:
        self.document = document
        self.media_type = media_type
        self.etag = f'"{blake2b(document, digest_size=8).hexdigest()}"'
