package dev.agentlab.jsonschema;

import com.networknt.schema.SchemaException;

/// Thrown to stop an evaluation from within. A subclass of the validator's own exception, because
/// the validator propagates that without logging.
final class StoppedException extends SchemaException {
  /// The reason of the stop.
  enum Why {
    /// The evaluation exceeded its limit of time or memory.
    TOO_MUCH,
    /// The thread was interrupted, because the evaluation was cancelled.
    INTERRUPTED
  }

  private final Why why;

  StoppedException(Why reason) {
    super(reason.name());
    this.why = reason;
  }

  Why why() {
    return why;
  }
}
