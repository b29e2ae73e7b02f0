package dev.agentlab.server;

import dev.agentlab.keys.ApiKeyAuthenticator;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.KeyReference;
import dev.agentlab.sessions.KeyVerifier;
import java.util.Optional;

/// The API keys that own sessions.
record SessionKeys(ApiKeyAuthenticator keys) implements KeyVerifier {

  @Override
  public Optional<KeyReference> parse(Secret key) {
    return keys.parseReference(key);
  }

  @Override
  public AuthenticationResult check(KeyReference key) {
    return keys.check(key);
  }

  @Override
  public AuthenticationResult verify(KeyReference key) {
    return keys.verify(key);
  }
}
