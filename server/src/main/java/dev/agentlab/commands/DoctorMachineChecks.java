package dev.agentlab.commands;

import dev.agentlab.cli.CheckResult;
import dev.agentlab.postgres.FileOwner;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;

/// The checks of `doctor` for the machine: its Java and the data folder of the service.
final class DoctorMachineChecks {
  private static final long MIB = 1 << 20;

  /// The space that the embedded server needs for its write-ahead log.
  private static final long MIN_FREE_MIB = 512;

  private DoctorMachineChecks() {}

  static CheckResult java() {
    return CheckResult.passed(
        "java", "%s in %s".formatted(Runtime.version(), System.getProperty("java.home")));
  }

  static List<CheckResult> dataFolder(Path folder) {
    try {
      return List.of(access(folder), space(folder));
    } catch (IOException e) {
      return List.of(
          CheckResult.failed("data folder", e.toString(), "make %s accessible".formatted(folder)));
    }
  }

  private static CheckResult access(Path folder) throws IOException {
    String name = "data folder";
    String user = System.getProperty("user.name");
    if (Files.notExists(folder)) {
      Path parent = nearestExisting(folder);
      return Files.isDirectory(parent) && Files.isWritable(parent)
          ? CheckResult.passed(name, "%s will be created on the first start".formatted(folder))
          : CheckResult.failed(
              name,
              "%s does not exist, and user %s cannot create it".formatted(folder, user),
              "create it with the owner %s, or set data_dir (SERVICE_DATA_DIR)".formatted(user));
    }
    if (!Files.isDirectory(folder)) {
      return CheckResult.failed(
          name,
          "%s is not a folder".formatted(folder),
          "move it, or set data_dir (SERVICE_DATA_DIR)");
    }
    FileOwner owner = FileOwner.of(folder);
    if (owner.isOtherThanRoot()) {
      return CheckResult.failed(
          name,
          "%s belongs to user %s, and this is %s".formatted(folder, owner.name(), user),
          "run doctor as the user of the service: runuser -u %s -- agent-lab doctor"
              .formatted(owner.name()));
    }
    if (!Files.isWritable(folder)) {
      return CheckResult.failed(
          name,
          "user %s cannot write to %s of user %s".formatted(user, folder, owner.name()),
          "run doctor as the user of the service, change the owner to %s, or set data_dir (SERVICE_DATA_DIR)"
              .formatted(user));
    }
    if (Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_WRITE)) {
      return CheckResult.failed(
          name, "every user can write to %s".formatted(folder), "chmod o-w '%s'".formatted(folder));
    }
    return CheckResult.passed(name, "%s is writable".formatted(folder));
  }

  private static CheckResult space(Path folder) throws IOException {
    FileStore disk = Files.getFileStore(nearestExisting(folder));
    long free = disk.getUsableSpace() / MIB;
    String detail = "%d MiB free below %s".formatted(free, folder);
    return free < MIN_FREE_MIB
        ? CheckResult.failed(
            "disk", detail, "free up space: at least %d MiB is required".formatted(MIN_FREE_MIB))
        : CheckResult.passed("disk", detail);
  }

  /// The folder, or its nearest ancestor that exists.
  private static Path nearestExisting(Path folder) {
    Path path = folder.toAbsolutePath();
    while (Files.notExists(path) && path.getParent() != null) {
      path = path.getParent();
    }
    return path;
  }
}
