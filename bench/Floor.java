import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.json.JsonMapper;

/// The least that a service on this stack does until it is ready: opens a pool, reads a row, and
/// answers with JSON over HTTP. With the argument `train` it ends after that.
///
/// Arguments: its port. The database is in the environment, as for the service.
public final class Floor {
  private Floor() {}

  public static void main(String[] arguments) throws Exception {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {System.getenv("DATABASE_HOST")});
    source.setPortNumbers(new int[] {Integer.parseInt(System.getenv("DATABASE_PORT"))});
    source.setDatabaseName(System.getenv("DATABASE_NAME"));
    source.setUser(System.getenv("DATABASE_USER"));
    source.setPassword(System.getenv("DATABASE_PASSWORD"));
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setMaximumPoolSize(5);
    config.setMinimumIdle(1);
    HikariDataSource pool = new HikariDataSource(config);
    String answer;
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT version FROM agent_lab_migrations")) {
      row.next();
      answer = JsonMapper.builder().build().writeValueAsString(Map.of("version", row.getLong(1)));
    }
    Vertx vertx = Vertx.vertx();
    vertx
        .createHttpServer()
        .requestHandler(request -> request.response().end(answer))
        .listen(Integer.parseInt(arguments[0]), "127.0.0.1")
        .await();
    if (arguments.length > 1) {
      vertx.close().await();
      pool.close();
      System.exit(0);
    }
  }
}
