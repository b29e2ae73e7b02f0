import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

/// Fills the table of providers, and leaves it as autovacuum would. The first five names hold
/// `needle`, all hold `provider`.
///
/// Arguments: JDBC URL, user, password, how many.
public final class Fill {
  void main(String[] arguments) throws Exception {
    try (Connection connection =
            DriverManager.getConnection(arguments[0], arguments[1], arguments[2]);
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          INSERT INTO providers (name, config, created_at)
          SELECT md5(i::text) || CASE WHEN i <= 5 THEN ' needle' ELSE '' END || ' provider',
                 '{"name": "ollama", "base_url": "http://127.0.0.1:11434", "options": {"model": "m"}}',
                 now() - i * interval '1 second'
          FROM generate_series(1, %d) AS i
          """
              .formatted(Integer.parseInt(arguments[3])));
      statement.execute("VACUUM ANALYZE providers");
    }
  }
}
