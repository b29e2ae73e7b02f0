package dev.agentlab.jsonschema;

/// A schema that answers cannot be held to. Its message says what it must be.
final class UnfitSchemaException extends RuntimeException {
  UnfitSchemaException(String message) {
    super(message);
  }
}
