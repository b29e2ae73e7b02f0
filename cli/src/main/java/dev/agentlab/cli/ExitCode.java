package dev.agentlab.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/// The exit code of a command. The numbers are stable across releases.
public enum ExitCode {
  OK(0, "Success."),
  FAILURE(1, "Any failure not listed below."),
  USAGE(2, "The command line is invalid or incomplete."),
  UNREACHABLE(3, "The service is unreachable or temporarily unavailable."),
  NOT_FOUND(4, "The resource does not exist."),
  CONFLICT(
      5, "The name is taken, the resource has changed since it was read, or a rotation must wait."),
  CHECK_FAILED(6, "A check of `doctor`, `provider add`, `provider test` or `audit verify` failed."),
  DENIED(7, "Authentication is required, or the API key lacks a permission."),
  /// `EX_CONFIG` of `sysexits.h`, after which a supervisor should not start the service again.
  INVALID_CONFIGURATION(78, "The configuration of the service is invalid.");

  private final int number;
  private final String meaning;

  ExitCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  public int number() {
    return number;
  }

  /// The exit code that a shell reports for a process terminated by a signal.
  public static int ofSignal(int signal) {
    return 128 + signal;
  }

  /// The exit code for a response with this HTTP status.
  static ExitCode ofStatus(int status) {
    return switch (status) {
      case 401, 403 -> DENIED;
      case 404 -> NOT_FOUND;
      case 409, 412 -> CONFLICT;
      case 503 -> UNREACHABLE;
      default -> FAILURE;
    };
  }

  /// All numbers with their meanings, for the help text.
  static Map<String, String> meanings() {
    Map<String, String> meanings = new LinkedHashMap<>();
    for (ExitCode code : values()) {
      meanings.put(Integer.toString(code.number), code.meaning);
    }
    return meanings;
  }
}
