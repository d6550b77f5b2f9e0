"""Error codes in OpenAPI documents."""

from collections.abc import Set as AbstractSet
from typing import Any

from gerance.kernel.errors.catalogue import Api, codes_of


def with_codes(
    response: dict[str, Any], api: Api, status: int, topics: AbstractSet[str]
) -> dict[str, Any]:
    """The response with the error codes that it may have: for people in its description, for
    programs as `x-error-codes`."""
    codes = [entry.code for entry in codes_of(api, status, topics)]
    if not codes:
        return response
    code_list = ", ".join(f"`{code}`" for code in codes)
    description = f"{response['description']}. Codes: {code_list}."
    return {**response, "description": description, "x-error-codes": codes}
