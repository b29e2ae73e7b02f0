package dev.agentlab.console;

/// The program has no such file. Has no stack trace, because it is a response and not a defect.
final class UnknownFileException extends RuntimeException {
  UnknownFileException(String message) {
    super(message, null, false, false);
  }
}
