package dev.agentlab.config;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.net.PercentEncoding;
import dev.agentlab.secrets.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The URI of a PostgreSQL database, as libpq writes it.
///
/// @param host a name, an IPv4 address, or an IPv6 address without brackets
/// @param password empty if the URI has none
/// @param sslMode empty if the URI has none
public record DatabaseUri(
    String host,
    int port,
    String database,
    String user,
    Optional<Secret> password,
    Optional<SslMode> sslMode) {

  private static final int DEFAULT_PORT = 5432;

  private static final String FORM = "postgres://user:password@host:port/database?sslmode=prefer";

  private static final Pattern URI =
      Pattern.compile(
          "postgres(?:ql)?://"
              + "(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?"
              + "(?:\\[(?<ipv6>[^\\]]*)\\]|(?<host>[^:@/?#]*))(?::(?<port>[^/?#]*))?"
              + "(?:/(?<database>[^/?#]*))?"
              + "(?:\\?(?<parameters>[^@#]*))?");

  /// Reads a URI; user, password and database may be percent-encoded. Without a host it is
  /// `localhost`, without a port 5432, without a database the one named like the user. `sslmode` is
  /// the only known parameter.
  ///
  /// @throws InvalidInputException with all errors; none repeats the password
  public static DatabaseUri parse(String text) {
    Matcher uri = URI.matcher(text);
    if (!uri.matches()) {
      throw new InvalidInputException(
          "dsn", "must be " + FORM + ", with %40 for @, %3A for :, %2F for / inside a part");
    }
    List<FieldError> errors = new ArrayList<>();
    String user = decode("user", uri.group("user"), errors);
    Optional<Secret> password =
        Optional.ofNullable(uri.group("password"))
            .map(encoded -> Secret.of(decode("password", encoded, errors)));
    String database = decode("database", uri.group("database"), errors);
    int port = port(uri.group("port"), errors);
    Optional<SslMode> sslMode = sslMode(uri.group("parameters"), errors);
    if (user.isEmpty()) {
      errors.add(new FieldError("dsn.user", "is missing; a DSN is " + FORM));
    }
    if (!errors.isEmpty()) {
      throw new InvalidInputException(errors);
    }
    return new DatabaseUri(
        host(uri), port, database.isEmpty() ? user : database, user, password, sslMode);
  }

  private static String host(Matcher uri) {
    String ipv6 = uri.group("ipv6");
    if (ipv6 != null) {
      return ipv6;
    }
    String host = uri.group("host");
    return host == null || host.isEmpty() ? "localhost" : host;
  }

  private static String decode(String part, @Nullable String encoded, List<FieldError> errors) {
    if (encoded == null) {
      return "";
    }
    try {
      return PercentEncoding.decode(encoded);
    } catch (IllegalArgumentException e) {
      errors.add(
          new FieldError(
              "dsn." + part,
              "must be percent-encoded UTF-8: a % is followed by two hex digits, and is %25 itself"));
      return "";
    }
  }

  private static int port(@Nullable String text, List<FieldError> errors) {
    if (text == null || text.isEmpty()) {
      return DEFAULT_PORT;
    }
    if (text.matches("\\d{1,5}")) {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    }
    // Not repeated: where the @ is missing, this is the password.
    errors.add(new FieldError("dsn.port", "must be a number from 1 to 65535"));
    return DEFAULT_PORT;
  }

  private static Optional<SslMode> sslMode(@Nullable String parameters, List<FieldError> errors) {
    Optional<SslMode> mode = Optional.empty();
    for (String parameter : parameters == null ? new String[0] : parameters.split("&")) {
      String[] pair = parameter.split("=", 2);
      if (!pair[0].equals("sslmode")) {
        errors.add(new FieldError("dsn." + pair[0], "is not a known parameter; known is: sslmode"));
        continue;
      }
      String name = pair.length == 2 ? pair[1] : "";
      Optional<SslMode> named = SslMode.named(name);
      if (named.isEmpty()) {
        errors.add(
            new FieldError(
                "dsn.sslmode",
                "is %s and must be one of %s".formatted(name, String.join(", ", SslMode.names()))));
      }
      mode = named;
    }
    return mode;
  }
}
