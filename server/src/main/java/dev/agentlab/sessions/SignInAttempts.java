package dev.agentlab.sessions;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.secrets.Base62;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.MacInput;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.OidcClient;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

/// The sign-ins at the identity provider that are in progress. Their state is in a cookie, because
/// the browser may return to another replica.
///
/// The cookie has a random text, the expiry, and the path to return to. State, nonce and PKCE
/// verifier are keyed hashes of it, so that a browser can neither change nor invent them: a state
/// that matches the cookie proves that this service wrote it.
record SignInAttempts(KeyedHash hash, InstantSource clock) {
  /// How long a user may take to sign in.
  static final Duration LIFETIME = Duration.ofMinutes(10);

  private static final Pattern CONTENT =
      Pattern.compile("[0-9A-Za-z]{43}\\.(?P<expiry>[0-9]{1,12})\\.(?P<path>[0-9A-Za-z_-]+)");

  /// A sign-in in progress.
  ///
  /// @param cookie the value of the cookie
  /// @param returnTo the path of this service to return to
  record Started(Secret cookie, OidcClient.Attempt attempt, String returnTo) {}

  /// Starts a sign-in.
  ///
  /// @param redirectUri where the identity provider sends the browser back
  Started start(String returnTo, String redirectUri) {
    String content =
        "%s.%d.%s"
            .formatted(
                Base62.random(Base62.DIGITS_OF_256_BITS),
                clock.instant().plus(LIFETIME).getEpochSecond(),
                Base64.getUrlEncoder().withoutPadding().encodeToString(returnTo.getBytes(UTF_8)));
    return new Started(Secret.of(content), attempt(content, redirectUri), returnTo);
  }

  /// Finds the sign-in to which a browser returns. Empty if its cookie has expired, or is that of
  /// another sign-in.
  ///
  /// @param state the parameter of the request
  Optional<Started> find(Optional<Secret> cookie, String state, String redirectUri) {
    Matcher content = CONTENT.matcher(cookie.map(Secret::reveal).orElse(""));
    if (!content.matches()) {
      return Optional.empty();
    }
    OidcClient.Attempt attempt = attempt(content.group(), redirectUri);
    boolean isAuthentic =
        MessageDigest.isEqual(attempt.state().getBytes(UTF_8), state.getBytes(UTF_8));
    boolean hasExpired =
        clock.instant().getEpochSecond() >= Long.parseLong(content.group("expiry"));
    if (!isAuthentic || hasExpired) {
      return Optional.empty();
    }
    String returnTo = new String(Base64.getUrlDecoder().decode(content.group("path")), UTF_8);
    return Optional.of(new Started(Secret.of(content.group()), attempt, returnTo));
  }

  private OidcClient.Attempt attempt(String content, String redirectUri) {
    return new OidcClient.Attempt(
        derive("state", content),
        derive("nonce", content),
        Secret.of(derive("verifier", content)),
        redirectUri);
  }

  private String derive(String purpose, String content) {
    byte[] derived = hash.compute(new MacInput("sign-in " + purpose).text(content).bytes());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(derived);
  }
}
