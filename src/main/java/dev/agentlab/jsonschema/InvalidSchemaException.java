package dev.agentlab.jsonschema;

/// Thrown if a schema is invalid or exceeds a limit. The message states the requirement.
final class InvalidSchemaException extends RuntimeException {
  InvalidSchemaException(String message) {
    super(message);
  }
}
