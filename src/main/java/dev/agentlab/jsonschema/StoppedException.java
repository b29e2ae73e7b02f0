package dev.agentlab.jsonschema;

import com.networknt.schema.SchemaException;

/// Ends an evaluation from within. It is the validator's own kind of exception because that one
/// passes through it unlogged.
final class StoppedException extends SchemaException {
  /// Why it had to end.
  enum Why {
    /// It took more than it may: of time, or of memory.
    TOO_MUCH,
    /// Nobody waits for it any more.
    INTERRUPTED
  }

  private final Why why;

  StoppedException(Why why) {
    super(why.name());
    this.why = why;
  }

  Why why() {
    return why;
  }
}
