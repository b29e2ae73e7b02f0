package dev.agentlab.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Whether the program has a key that the service accepts, and whether the keys on this machine are
/// kept from other users.
final class KeyChecks {
  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private KeyChecks() {}

  /// The keys that the service keeps in its data folder.
  static List<CheckResult> kept(Path dataDir) {
    return Stream.of(
            privacy("admin key", CredentialSearch.adminKey(dataDir)),
            privacy("master key", dataDir.resolve("master.key")))
        .flatMap(Optional::stream)
        .toList();
  }

  /// The file that the key comes from, unless it is one that the service keeps.
  static Optional<CheckResult> shown(ClientCredential credential) {
    return credential instanceof ClientCredential.Shown shown && !shown.local()
        ? shown.file().flatMap(file -> privacy("key file", file))
        : Optional.empty();
  }

  /// Whether only its owner can read a file; empty if there is none.
  private static Optional<CheckResult> privacy(String name, Path file) {
    try {
      if (Files.notExists(file)) {
        return Optional.empty();
      }
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      return Optional.of(
          OWNERS.containsAll(permissions)
              ? CheckResult.passed(name, "only its owner can read " + file)
              : CheckResult.failed(
                  name,
                  "others than its owner may use %s (%s)"
                      .formatted(file, PosixFilePermissions.toString(permissions)),
                  "chmod 600 '%s'; if others may have read it, replace the key".formatted(file)));
    } catch (IOException e) {
      return Optional.of(
          CheckResult.failed(name, e.toString(), "make %s readable".formatted(file)));
    }
  }

  /// Who the service says the caller is.
  ///
  /// @throws Failure if it does not say
  static JsonNode self(ApiClient api) {
    return new KeysApi(api).self();
  }

  /// What it means that the service says who the caller is.
  static CheckResult accepted(JsonNode self, ClientCredential credential) {
    String may = "may " + String.join(", ", KeysApi.scopeList(self));
    return switch (credential) {
      case ClientCredential.Shown shown ->
          CheckResult.passed(
              "key", "%s, in %s, %s".formatted(self.path("name").asString(""), shown.place(), may));
      case ClientCredential.Missing _ ->
          CheckResult.passed("key", "none is needed; everyone " + may);
    };
  }

  /// What it means that the service does not.
  static CheckResult refused(CommandFailure failure, ClientCredential credential) {
    if (failure.code() == ExitCode.NOT_FOUND) {
      return CheckResult.skipped("key", "this service is older than keys");
    }
    if (failure.code() != ExitCode.DENIED) {
      return CheckResult.failed("key", failure.message(), "look at the service's log");
    }
    return switch (credential) {
      case ClientCredential.Missing(String why) ->
          CheckResult.failed(
              "key", "none was found: " + why, "give one with --key-file FILE or in AGENT_LAB_KEY");
      case ClientCredential.Shown shown ->
          CheckResult.failed(
              "key",
              "the one in %s is not accepted".formatted(shown.place()),
              "give another with --key-file FILE or in AGENT_LAB_KEY");
    };
  }
}
