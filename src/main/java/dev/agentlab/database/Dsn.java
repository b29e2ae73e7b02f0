package dev.agentlab.database;

import dev.agentlab.config.Config;
import dev.agentlab.config.DatabaseUri;
import dev.agentlab.config.Settings;
import dev.agentlab.config.SslMode;
import dev.agentlab.database.embedded.EmbeddedPostgres;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.secrets.Secret;
import java.util.Optional;

/// Where a PostgreSQL database is and who connects to it.
///
/// @param host a name, an IPv4 address, or an IPv6 address without brackets
/// @param password empty when the server asks for none
public record Dsn(
    String host,
    int port,
    String database,
    String user,
    Optional<Secret> password,
    SslMode sslMode) {

  /// The external database that a configuration names.
  public static Dsn of(Config config) {
    return new Dsn(
        config.get(Settings.DATABASE_HOST),
        config.get(Settings.DATABASE_PORT),
        config.get(Settings.DATABASE_NAME),
        config.get(Settings.DATABASE_USER),
        Optional.of(config.get(Settings.DATABASE_PASSWORD))
            .filter(password -> !password.reveal().isEmpty()),
        config.get(Settings.DATABASE_SSLMODE));
  }

  /// The database of a server of our own.
  public static Dsn of(EmbeddedPostgres.Access server) {
    return new Dsn(
        "127.0.0.1",
        server.port(),
        EmbeddedPostgres.DATABASE,
        EmbeddedPostgres.USER,
        Optional.of(server.password()),
        SslMode.DISABLE);
  }

  /// A DSN from its URI, as libpq writes it; user, password and database may be percent-encoded.
  /// Without a host it is `localhost`, without a port 5432, without a database the one of the
  /// user's name, without `sslmode` `prefer`. No other parameter is known.
  ///
  /// @throws InvalidInputException with every fault; it never repeats the password
  public static Dsn parse(String text) {
    DatabaseUri uri = DatabaseUri.parse(text);
    return new Dsn(
        uri.host(),
        uri.port(),
        uri.database(),
        uri.user(),
        uri.password(),
        uri.sslMode().orElse(SslMode.PREFER));
  }

  /// The place without the password, for logs: `localhost:5432/agent_lab`.
  public String address() {
    return "%s:%d/%s".formatted(hostInUri(), port, database);
  }

  /// The host as a URI writes it: an IPv6 address in brackets.
  String hostInUri() {
    return host.contains(":") ? "[" + host + "]" : host;
  }
}
