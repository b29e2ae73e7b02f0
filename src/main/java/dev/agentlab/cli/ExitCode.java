package dev.agentlab.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/// How a command ended, for the shell. The numbers never change once released.
enum ExitCode {
  OK(0, "The command did what it was asked to."),
  FAILURE(1, "It failed for another reason than those below."),
  USAGE(2, "The command line is wrong or incomplete."),
  UNREACHABLE(3, "The service does not answer, or cannot now."),
  NOT_FOUND(4, "There is no such thing."),
  CONFLICT(5, "The name is taken, what was read has changed since, or a rotation has to wait."),
  CHECK_FAILED(6, "A check of `doctor`, `provider add`, `provider test` or `audit verify` failed."),
  DENIED(7, "The service wants a key, or the key may not do this.");

  private final int number;
  private final String meaning;

  ExitCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  int number() {
    return number;
  }

  /// What a shell says of a process that a signal ended.
  static int ofSignal(int signal) {
    return 128 + signal;
  }

  /// The exit code an answer of the service with this HTTP status amounts to.
  static ExitCode ofStatus(int status) {
    return switch (status) {
      case 401, 403 -> DENIED;
      case 404 -> NOT_FOUND;
      case 409, 412 -> CONFLICT;
      case 503 -> UNREACHABLE;
      default -> FAILURE;
    };
  }

  /// Every number with its meaning, for the help text.
  static Map<String, String> meanings() {
    Map<String, String> meanings = new LinkedHashMap<>();
    for (ExitCode code : values()) {
      meanings.put(Integer.toString(code.number), code.meaning);
    }
    return meanings;
  }
}
