package dev.agentlab.jsonschema;

import com.networknt.schema.SchemaException;

/// Thrown to stop an evaluation from within. A subclass of the validator's own exception, because
/// the validator propagates that without logging.
final class StoppedException extends SchemaException {
  /// The reason of the stop.
  enum Reason {
    /// The evaluation exceeded its limit of time or memory.
    LIMIT_EXCEEDED,
    /// The thread was interrupted, because the evaluation was cancelled.
    INTERRUPTED
  }

  private final Reason reason;

  StoppedException(Reason reason) {
    super(reason.name());
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
