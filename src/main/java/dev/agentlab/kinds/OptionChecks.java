package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import dev.agentlab.config.GoDuration;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.Origin;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What can be wrong with the text of an option: each check answers what, or nothing.
final class OptionChecks {
  private static final int LONGEST_TEXT = 2_000;
  private static final int LONGEST_SECRET = 16_000;

  private static final Duration LONGEST_DURATION = Duration.ofHours(1);

  private static final String NO_HEADER_VALUE =
      "must be printable ASCII without a line break or a space at either end";

  private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}");
  private static final Pattern VISIBLE = Pattern.compile("[!-~]+");
  private static final Pattern HEADER_VALUE = Pattern.compile("[!-~]([ -~]*[!-~])?");
  private static final Pattern ONLY_MASK = Pattern.compile("\\*+");
  private static final Pattern CONTROL = Pattern.compile("[[:cntrl:]]");

  /// Header fields that frame or route the request (RFC 9110, RFC 9112): not for credentials.
  private static final Set<String> FRAMING =
      Set.of(
          "accept",
          "connection",
          "content-length",
          "content-type",
          "expect",
          "host",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent");

  private OptionChecks() {}

  static Optional<String> text(String value) {
    if (value.length() > LONGEST_TEXT) {
      return longerThan(LONGEST_TEXT);
    }
    return when(CONTROL.matcher(value).find(), "must not hold control characters");
  }

  /// Part of a URL's path between two slashes. It is percent-encoded when used, which leaves dots.
  static Optional<String> pathSegment(String value) {
    return text(value).or(() -> when(value.equals(".") || value.equals(".."), "must be a name"));
  }

  static Optional<String> headerName(String value) {
    if (!HEADER_NAME.matcher(value).matches()) {
      return Optional.of("must be the name of a header field, such as X-API-Key");
    }
    return when(
        FRAMING.contains(value.toLowerCase(Locale.ROOT)),
        "must be a header field that can carry a key, such as X-API-Key");
  }

  /// Text that a header field carries.
  static Optional<String> headerText(String value) {
    return text(value).or(() -> when(!HEADER_VALUE.matcher(value).matches(), NO_HEADER_VALUE));
  }

  static Optional<String> headerValue(String value) {
    if (value.length() > LONGEST_SECRET) {
      return longerThan(LONGEST_SECRET);
    }
    if (ONLY_MASK.matcher(value).matches()) {
      return Optional.of("is a mask, not a secret: leave it out to keep the stored one");
    }
    return when(!HEADER_VALUE.matcher(value).matches(), NO_HEADER_VALUE);
  }

  /// A duration as Go writes it, not negative and no longer than an hour.
  static Optional<String> duration(String value) {
    try {
      Duration duration = GoDuration.parse(value);
      return when(
          duration.isNegative() || duration.compareTo(LONGEST_DURATION) > 0,
          "must be from 0 to " + GoDuration.format(LONGEST_DURATION));
    } catch (IllegalArgumentException e) {
      return Optional.of("must be a duration such as 20ms or 1m30s");
    }
  }

  static Optional<String> number(String value, Option.Range range, boolean whole) {
    BigDecimal number = new BigDecimal(value);
    boolean outside = number.compareTo(range.least()) < 0 || number.compareTo(range.most()) > 0;
    return when(
        outside || (whole && number.stripTrailingZeros().scale() > 0),
        "must be a %s from %s to %s"
            .formatted(whole ? "whole number" : "number", range.least(), range.most()));
  }

  static Optional<String> baseUrl(String value) {
    if (value.length() > LONGEST_TEXT) {
      return longerThan(LONGEST_TEXT);
    }
    if (!VISIBLE.matcher(value).matches()) {
      return Optional.of(
          "must be a URL of ASCII characters without spaces; write an international host name in"
              + " its xn-- form");
    }
    try {
      URI url = new URI(value);
      Optional<String> never = Origin.of(url).literal().flatMap(EgressPolicy::refusalForAll);
      return never
          .map(why -> "has a host that no setting allows: " + why)
          .or(() ->
              when(
                  url.getRawQuery() != null || url.getRawFragment() != null,
                  "must not hold a query or a fragment"));
    } catch (URISyntaxException e) {
      // Its message repeats the text, which may hold a password.
      return Optional.of("must be a URL such as http://localhost:11434");
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> longerThan(int most) {
    return Optional.of("must not be longer than %d characters".formatted(most));
  }

  private static Optional<String> when(boolean wrong, String message) {
    return wrong ? Optional.of(message) : Optional.empty();
  }
}
