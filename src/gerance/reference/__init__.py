"""The texts and examples of the API reference, and the OpenAPI document that shows them."""
