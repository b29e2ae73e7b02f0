package dev.agentlab.jsonschema;

import com.networknt.schema.SchemaException;

/// Thrown if a schema is invalid or exceeds a limit. The message states the requirement. A subclass
/// of the validator's own exception, because the validator propagates that unchanged.
final class InvalidSchemaException extends SchemaException {
  InvalidSchemaException(String message) {
    super(message);
  }
}
