package dev.agentlab.security;

import dev.agentlab.secrets.Secret;
import java.util.Optional;

/// Authenticates API keys by their reference, for what is bound to a key without containing it.
public interface KeyVerifier {

  /// The reference of a well-formed API key, valid or not; empty if the text is not one.
  ///
  /// @throws dev.agentlab.errors.UnavailableException while the service starts
  Optional<KeyReference> parse(Secret key);

  /// Authenticates the caller of a key without blocking, as [Authenticator#check].
  AuthenticationResult check(KeyReference key);

  /// Authenticates the caller of a key, as [Authenticator#verify].
  AuthenticationResult verify(KeyReference key);
}
