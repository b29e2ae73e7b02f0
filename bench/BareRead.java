import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The least that answers `GET /api/providers/{id}` from PostgreSQL: Vert.x, a virtual thread, HikariCP,
/// JDBC, a string put together by hand. No router, no log, no metrics, no checks. What the service is
/// measured against.
///
/// Arguments: port, JDBC URL, user, password.
public final class BareRead {
  private static final String SQL =
      "SELECT id, name, config, created_at, updated_at, version FROM providers WHERE id = ?";

  private record Row(long version, String json) {}

  void main(String[] arguments) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(arguments[1]);
    config.setUsername(arguments[2]);
    config.setPassword(arguments[3]);
    config.setMaximumPoolSize(25);
    HikariDataSource pool = new HikariDataSource(config);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    Vertx.vertx()
        .createHttpServer()
        .requestHandler(
            request -> {
              UUID id = UUID.fromString(request.path().substring(request.path().length() - 36));
              threads.execute(
                  () -> {
                    Row row = read(pool, id);
                    request
                        .response()
                        .putHeader("Content-Type", "application/json")
                        .putHeader("ETag", "\"" + row.version + "\"")
                        .end(row.json);
                  });
            })
        .listen(Integer.parseInt(arguments[0]), "127.0.0.1")
        .await();
  }

  private static Row read(HikariDataSource pool, UUID id) {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(SQL)) {
      statement.setObject(1, id);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        String json =
            """
            {"id":"%s","name":"%s","config":%s,"created_at":"%s","updated_at":"%s"}"""
                .formatted(
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5));
        return new Row(row.getLong(6), json);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
