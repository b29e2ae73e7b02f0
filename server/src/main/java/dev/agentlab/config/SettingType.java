package dev.agentlab.config;

import dev.agentlab.net.Authority;
import dev.agentlab.net.Cidr;
import dev.agentlab.net.HostNames;
import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.NoProxyRule;
import dev.agentlab.secrets.Secret;
import dev.agentlab.time.GoDuration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// The type of a setting's values: their form in a TOML file, and the rule for their text, whatever
/// its source.
///
/// @param accepted what is accepted, to follow "must be"
/// @param parse throws [IllegalArgumentException] for text that is not accepted
/// @param masked whether the value is a secret
public record SettingType<T>(
    Form form, String accepted, Function<String, T> parse, boolean masked) {

  /// The forms of a value in a TOML file.
  public enum Form {
    TEXT(", written in quotes"),
    INTEGER(", written without quotes"),
    BOOLEAN(", written without quotes"),
    LIST(", written as [\"…\", \"…\"]");

    private final String hint;

    Form(String hint) {
      this.hint = hint;
    }

    /// The notation in a file, to follow what is accepted.
    String hint() {
      return hint;
    }

    /// The value's text, as written in the environment; empty for a value of another form.
    Optional<String> text(JsonNode value) {
      boolean fits =
          switch (this) {
            case TEXT -> value.isString();
            case INTEGER -> value.isIntegralNumber();
            case BOOLEAN -> value.isBoolean();
            case LIST -> value.isArray() && value.valueStream().allMatch(Form::isItem);
          };
      return fits ? Optional.of(this == LIST ? joined(value) : value.asString()) : Optional.empty();
    }

    private static boolean isItem(JsonNode item) {
      return item.isString() && !item.stringValue().isBlank() && !item.stringValue().contains(",");
    }

    private static String joined(JsonNode items) {
      return items.valueStream().map(JsonNode::stringValue).collect(Collectors.joining(", "));
    }
  }

  private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(24);

  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,10}");
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[!-~&&[^/?#@]]+");
  private static final Pattern ISSUER =
      Pattern.compile(
          "(https://[!-~&&[^/?#@]]+|http://(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]{1,5})?)"
              + "(/[!-~&&[^?#]]*)?");
  private static final Pattern WEB_ORIGIN =
      Pattern.compile("(?<scheme>(?i)https?)://(?<authority>[^/?#]+)/?");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final int KEY_BYTES = 32;

  /// The text of a proxy setting for calls without a proxy.
  private static final String NO_PROXY = "none";

  /// The text for display, in which secrets are masked.
  String shown(String text) {
    if (!masked || text.isEmpty()) {
      return text;
    }
    return switch (parse.apply(text)) {
      case Optional<?> value when value.isEmpty() -> text;
      case Optional<?> value when value.get() instanceof HttpProxy proxy -> proxy.toString();
      default -> "***";
    };
  }

  boolean accepts(String text) {
    try {
      var _ = parse.apply(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  static SettingType<String> text() {
    return new SettingType<>(Form.TEXT, "text, not empty", SettingType::notBlank, false);
  }

  static SettingType<Secret> secret() {
    return new SettingType<>(Form.TEXT, "text", Secret::of, true);
  }

  static SettingType<Path> path() {
    return new SettingType<>(Form.TEXT, "a path", text -> Path.of(notBlank(text)), false);
  }

  /// The identifier of an OpenID Connect provider (OpenID Connect Discovery 1.0, section 3). By
  /// http it may only be on this machine.
  static SettingType<String> issuer() {
    return new SettingType<>(
        Form.TEXT,
        "a URL by https without query or fragment, such as https://id.example.org/realms/lab",
        text -> {
          check(ISSUER.matcher(text).matches());
          return text;
        },
        false);
  }

  /// A URL by http or https that is only an origin (RFC 6454), as browsers write it: in lower case
  /// and without the default port.
  static SettingType<String> origin() {
    return new SettingType<>(
        Form.TEXT,
        "a URL by http or https without path, query, fragment and user, such as"
            + " https://lab.example.org",
        SettingType::origin,
        false);
  }

  private static String origin(String text) {
    Matcher parts = WEB_ORIGIN.matcher(text);
    check(parts.matches());
    String scheme = parts.group("scheme").toLowerCase(Locale.ROOT);
    String written = parts.group("authority").toLowerCase(Locale.ROOT);
    OptionalInt port = Authority.parse(written).port();
    String host = port.isPresent() ? written.substring(0, written.lastIndexOf(':')) : written;
    int defaultPort = scheme.equals("https") ? 443 : 80;
    return scheme
        + "://"
        + host
        + (port.orElse(defaultPort) == defaultPort ? "" : ":" + port.getAsInt());
  }

  /// The same type, where empty text means not set.
  static <T> SettingType<Optional<T>> optional(SettingType<T> kind) {
    return new SettingType<>(
        kind.form(),
        kind.accepted(),
        text -> text.isEmpty() ? Optional.empty() : Optional.of(kind.parse().apply(text)),
        kind.masked());
  }

  /// A proxy for outgoing calls. Its credentials are masked.
  static SettingType<Optional<HttpProxy>> proxy() {
    return new SettingType<>(
        Form.TEXT,
        "the URL of an HTTP proxy such as http://proxy.example.com:3128, or none",
        text ->
            text.isEmpty() || text.equals(NO_PROXY)
                ? Optional.empty()
                : Optional.of(HttpProxy.parse(text)),
        true);
  }

  /// The hosts that are called without a proxy.
  static SettingType<List<NoProxyRule>> noProxy() {
    return new SettingType<>(
        Form.LIST,
        "a list of domains, addresses and networks such as example.com, 10.0.0.0/8 or *, each"
            + " domain or address with an optional port",
        text -> items(text).stream().map(NoProxyRule::parse).toList(),
        false);
  }

  /// A key of 256 bits in base64 (RFC 4648, section 4).
  static SettingType<Secret> key() {
    return new SettingType<>(
        Form.TEXT,
        "32 random bytes in base64, as `openssl rand -base64 32` makes them",
        SettingType::key,
        true);
  }

  static SettingType<List<Secret>> keys() {
    return new SettingType<>(
        Form.LIST,
        "a list of keys, each 32 bytes in base64",
        text -> items(text).stream().map(SettingType::key).toList(),
        true);
  }

  /// Names of environment variables (POSIX.1-2024, section 3.216).
  static SettingType<List<String>> variables() {
    return list(
        "names of environment variables such as OPENAI_API_KEY",
        item -> VARIABLE.matcher(item).matches());
  }

  static SettingType<Integer> integer(int from, int to) {
    return new SettingType<>(
        Form.INTEGER,
        "an integer from %d to %d".formatted(from, to),
        text -> integer(text, from, to),
        false);
  }

  static SettingType<Integer> integer(int from) {
    return integer(from, Integer.MAX_VALUE);
  }

  static SettingType<Duration> seconds() {
    return new SettingType<>(
        Form.INTEGER,
        "a number of seconds, an integer from 0 to " + Integer.MAX_VALUE,
        text -> Duration.ofSeconds(integer(text, 0, Integer.MAX_VALUE)),
        false);
  }

  /// At most a day, so that milliseconds fit in an `int`; at least a millisecond.
  static SettingType<Duration> timeout() {
    return duration(MIN_TIMEOUT, MAX_TIMEOUT);
  }

  static SettingType<Duration> duration(Duration from, Duration to) {
    return new SettingType<>(
        Form.TEXT,
        "a duration from %s to %s, such as 30s or 1h30m"
            .formatted(GoDuration.format(from), GoDuration.format(to)),
        text -> {
          Duration value = GoDuration.parse(text);
          check(value.compareTo(from) >= 0 && value.compareTo(to) <= 0);
          return value;
        },
        false);
  }

  static SettingType<Boolean> bool() {
    Map<String, Boolean> values = Map.of("true", true, "false", false);
    return new SettingType<>(Form.BOOLEAN, "true or false", text -> known(values, text), false);
  }

  /// One of the constants of an enum, in lower case.
  static <E extends Enum<E>> SettingType<E> choice(Class<E> type) {
    Map<String, E> values = new LinkedHashMap<>();
    for (E value : type.getEnumConstants()) {
      values.put(value.name().toLowerCase(Locale.ROOT).replace('_', '-'), value);
    }
    String accepted = "one of " + String.join(", ", values.keySet());
    return new SettingType<>(Form.TEXT, accepted, text -> known(values, text), false);
  }

  /// The name of a header field (RFC 9110, `token`).
  static SettingType<String> token() {
    return new SettingType<>(
        Form.TEXT,
        "the name of a header field such as X-Session",
        text -> {
          check(TOKEN.matcher(text).matches());
          return text;
        },
        false);
  }

  /// HTTP tokens: methods and header fields (RFC 9110, `token`).
  static SettingType<List<String>> tokens() {
    return list("HTTP names", item -> TOKEN.matcher(item).matches());
  }

  /// Origins as browsers send them (RFC 6454, section 6.2).
  static SettingType<List<String>> origins() {
    return list(
        "origins such as https://lab.example.org or http://localhost:3000, without a path",
        item -> ORIGIN.matcher(item).matches());
  }

  /// Host names, without a port.
  static SettingType<List<String>> hosts() {
    return list(
        "host names such as lab.example.org, without a port, or \"*\" for any",
        item -> item.equals("*") || HostNames.isHostName(item.toLowerCase(Locale.ROOT)));
  }

  static SettingType<List<Cidr>> networks() {
    return new SettingType<>(
        Form.LIST,
        "a list of networks such as 10.0.0.0/8 or fd00::/8",
        text -> items(text).stream().map(SettingType::network).toList(),
        false);
  }

  private static SettingType<List<String>> list(String items, Predicate<String> rule) {
    return new SettingType<>(
        Form.LIST,
        "a list of " + items,
        text -> {
          List<String> list = items(text);
          check(list.stream().allMatch(rule));
          return list;
        },
        false);
  }

  private static List<String> items(String text) {
    return Arrays.stream(text.split(",")).map(String::strip).filter(i -> !i.isEmpty()).toList();
  }

  private static Secret key(String text) {
    check(Base64.getDecoder().decode(text).length == KEY_BYTES);
    return Secret.of(text);
  }

  private static Cidr network(String text) {
    check(text.contains("/"));
    return Cidr.parse(text);
  }

  private static String notBlank(String text) {
    check(!text.isBlank());
    return text;
  }

  private static int integer(String text, int from, int to) {
    check(INTEGER.matcher(text).matches());
    long value = Long.parseLong(text);
    check(from <= value && value <= to);
    return (int) value;
  }

  private static <V> V known(Map<String, V> values, String text) {
    return Optional.ofNullable(values.get(text)).orElseThrow(IllegalArgumentException::new);
  }

  private static void check(boolean accepted) {
    if (!accepted) {
      throw new IllegalArgumentException();
    }
  }
}
