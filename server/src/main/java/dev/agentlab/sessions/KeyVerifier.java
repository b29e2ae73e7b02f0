package dev.agentlab.sessions;

import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.KeyReference;
import java.util.Optional;

/// Authenticates the owners of sessions by API key. Decouples this package from the keys: the
/// server supplies the implementation.
public interface KeyVerifier {

  /// The reference of a well-formed API key, valid or not; empty if the text is not one.
  Optional<KeyReference> parse(Secret key);

  /// Authenticates the caller of a key without blocking, as
  /// [dev.agentlab.security.Authenticator#check].
  AuthenticationResult check(KeyReference key);

  /// Authenticates the caller of a key, as [dev.agentlab.security.Authenticator#verify].
  AuthenticationResult verify(KeyReference key);
}
