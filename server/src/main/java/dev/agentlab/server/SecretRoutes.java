package dev.agentlab.server;

import static dev.agentlab.http.ProblemType.REQUEST_IN_PROGRESS;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.vault.RotationInProgressException;
import dev.agentlab.vault.RotationResult;
import dev.agentlab.vault.StaleReplicasException;
import dev.agentlab.vault.Vault;
import dev.agentlab.vault.VaultException;
import dev.agentlab.vault.VaultStatus;
import java.util.List;
import java.util.Optional;

/// The routes for the encryption of stored secrets. Requests and responses contain no secrets.
final class SecretRoutes {
  private static final ProblemType REPLICA_STALE =
      new ProblemType("replica-stale", 409, "Replica cannot read the new key-encryption key");

  private SecretRoutes() {}

  static RouteGroup of(Vault vault, AuditTrail audit) {
    return new RouteGroup(
        "/api/secrets",
        "Secrets",
        "The encryption of stored secrets. The secrets themselves cannot be read.",
        SecretRoutes::problem,
        List.of(
            Route.get("", "Get the encryption status of stored secrets")
                .operation(
                    "getEncryptionStatus",
                    "Contains the id of the key-encryption key and the number of data keys it wraps, but"
                        + " no key material.")
                .requires(SecretFeature.SECRETS_ADMIN)
                .returns(200, VaultStatus.class)
                .handledBy(_ -> Response.ok(vault.status())),
            Route.post("/rotate", "Rotate the key-encryption key")
                .operation(
                    "rotateEncryptionKey",
                    "Wraps every data key with the newest key-encryption key. Other requests"
                        + " are served meanwhile. Rejected while a running replica cannot read the"
                        + " newest key.")
                .requires(SecretFeature.SECRETS_ADMIN)
                .returns(200, RotationResult.class, REQUEST_IN_PROGRESS, REPLICA_STALE)
                .handledBy(_ -> Response.ok(vault.rotate(audit)))));
  }

  private static Optional<Problem> problem(RuntimeException failure) {
    return switch (failure) {
      case RotationInProgressException e ->
          Optional.of(Problem.of(REQUEST_IN_PROGRESS, String.valueOf(e.getMessage())));
      case StaleReplicasException e ->
          Optional.of(Problem.of(REPLICA_STALE, String.valueOf(e.getMessage())));
      case VaultException e ->
          Optional.of(Problem.of(ProblemType.INTERNAL_ERROR, String.valueOf(e.getMessage())));
      default -> Optional.empty();
    };
  }
}
