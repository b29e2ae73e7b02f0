package dev.agentlab.security;

import com.google.re2j.Pattern;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.security.OidcAuthenticator.InvalidTokenException;
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
/// @param scopes the scopes that a token can grant
record ClaimsValidator(OidcSettings settings, GrantableScopes scopes) {
  /// The largest accepted difference between the clocks of the identity provider and the service.
  static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(30);

  private static final int MAX_SUBJECT_LENGTH = 200;

  private static final Pattern FORBIDDEN_CHARACTERS = Pattern.compile("[\\p{Cc}\\p{Cs}]");
  private static final Pattern SPACES = Pattern.compile(" +");

  /// More than the scopes that a caller can use.
  private static final int MAX_SCOPES = 500;

  /// The caller of a valid token.
  ///
  /// @param expiresAt the expiry of the token
  record VerifiedCaller(Caller caller, Instant expiresAt) {}

  /// Validates claims whose signature was verified.
  ///
  /// @throws InvalidTokenException if they are not valid for this service now
  VerifiedCaller validate(JWTClaimsSet claims, Instant now) {
    if (!settings.issuer().equals(claims.getIssuer())) {
      throw new InvalidTokenException("the token's issuer (iss) is not accepted");
    }
    if (!claims.getAudience().contains(settings.audience())) {
      throw new InvalidTokenException("the token's audience (aud) does not include this service");
    }
    Instant until =
        toInstant(claims.getExpirationTime())
            .orElseThrow(() -> new InvalidTokenException("the token has no expiry (exp)"))
            .plus(MAX_CLOCK_SKEW);
    if (!now.isBefore(until)) {
      throw new InvalidTokenException("the token has expired (exp)");
    }
    if (toInstant(claims.getNotBeforeTime())
        .filter(from -> now.isBefore(from.minus(MAX_CLOCK_SKEW)))
        .isPresent()) {
      throw new InvalidTokenException("the token is not valid yet (nbf)");
    }
    String subject = Optional.ofNullable(claims.getSubject()).orElse("");
    validateSubject(subject);
    Caller caller =
        new Caller(Caller.Kind.TOKEN, subject, displayName(claims, subject), parseGrants(claims));
    return new VerifiedCaller(caller, until);
  }

  /// The subject appears in the audit trail and in responses.
  private static void validateSubject(String subject) {
    if (subject.isBlank()) {
      throw new InvalidTokenException("the token has no subject (sub)");
    }
    if (subject.codePointCount(0, subject.length()) > MAX_SUBJECT_LENGTH) {
      throw new InvalidTokenException(
          "the token's subject (sub) must have at most %d characters"
              .formatted(MAX_SUBJECT_LENGTH));
    }
    if (FORBIDDEN_CHARACTERS.matcher(subject).find()) {
      throw new InvalidTokenException(
          "the token's subject (sub) must not contain a control character or an unpaired surrogate");
    }
  }

  private static Optional<Instant> toInstant(@Nullable Date date) {
    return Optional.ofNullable(date).map(Date::toInstant);
  }

  private static String displayName(JWTClaimsSet claims, String subject) {
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
  private GrantSet parseGrants(JWTClaimsSet claims) {
    Stream<?> texts =
        switch (claims.getClaim(settings.scopesClaim())) {
          case String text -> Stream.of(SPACES.split(text));
          case Collection<?> list -> list.stream();
          case null, default -> Stream.of();
        };
    List<Grant> grants =
        texts
            .limit(MAX_SCOPES)
            .filter(String.class::isInstance)
            .flatMap(text -> parseGrant((String) text).stream())
            .toList();
    return GrantSet.of(grants);
  }

  private Optional<Grant> parseGrant(String text) {
    try {
      return Optional.of(scopes.parse("scope", text));
    } catch (InvalidInputException _) {
      return Optional.empty();
    }
  }
}
