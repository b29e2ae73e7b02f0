package dev.agentlab.database;

import dev.agentlab.config.Config;
import dev.agentlab.config.DatabaseUri;
import dev.agentlab.config.Settings;
import dev.agentlab.config.SslMode;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.net.Host;
import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.secrets.Secret;
import java.util.Optional;

/// The address of a PostgreSQL database and the credentials for it.
///
/// @param host a name, an IPv4 address, or an IPv6 address without brackets
/// @param password empty if the server requires none
public record Dsn(
    String host,
    int port,
    String database,
    String user,
    Optional<Secret> password,
    SslMode sslMode) {

  /// Creates the DSN of the external database in a configuration.
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

  /// Creates the DSN of the database of an embedded server.
  public static Dsn of(EmbeddedPostgres.Access server) {
    return new Dsn(
        "127.0.0.1",
        server.port(),
        server.name(),
        server.name(),
        Optional.of(Secret.of(server.password())),
        SslMode.DISABLE);
  }

  /// Parses a connection URI in the syntax of libpq; user, password and database may be
  /// percent-encoded. Defaults: host `localhost`, port 5432, database the user's name, `sslmode`
  /// `prefer`. Other parameters are rejected.
  ///
  /// @throws InvalidInputException with all errors; the message never contains the password
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

  /// The address without credentials, for logs: `localhost:5432/agent_lab`.
  public String address() {
    return "%s:%d/%s".formatted(Host.inUri(host), port, database);
  }
}
