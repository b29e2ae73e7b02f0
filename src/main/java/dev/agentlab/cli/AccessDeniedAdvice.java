package dev.agentlab.cli;

/// What to do when the service does not let the program in, or not do something.
final class AccessDeniedAdvice {
  private AccessDeniedAdvice() {}

  /// Lines to follow what the service says; empty for an answer that is no denial.
  static String advice(int status, ClientCredential credential) {
    return switch (status) {
      case 401 -> "\n" + unknown(credential);
      case 403 -> "\n" + narrow(credential);
      default -> "";
    };
  }

  private static String unknown(ClientCredential credential) {
    return switch (credential) {
      case ClientCredential.Missing(String why) ->
          """
          no key was found: %s
          give one with --key-file FILE or in AGENT_LAB_KEY\
          """
              .formatted(why);
      case ClientCredential.Shown shown when shown.local() ->
          """
          the key in %s was not accepted: was it replaced or revoked, or does another service answer?
          give another with --key-file FILE or in AGENT_LAB_KEY; `agent-lab key reset-admin` makes one\
          """
              .formatted(shown.place());
      case ClientCredential.Shown shown ->
          """
          the key in %s was not accepted: is it whole, and neither expired nor revoked?
          give another with --key-file FILE or in AGENT_LAB_KEY; `agent-lab key create` makes one\
          """
              .formatted(shown.place());
    };
  }

  private static String narrow(ClientCredential credential) {
    return switch (credential) {
      case ClientCredential.Missing(String why) -> "no key was found: " + why;
      case ClientCredential.Shown shown ->
          "the key in %s is too narrow; `agent-lab key self` shows what it may do"
              .formatted(shown.place());
    };
  }
}
