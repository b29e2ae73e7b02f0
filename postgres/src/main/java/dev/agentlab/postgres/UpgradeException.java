package dev.agentlab.postgres;

import java.io.IOException;

/// Thrown if the database of an older major version cannot be upgraded, with a message for the
/// operator. The database is unchanged.
public final class UpgradeException extends IOException {
  UpgradeException(String message) {
    super(message);
  }

  UpgradeException(String message, Throwable cause) {
    super(message, cause);
  }
}
