package dev.agentlab.security;

import dev.agentlab.secrets.Secret;

/// Accepts every request as an anonymous caller: authentication is disabled.
final class AnonymousAuthenticator implements Authenticator {
  private final AuthenticationResult anyone;

  /// @param grants the grants of every caller
  AnonymousAuthenticator(GrantSet grants) {
    anyone =
        new AuthenticationResult.Accepted(
            new Caller(Caller.Kind.ANYONE, Caller.ANYONE.id(), Caller.ANYONE.name(), grants));
  }

  @Override
  public AuthenticationResult check(Secret credential) {
    return anyone;
  }

  @Override
  public AuthenticationResult verify(Secret credential) {
    return anyone;
  }

  @Override
  public AuthenticationResult resultWithoutCredential() {
    return anyone;
  }
}
