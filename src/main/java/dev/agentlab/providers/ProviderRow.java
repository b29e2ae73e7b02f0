package dev.agentlab.providers;

import dev.agentlab.database.Versioned;
import dev.agentlab.json.Json;
import dev.agentlab.llm.ProviderConfig;
import dev.agentlab.llm.ProviderKinds;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;

/// A row of the table `providers`, secrets and all.
record ProviderRow(
    UUID id,
    String name,
    ProviderConfig config,
    Instant createdAt,
    Instant updatedAt,
    long version) {

  /// The columns, in the order they are read.
  static final List<String> COLUMNS =
      List.of("id", "name", "config", "created_at", "updated_at", "version");

  static ProviderRow read(ResultSet row, ProviderKinds kinds) throws SQLException {
    return new ProviderRow(
        row.getObject(1, UUID.class),
        row.getString(2),
        kinds.stored(Json.MAPPER.readTree(row.getString(3))),
        row.getObject(4, OffsetDateTime.class).toInstant(),
        row.getObject(5, OffsetDateTime.class).toInstant(),
        row.getLong(6));
  }

  /// What everyone may see of it.
  Provider shown() {
    return new Provider(id, name, new ShownConfig(config.answer()), createdAt, updatedAt);
  }

  Versioned<Provider> versioned() {
    return new Versioned<>(shown(), version);
  }
}
