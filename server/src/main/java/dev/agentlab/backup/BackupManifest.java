package dev.agentlab.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/// The contents of a backup, as stored in it.
///
/// @param format the version of the format of the file
/// @param program the version of the program that wrote it
/// @param schemaVersion the version of the last migration
/// @param serverVersion the version of the PostgreSQL server, such as `18.4`
/// @param keyEncryptionKeys the ids of the key-encryption keys that wrap its data keys
/// @param tables in the order in which they are restored
@JsonIgnoreProperties(ignoreUnknown = true)
public record BackupManifest(
    int format,
    String program,
    long schemaVersion,
    String serverVersion,
    Instant createdAt,
    List<String> keyEncryptionKeys,
    List<Table> tables) {

  /// The format that this program reads and writes.
  public static final int FORMAT = 1;

  public BackupManifest {
    keyEncryptionKeys = List.copyOf(keyEncryptionKeys);
    tables = List.copyOf(tables);
  }

  /// The rows of a table.
  ///
  /// @param columns in the order of their values
  /// @param sha256 of the rows in the text format of `COPY`, in hexadecimal
  /// @param identities the identity columns that have generated a value
  /// @param partitions the days of its partitions; empty for a table without partitions
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Table(
      String name,
      List<String> columns,
      long rows,
      String sha256,
      List<Identity> identities,
      Optional<List<LocalDate>> partitions) {
    public Table {
      columns = List.copyOf(columns);
      identities = List.copyOf(identities);
      partitions = partitions.filter(it -> !it.isEmpty()).map(List::copyOf);
    }

    /// The days of its partitions.
    List<LocalDate> days() {
      return partitions.orElse(List.of());
    }
  }

  /// An identity column and the last value that it generated.
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Identity(String column, long lastValue) {}

  /// The number of rows of all tables.
  public long rows() {
    return tables.stream().mapToLong(Table::rows).sum();
  }
}
