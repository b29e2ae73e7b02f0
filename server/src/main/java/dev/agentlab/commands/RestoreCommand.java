package dev.agentlab.commands;

import dev.agentlab.audit.VerificationReport;
import dev.agentlab.backup.BackupException;
import dev.agentlab.cli.CommandContext;
import dev.agentlab.cli.CommandFailure;
import dev.agentlab.cli.ExitCode;
import dev.agentlab.config.Config;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.json.Json;
import dev.agentlab.server.DatabaseBackup;
import dev.agentlab.server.DatabaseBackup.RestoreResult;
import dev.agentlab.server.DatabaseMaintenance;
import dev.agentlab.vault.VaultException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `restore`: creates the service's database from a backup.
@Command(
    name = "restore",
    description = {
      "Restore a backup into an empty database: an external one without tables, or the embedded one"
          + " of a data folder that has none. Requires the service's configuration and the"
          + " key-encryption key of the backup. The whole file is verified before anything is"
          + " written.",
      "",
      "  SERVICE_DATA_DIR=new agent-lab restore agent-lab.backup",
      ""
    })
final class RestoreCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "FILE", description = "A file that `backup` wrote.")
  private Path file = Path.of("");

  RestoreCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Config config = ServiceCommands.config(context);
    RestoreResult result;
    try {
      result = DatabaseBackup.restore(config, context.launchContext().directory().resolve(file));
    } catch (IOException | BackupException | DatabaseException | VaultException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
    }
    context.printReport(
        toJson(result), () -> text(result, DatabaseMaintenance.databaseName(config)));
    if (result.audit().map(VerificationReport::intact).orElse(true)) {
      return ExitCode.OK.number();
    }
    context.printError("the audit trail is " + audit(result.audit()));
    return ExitCode.CHECK_FAILED.number();
  }

  private static ObjectNode toJson(RestoreResult result) {
    ObjectNode json = BackupCommand.toJson(result.manifest());
    json.put("backup_schema_version", result.manifest().schemaVersion());
    json.put("schema_version", result.schemaVersion());
    result.audit().ifPresent(report -> json.set("audit", Json.MAPPER.valueToTree(report)));
    return json;
  }

  private static String text(RestoreResult result, String database) {
    long version = result.manifest().schemaVersion();
    String migrated = version == result.schemaVersion() ? "" : ", migrated from " + version;
    return "%s%nrestored into %s: schema version %d%s, audit trail %s"
        .formatted(
            BackupCommand.tables(result.manifest()),
            database,
            result.schemaVersion(),
            migrated,
            audit(result.audit()));
  }

  private static String audit(Optional<VerificationReport> report) {
    return report
        .map(it ->
            it.firstBroken()
                .map(defect -> "broken at row %d: %s".formatted(defect.seq(), defect.why()))
                .orElse("intact"))
        .orElse("empty");
  }
}
