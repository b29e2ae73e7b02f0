package dev.agentlab.security;

import com.google.re2j.Pattern;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.security.OidcAuthenticator.RefusedToken;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Validates the claims of a token and maps them to a caller.
///
/// @param settings the expected claims
record ClaimsValidator(OidcSettings settings) {
  /// The largest accepted difference between the clocks of the identity provider and the service.
  static final Duration SKEW = Duration.ofSeconds(30);

  private static final int LONGEST_SUBJECT = 200;

  private static final Pattern UNFIT = Pattern.compile("[\\p{Cc}\\p{Cs}]");
  private static final Pattern SPACES = Pattern.compile(" +");

  /// More than the scopes that a caller can use.
  private static final int MOST_SCOPES = 500;

  /// The caller of a valid token.
  ///
  /// @param until the expiry of the token
  record Verified(Caller caller, Instant until) {}

  /// Validates claims whose signature was verified.
  ///
  /// @throws InvalidTokenException if they are not valid for this service now
  Verified verify(JWTClaimsSet claims, Instant now) {
    if (!settings.issuer().equals(claims.getIssuer())) {
      throw new RefusedToken("the token's issuer (iss) is not accepted");
    }
    if (!claims.getAudience().contains(settings.audience())) {
      throw new RefusedToken("the token's audience (aud) does not include this service");
    }
    Instant until =
        instant(claims.getExpirationTime())
            .orElseThrow(() -> new RefusedToken("the token has no expiry (exp)"))
            .plus(SKEW);
    if (!now.isBefore(until)) {
      throw new RefusedToken("the token has expired (exp)");
    }
    if (instant(claims.getNotBeforeTime())
        .filter(from -> now.isBefore(from.minus(SKEW)))
        .isPresent()) {
      throw new RefusedToken("the token is not valid yet (nbf)");
    }
    String subject = Optional.ofNullable(claims.getSubject()).orElse("");
    checkSubject(subject);
    Caller caller = new Caller(Caller.Kind.TOKEN, subject, name(claims, subject), grants(claims));
    return new Verified(caller, until);
  }

  /// The subject appears in the audit trail and in responses.
  private static void checkSubject(String subject) {
    if (subject.isBlank()) {
      throw new RefusedToken("the token has no subject (sub)");
    }
    if (subject.codePointCount(0, subject.length()) > LONGEST_SUBJECT) {
      throw new RefusedToken(
          "the token's subject (sub) must have at most %d characters".formatted(LONGEST_SUBJECT));
    }
    if (UNFIT.matcher(subject).find()) {
      throw new RefusedToken(
          "the token's subject (sub) must not contain a control character or an unpaired surrogate");
    }
  }

  private static Optional<Instant> instant(@Nullable Date date) {
    return Optional.ofNullable(date).map(Date::toInstant);
  }

  private static String name(JWTClaimsSet claims, String subject) {
    return Stream.of("name", "preferred_username", "email")
        .map(claims::getClaim)
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .map(Excerpt::of)
        .filter(text -> !text.isBlank())
        .findFirst()
        .orElseGet(() -> Excerpt.of(subject));
  }

  /// Ignores unknown scopes: a token may have scopes of other services.
  private Grants grants(JWTClaimsSet claims) {
    Stream<?> texts =
        switch (claims.getClaim(settings.scopesClaim())) {
          case String text -> Stream.of(SPACES.split(text));
          case Collection<?> list -> list.stream();
          case null, default -> Stream.of();
        };
    List<Grant> grants =
        texts
            .limit(MOST_SCOPES)
            .filter(String.class::isInstance)
            .flatMap(text -> grant((String) text).stream())
            .toList();
    return Grants.of(grants);
  }

  private static Optional<Grant> grant(String text) {
    try {
      return Optional.of(Grant.parse("scope", text));
    } catch (InvalidInputException _) {
      return Optional.empty();
    }
  }
}
