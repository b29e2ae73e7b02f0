package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import dev.agentlab.net.Host;
import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.security.ModelPattern;
import dev.agentlab.time.GoDuration;
import dev.agentlab.upstream.CertificateAuthorities;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.Origin;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Validates the text of options. Each check returns an error message, or empty if the text is
/// valid.
final class OptionChecks {
  private static final int MAX_TEXT_LENGTH = 2_000;
  private static final int MAX_SECRET_LENGTH = 16_000;

  /// The stored configuration of a provider is limited to 64 KiB.
  private static final int MAX_CERTIFICATES_LENGTH = 32_000;

  private static final Duration MAX_DURATION = Duration.ofHours(1);
  private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(24);

  private static final String INVALID_HEADER_VALUE =
      "must be printable ASCII without line breaks and without leading or trailing spaces";

  private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}");
  private static final Pattern VISIBLE = Pattern.compile("[!-~]+");
  private static final Pattern HEADER_VALUE = Pattern.compile("[!-~]([ -~]*[!-~])?");
  private static final Pattern ONLY_MASK = Pattern.compile("\\*+");
  private static final Pattern CONTROL = Pattern.compile("[[:cntrl:]]");

  /// Header fields that frame or route the request (RFC 9110, RFC 9112) and cannot carry
  /// credentials.
  private static final Set<String> RESERVED_HEADERS =
      Set.of(
          "accept",
          "connection",
          "content-length",
          "content-type",
          "expect",
          "host",
          "keep-alive",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent");

  private OptionChecks() {}

  static Optional<String> text(String value) {
    if (value.length() > MAX_TEXT_LENGTH) {
      return tooLong(MAX_TEXT_LENGTH);
    }
    return errorIf(CONTROL.matcher(value).find(), "must not contain control characters");
  }

  /// A segment of a URL path. It is percent-encoded when used, but percent-encoding keeps dots.
  static Optional<String> pathSegment(String value) {
    return text(value)
        .or(() -> errorIf(value.equals(".") || value.equals(".."), "must be a name, not . or .."));
  }

  /// A name of a model, or a pattern of names.
  static Optional<String> modelPattern(String value) {
    long wildcards = value.chars().filter(c -> c == ModelPattern.WILDCARD).count();
    return text(value)
        .or(() -> errorIf(!value.equals(value.strip()), "must not begin or end with white space"))
        .or(() ->
            errorIf(
                wildcards > ModelPattern.MAX_WILDCARDS,
                "must not contain more than %d *".formatted(ModelPattern.MAX_WILDCARDS)));
  }

  static Optional<String> headerName(String value) {
    if (!HEADER_NAME.matcher(value).matches()) {
      return Optional.of("must be the name of a header field, such as X-API-Key");
    }
    return errorIf(
        RESERVED_HEADERS.contains(value.toLowerCase(Locale.ROOT)),
        "must be a header field that can carry an API key, such as X-API-Key");
  }

  /// The value of a header field.
  static Optional<String> headerText(String value) {
    return text(value)
        .or(() -> errorIf(!HEADER_VALUE.matcher(value).matches(), INVALID_HEADER_VALUE));
  }

  static Optional<String> headerValue(String value) {
    if (value.length() > MAX_SECRET_LENGTH) {
      return tooLong(MAX_SECRET_LENGTH);
    }
    if (ONLY_MASK.matcher(value).matches()) {
      return Optional.of("is a mask, not a secret; omit it to keep the stored secret");
    }
    return errorIf(!HEADER_VALUE.matcher(value).matches(), INVALID_HEADER_VALUE);
  }

  /// A duration in Go syntax from zero to one hour.
  static Optional<String> duration(String value) {
    return duration(value, Duration.ZERO, MAX_DURATION);
  }

  /// A duration in Go syntax from one millisecond to a day.
  static Optional<String> timeout(String value) {
    return duration(value, MIN_TIMEOUT, MAX_TIMEOUT);
  }

  private static Optional<String> duration(String value, Duration min, Duration max) {
    try {
      Duration duration = GoDuration.parse(value);
      return errorIf(
          duration.compareTo(min) < 0 || duration.compareTo(max) > 0,
          "must be from %s to %s".formatted(GoDuration.format(min), GoDuration.format(max)));
    } catch (IllegalArgumentException e) {
      return Optional.of("must be a duration such as 20ms or 1m30s");
    }
  }

  static Optional<String> number(String value, Option.Range range, boolean isInteger) {
    BigDecimal number = new BigDecimal(value);
    boolean outside =
        number.compareTo(range.minimum()) < 0 || number.compareTo(range.maximum()) > 0;
    return errorIf(
        outside || (isInteger && number.stripTrailingZeros().scale() > 0),
        "must be %s from %s to %s"
            .formatted(isInteger ? "an integer" : "a number", range.minimum(), range.maximum()));
  }

  static Optional<String> baseUrl(String value) {
    if (value.length() > MAX_TEXT_LENGTH) {
      return tooLong(MAX_TEXT_LENGTH);
    }
    if (!VISIBLE.matcher(value).matches()) {
      return Optional.of(
          "must be a URL of ASCII characters without spaces; write an international host name in"
              + " its ASCII form (xn--)");
    }
    try {
      URI url = new URI(value);
      return denial(Origin.of(url).host())
          .or(() ->
              errorIf(
                  url.getRawQuery() != null || url.getRawFragment() != null,
                  "must not contain a query or a fragment"));
    } catch (URISyntaxException e) {
      // The exception message contains the URL, which may contain a password.
      return Optional.of("must be a URL such as http://localhost:11434");
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> denial(Host host) {
    return EgressPolicy.permanentDenial(host)
        .map(reason -> "has a host that no setting allows: " + reason);
  }

  /// `none`, or the URL of a proxy without credentials.
  static Optional<String> proxy(String value) {
    if (value.equals(NetworkOptionsReader.NO_PROXY)) {
      return Optional.empty();
    }
    if (value.length() > MAX_TEXT_LENGTH) {
      return tooLong(MAX_TEXT_LENGTH);
    }
    try {
      HttpProxy proxy = HttpProxy.parse(value);
      return proxy.credentials().isPresent()
          ? Optional.of(
              "must not contain a user name or password; set options.proxy_credentials instead")
          : denial(proxy.host());
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  static Optional<String> proxyCredentials(String value) {
    return value.length() > MAX_SECRET_LENGTH
        ? tooLong(MAX_SECRET_LENGTH)
        : errorIf(
            !HttpProxy.areCredentials(value),
            "must be a user name and a password, separated by a colon");
  }

  static Optional<String> certificates(String value) {
    if (value.length() > MAX_CERTIFICATES_LENGTH) {
      return tooLong(MAX_CERTIFICATES_LENGTH);
    }
    try {
      var _ = CertificateAuthorities.parsePem(value);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> tooLong(int maxLength) {
    return Optional.of("must not be longer than %d characters".formatted(maxLength));
  }

  private static Optional<String> errorIf(boolean isInvalid, String message) {
    return isInvalid ? Optional.of(message) : Optional.empty();
  }
}
