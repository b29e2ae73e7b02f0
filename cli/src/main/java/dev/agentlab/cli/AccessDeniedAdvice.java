package dev.agentlab.cli;

/// Advice for responses that deny access (401 and 403).
final class AccessDeniedAdvice {
  private AccessDeniedAdvice() {}

  /// The lines to append to the error message of the service; empty for any other status.
  static String advice(int status, ClientCredential credential) {
    return switch (status) {
      case 401 -> "\n" + unauthorizedAdvice(credential);
      case 403 -> "\n" + forbiddenAdvice(credential);
      default -> "";
    };
  }

  private static String unauthorizedAdvice(ClientCredential credential) {
    return switch (credential) {
      case ClientCredential.Missing(String why) ->
          """
          no API key found: %s
          pass one with --key-file FILE or in AGENT_LAB_KEY\
          """
              .formatted(why);
      case ClientCredential.Present present when present.local() ->
          """
          the key in %s was rejected: it was replaced or revoked, or belongs to another service
          pass another with --key-file FILE or in AGENT_LAB_KEY, or run `agent-lab key reset-admin`
          after stopping a service with an embedded database\
          """
              .formatted(present.place());
      case ClientCredential.Present present ->
          """
          the key in %s was rejected: it is incomplete, expired, revoked or unknown
          pass another with --key-file FILE or in AGENT_LAB_KEY; `agent-lab key create` creates one\
          """
              .formatted(present.place());
    };
  }

  private static String forbiddenAdvice(ClientCredential credential) {
    return switch (credential) {
      case ClientCredential.Missing(String why) -> "no API key found: " + why;
      case ClientCredential.Present present ->
          "the key in %s lacks the required scope; `agent-lab key self` shows its scopes"
              .formatted(present.place());
    };
  }
}
