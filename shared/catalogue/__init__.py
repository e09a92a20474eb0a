"""The catalogue of events, generated from the contracts: JSON Schemas, AsyncAPI 3, and a check on compatibility."""
