package dev.agentlab.commands;

import dev.agentlab.backup.BackupException;
import dev.agentlab.backup.BackupManifest;
import dev.agentlab.backup.PostgresBackup;
import dev.agentlab.cli.CommandContext;
import dev.agentlab.cli.CommandFailure;
import dev.agentlab.cli.ExitCode;
import dev.agentlab.cli.Table;
import dev.agentlab.config.Config;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.json.Json;
import dev.agentlab.server.DatabaseBackup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `backup`: writes the rows of the service's database to a file.
@Command(
    name = "backup",
    description = {
      "Write a backup of the database, also while the service runs. Requires the service's"
          + " configuration, but no API key. The file contains no key-encryption key: keep that"
          + " elsewhere. It contains prompts and answers if they are stored: encrypt it.",
      "",
      "  agent-lab backup agent-lab.backup",
      ""
    })
final class BackupCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(
      paramLabel = "FILE",
      description = "The file to write; it must not exist. Only its owner can read it.")
  private Path file = Path.of("");

  BackupCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Config config = ServiceCommands.config(context);
    Path path = context.launchContext().directory().resolve(file);
    PostgresBackup.Result result;
    try {
      result = DatabaseBackup.backUp(config, path);
    } catch (IOException | BackupException | DatabaseException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
    }
    BackupManifest manifest = result.manifest();
    ObjectNode json = toJson(manifest).put("file", path.toString()).put("bytes", result.bytes());
    context.printReport(
        json,
        () ->
            "%s%n%s: %d bytes, schema version %d"
                .formatted(tables(manifest), path, result.bytes(), manifest.schemaVersion()));
    if (!manifest.keyEncryptionKeys().isEmpty()) {
      context.printNote(
          "a restore requires the key-encryption key %s, which is not in the file"
              .formatted(String.join(", ", manifest.keyEncryptionKeys())));
    }
    return ExitCode.OK.number();
  }

  /// The contents of a backup as JSON.
  static ObjectNode toJson(BackupManifest manifest) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("schema_version", manifest.schemaVersion());
    json.put("rows", manifest.rows());
    json.set(
        "tables",
        Json.MAPPER.valueToTree(
            manifest.tables().stream()
                .collect(
                    Collectors.toMap(BackupManifest.Table::name, BackupManifest.Table::rows))));
    json.set("key_encryption_keys", Json.MAPPER.valueToTree(manifest.keyEncryptionKeys()));
    return json;
  }

  /// The tables and the number of their rows as text.
  static String tables(BackupManifest manifest) {
    return new Table(
            List.of("table", "rows"),
            Stream.concat(
                    manifest.tables().stream()
                        .map(table -> List.of(table.name(), Long.toString(table.rows()))),
                    Stream.of(List.of("total", Long.toString(manifest.rows()))))
                .toList())
        .text();
  }
}
