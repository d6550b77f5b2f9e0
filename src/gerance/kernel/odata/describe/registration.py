"""The one registration of all descriptions of a model: its OpenAPI part and its Postman routes."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from starlette.routing import Route

from gerance.kernel.http.part import Part
from gerance.kernel.odata.describe.openapi import openapi_part
from gerance.kernel.odata.describe.postman import postman_routes
from gerance.kernel.odata.describe.postman_items import Item
from gerance.kernel.odata.edm import Model
from gerance.kernel.odata.write_annotations import WriteAnnotations


class Descriptions(NamedTuple):
    """`openapi`: for the OpenAPI document; `routes`: the Postman collection and environment."""

    openapi: Part
    routes: list[Route]


def describe(
    model: Model,
    *,
    title: str,
    root: str = "/api",
    annotations: WriteAnnotations,
    folders: Callable[[], list[Item]],
    variables: Mapping[str, str],
) -> Descriptions:
    """The descriptions of a model that is served below `root`. `folders` and `variables`: of other
    APIs, for the Postman collection."""
    return Descriptions(
        openapi_part(model, root=root, annotations=annotations),
        postman_routes(
            model,
            title=title,
            root=root,
            annotations=annotations,
            folders=folders,
            variables=variables,
        ),
    )
