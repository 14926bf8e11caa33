"""Forms: documents, schemas, values and validation."""
