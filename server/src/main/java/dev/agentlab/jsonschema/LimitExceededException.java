package dev.agentlab.jsonschema;

import com.networknt.schema.SchemaException;

/// Thrown to end an evaluation that exceeds a limit or is cancelled. A subclass of the validator's
/// own exception, because the validator propagates that without logging.
final class LimitExceededException extends SchemaException {
  LimitExceededException() {
    super("a limit of the evaluation is exceeded");
  }
}
