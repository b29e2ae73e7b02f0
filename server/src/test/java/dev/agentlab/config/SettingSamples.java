package dev.agentlab.config;

import dev.agentlab.net.Cidr;
import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.NoProxyRule;
import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Sample values of a setting type.
///
/// @param toml a value in a file, which is read as `fromFile`
/// @param text a value in the environment, which is read as `fromEnvironment`
/// @param wrong an invalid value in a file; the error lists what is `accepted`
record SettingSamples(
    String toml,
    Object fromFile,
    String text,
    Object fromEnvironment,
    String wrong,
    String accepted) {
  static final String ONE_KEY = "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=";
  private static final String OTHER_KEY = "YW5vdGhlciBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=";

  static final SettingSamples TEXT =
      new SettingSamples(
          "'a file'", "a file", "a variable", "a variable", "' '", "text, not empty");
  static final SettingSamples SECRET =
      new SettingSamples(
          "'a file'",
          Secret.of("a file"),
          "a variable",
          Secret.of("a variable"),
          "5",
          "text, written in quotes");
  static final SettingSamples OPTIONAL_SECRET =
      new SettingSamples(
          "'a file'",
          Optional.of(Secret.of("a file")),
          "a variable",
          Optional.of(Secret.of("a variable")),
          "5",
          "text, written in quotes");
  static final SettingSamples PATH =
      new SettingSamples(
          "'/srv/a'", Path.of("/srv/a"), "/srv/b", Path.of("/srv/b"), "''", "a path");
  static final SettingSamples OPTIONAL_PATH =
      new SettingSamples(
          "'/srv/a'",
          Optional.of(Path.of("/srv/a")),
          "/srv/b",
          Optional.of(Path.of("/srv/b")),
          "5",
          "a path, written in quotes");
  static final SettingSamples WEB_ORIGIN =
      new SettingSamples(
          "'https://Lab.example:443/'",
          Optional.of("https://lab.example"),
          "http://[::1]:8080",
          Optional.of("http://[::1]:8080"),
          "'https://lab.example/console'",
          "a URL by http or https without path, query, fragment and user, such as"
              + " https://lab.example.org");
  static final SettingSamples ISSUER =
      new SettingSamples(
          "'https://id.example/realms/lab'",
          Optional.of("https://id.example/realms/lab"),
          "http://localhost:9000",
          Optional.of("http://localhost:9000"),
          "'http://id.example'",
          "a URL by https without query or fragment, such as https://id.example.org/realms/lab");
  static final SettingSamples AUDIENCE =
      new SettingSamples(
          "'lab'",
          Optional.of("lab"),
          "other",
          Optional.of("other"),
          "5",
          "text, not empty, written in quotes");
  static final SettingSamples TIMEOUT =
      new SettingSamples(
          "'7s'",
          Duration.ofSeconds(7),
          "1m30s",
          Duration.ofSeconds(90),
          "'0'",
          "a duration from 1ms to 24h, such as 30s or 1h30m");
  static final SettingSamples RETENTION =
      new SettingSamples(
          "'48h'",
          Duration.ofDays(2),
          "87600h",
          Duration.ofDays(3650),
          "'0'",
          "a duration from 24h to 87600h, such as 30s or 1h30m");
  static final SettingSamples SIZE =
      new SettingSamples(
          "1048576",
          1 << 20,
          "2147483647",
          Integer.MAX_VALUE,
          "1048575",
          "an integer from 1048576 to 2147483647");
  static final SettingSamples HEADER_NAME =
      new SettingSamples(
          "'X-One'",
          "X-One",
          "x-two",
          "x-two",
          "'a b'",
          "the name of a header field such as X-Session");
  static final SettingSamples LIFETIME =
      new SettingSamples(
          "'1h'",
          Duration.ofHours(1),
          "0",
          Duration.ZERO,
          "'-1s'",
          "a duration from 0 to 8760h, such as 30s or 1h30m");
  static final SettingSamples DELAY =
      new SettingSamples(
          "'5s'",
          Duration.ofSeconds(5),
          "1m",
          Duration.ofMinutes(1),
          "'-1s'",
          "a duration from 0 to 24h, such as 30s or 1h30m");
  static final SettingSamples SECONDS =
      new SettingSamples(
          "0",
          Duration.ZERO,
          "60",
          Duration.ofMinutes(1),
          "-1",
          "a number of seconds, an integer from 0 to 2147483647");
  static final SettingSamples PORT =
      new SettingSamples("1", 1, "65535", 65535, "65536", "an integer from 1 to 65535");
  static final SettingSamples COUNT =
      new SettingSamples(
          "30", 30, "2147483647", 2147483647, "0", "an integer from 1 to 2147483647");
  // Within the limits that other keys set by default.
  static final SettingSamples PAGE_SIZE =
      new SettingSamples("30", 30, "100", 100, "0", "an integer from 1 to 2147483647");
  static final SettingSamples IDLE =
      new SettingSamples("0", 0, "25", 25, "-1", "an integer from 0 to 2147483647");
  static final SettingSamples BOOLEAN =
      new SettingSamples(
          "true", true, "true", true, "'true'", "true or false, written without quotes");
  static final SettingSamples FALSE =
      new SettingSamples(
          "false", false, "false", false, "'true'", "true or false, written without quotes");
  static final SettingSamples TOKENS =
      new SettingSamples(
          "['A', 'B-C']",
          List.of("A", "B-C"),
          "D,E , F",
          List.of("D", "E", "F"),
          "['A B']",
          "a list of HTTP names");
  static final SettingSamples ORIGINS =
      new SettingSamples(
          "['https://a.example']",
          List.of("https://a.example"),
          "http://b:3000, https://[::1]",
          List.of("http://b:3000", "https://[::1]"),
          "['https://a.example/']",
          "a list of origins such as https://lab.example.org or http://localhost:3000, without a"
              + " path");
  static final SettingSamples HOSTS =
      new SettingSamples(
          "['lab.example.org']",
          List.of("lab.example.org"),
          "lab, *",
          List.of("lab", "*"),
          "['lab.example.org:8080']",
          "a list of host names such as lab.example.org, without a port, or \"*\" for any");
  static final SettingSamples NETWORKS =
      new SettingSamples(
          "['10.0.0.0/8']",
          List.of(Cidr.parse("10.0.0.0/8")),
          "192.168.0.0/16,fd00::/8",
          List.of(Cidr.parse("192.168.0.0/16"), Cidr.parse("fd00::/8")),
          "['10/8']",
          "a list of networks such as 10.0.0.0/8 or fd00::/8");

  static final SettingSamples PROXY =
      new SettingSamples(
          "'http://user:password@proxy.test:3128'",
          Optional.of(HttpProxy.parse("http://user:password@proxy.test:3128")),
          "none",
          Optional.empty(),
          "'socks5://user:password@proxy.test'",
          "the URL of an HTTP proxy such as http://proxy.example.com:3128, or none");
  static final SettingSamples NO_PROXY =
      new SettingSamples(
          "['example.com']",
          List.of(NoProxyRule.parse("example.com")),
          "*,10.0.0.0/8",
          List.of(NoProxyRule.parse("*"), NoProxyRule.parse("10.0.0.0/8")),
          "['10/8']",
          "a list of domains, addresses and networks such as example.com, 10.0.0.0/8 or *, each"
              + " domain or address with an optional port");

  static final SettingSamples KEY =
      new SettingSamples(
          "'" + ONE_KEY + "'",
          Optional.of(Secret.of(ONE_KEY)),
          OTHER_KEY,
          Optional.of(Secret.of(OTHER_KEY)),
          "'dG9vIHNob3J0'",
          "32 random bytes in base64, as `openssl rand -base64 32` makes them");
  static final SettingSamples KEYS =
      new SettingSamples(
          "['" + ONE_KEY + "']",
          List.of(Secret.of(ONE_KEY)),
          ONE_KEY + ", " + OTHER_KEY,
          List.of(Secret.of(ONE_KEY), Secret.of(OTHER_KEY)),
          "['no base64!']",
          "a list of keys, each 32 bytes in base64");
  static final SettingSamples VARIABLES =
      new SettingSamples(
          "['OPENAI_API_KEY']",
          List.of("OPENAI_API_KEY"),
          "A,_b2",
          List.of("A", "_b2"),
          "['2B']",
          "a list of names of environment variables such as OPENAI_API_KEY");
  static final SettingSamples PATH_OR_NONE =
      new SettingSamples(
          "'/srv/a'",
          Optional.of(Path.of("/srv/a")),
          "/srv/b",
          Optional.of(Path.of("/srv/b")),
          "' '",
          "a path");

  static final SettingSamples LOOPBACK =
      new SettingSamples(
          "'allow'",
          LoopbackAccess.ALLOW,
          "deny",
          LoopbackAccess.DENY,
          "true",
          "one of auto, allow, deny, written in quotes");

  static <E extends Enum<E>> SettingSamples choice(E fromFile, E fromEnvironment, String names) {
    return new SettingSamples(
        "'" + spelt(fromFile) + "'",
        fromFile,
        spelt(fromEnvironment),
        fromEnvironment,
        "'other'",
        "one of " + names);
  }

  private static String spelt(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
