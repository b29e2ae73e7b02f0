package dev.agentlab.sessions;

import dev.agentlab.json.SchemaDescription;
import java.net.URI;
import java.time.Instant;

/// A link that signs a browser in once. The token is in the fragment, which browsers do not send to
/// the service or a proxy.
public record SignInLink(
    @SchemaDescription(
            "The page to open. The first browser that opens it is signed in as the caller.")
        URI url,
    Instant expiresAt) {

  /// Hides the token.
  @Override
  public String toString() {
    return "sign-in link until " + expiresAt;
  }
}
