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

/// What a token must say, and whom it then belongs to.
///
/// @param settings what is expected
record ClaimsValidator(OidcSettings settings) {
  /// How far the clocks of provider and service may differ.
  static final Duration SKEW = Duration.ofSeconds(30);

  private static final int LONGEST_SUBJECT = 200;

  private static final Pattern UNFIT = Pattern.compile("[\\p{Cc}\\p{Cs}]");
  private static final Pattern SPACES = Pattern.compile(" +");

  /// More scopes than a caller can use.
  private static final int MOST_SCOPES = 500;

  /// @param until when the token expires
  record Verified(Caller caller, Instant until) {}

  /// Reads claims whose signature holds.
  ///
  /// @throws RefusedToken if they are not for this service and now
  Verified verify(JWTClaimsSet claims, Instant now) {
    if (!settings.issuer().equals(claims.getIssuer())) {
      throw new RefusedToken("the token is from another issuer");
    }
    if (!claims.getAudience().contains(settings.audience())) {
      throw new RefusedToken("the token is for another audience");
    }
    Instant until =
        instant(claims.getExpirationTime())
            .orElseThrow(() -> new RefusedToken("the token never expires"))
            .plus(SKEW);
    if (!now.isBefore(until)) {
      throw new RefusedToken("the token has expired");
    }
    if (instant(claims.getNotBeforeTime())
        .filter(from -> now.isBefore(from.minus(SKEW)))
        .isPresent()) {
      throw new RefusedToken("the token is not valid yet");
    }
    String subject = Optional.ofNullable(claims.getSubject()).orElse("");
    checkSubject(subject);
    Caller caller = new Caller(Caller.Kind.TOKEN, subject, name(claims, subject), grants(claims));
    return new Verified(caller, until);
  }

  /// The subject is recorded of all that its caller does, and shown.
  private static void checkSubject(String subject) {
    if (subject.isBlank()) {
      throw new RefusedToken("the token names no subject");
    }
    if (subject.codePointCount(0, subject.length()) > LONGEST_SUBJECT) {
      throw new RefusedToken(
          "the token's subject has more than %d characters".formatted(LONGEST_SUBJECT));
    }
    if (UNFIT.matcher(subject).find()) {
      throw new RefusedToken(
          "the token's subject holds a control character or half of a character");
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

  /// A token may have scopes of other services, which mean nothing here.
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
