"""Descriptions of the service, made from its model: metadata, OpenAPI, schemas, Postman."""
