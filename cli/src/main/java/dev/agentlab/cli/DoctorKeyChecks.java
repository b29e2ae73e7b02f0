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

/// The checks of `doctor` for keys: that the service accepts the API key of the program, and that
/// no other user can read the key files on this machine.
public final class DoctorKeyChecks {
  private static final Set<PosixFilePermission> OWNER_PERMISSIONS =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private DoctorKeyChecks() {}

  /// Checks the key files in the data folder of the service.
  public static List<CheckResult> checkServiceKeys(Path dataDir) {
    return Stream.of(
            checkPermissions("admin key", CredentialSearch.adminKeyFile(dataDir)),
            checkPermissions("master key", dataDir.resolve("master.key")))
        .flatMap(Optional::stream)
        .toList();
  }

  /// Checks the file of the API key, unless the service manages it.
  static Optional<CheckResult> checkKeyFile(ClientCredential credential) {
    return credential instanceof ClientCredential.Present shown && !shown.local()
        ? shown.file().flatMap(file -> checkPermissions("key file", file))
        : Optional.empty();
  }

  /// Checks that only the owner of a file can read it. Empty if the file does not exist.
  private static Optional<CheckResult> checkPermissions(String name, Path file) {
    try {
      if (Files.notExists(file)) {
        return Optional.empty();
      }
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      return Optional.of(
          OWNER_PERMISSIONS.containsAll(permissions)
              ? CheckResult.passed(name, "only its owner can read " + file)
              : CheckResult.failed(
                  name,
                  "users other than the owner can access %s (%s)"
                      .formatted(file, PosixFilePermissions.toString(permissions)),
                  "chmod 600 '%s'; if another user may have read it, replace the key"
                      .formatted(file)));
    } catch (IOException e) {
      return Optional.of(
          CheckResult.failed(name, e.toString(), "make %s readable".formatted(file)));
    }
  }

  /// Gets the current caller.
  ///
  /// @throws CommandFailure if the request fails
  static JsonNode self(ApiClient api) {
    return new KeysApi(api).self();
  }

  /// The result when the service returns the current caller.
  static CheckResult accepted(JsonNode self, ClientCredential credential) {
    String scopes = String.join(", ", KeysApi.scopeList(self));
    return switch (credential) {
      case ClientCredential.Present shown ->
          CheckResult.passed(
              "key",
              "%s from %s, scopes: %s"
                  .formatted(self.path("name").asString(""), shown.place(), scopes));
      case ClientCredential.Missing _ ->
          CheckResult.passed("key", "not required; every caller has the scopes " + scopes);
    };
  }

  /// The result when the service rejects the request for the current caller.
  static CheckResult rejected(CommandFailure failure, ClientCredential credential) {
    if (failure.code() == ExitCode.NOT_FOUND) {
      return CheckResult.skipped("key", "this version of the service has no API keys");
    }
    if (failure.code() != ExitCode.DENIED) {
      return CheckResult.failed("key", failure.message(), "see the service's log");
    }
    return switch (credential) {
      case ClientCredential.Missing(String why) ->
          CheckResult.failed(
              "key", "no API key found: " + why, "set one with --key-file FILE or AGENT_LAB_KEY");
      case ClientCredential.Present shown ->
          CheckResult.failed(
              "key",
              "the API key in %s was rejected".formatted(shown.place()),
              "set another one with --key-file FILE or AGENT_LAB_KEY");
    };
  }
}
