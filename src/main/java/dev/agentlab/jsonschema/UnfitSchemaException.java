package dev.agentlab.jsonschema;

/// Thrown if a schema is invalid or exceeds a limit. The message states the requirement.
final class UnfitSchemaException extends RuntimeException {
  UnfitSchemaException(String message) {
    super(message);
  }
}
