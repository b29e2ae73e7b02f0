package dev.agentlab.gateway;

import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.routes.CallContexts;
import java.util.Optional;

/// The problems of the gateway's routes.
final class GatewayProblems {
  static final ProblemType MODEL_NOT_FOUND =
      new ProblemType("model-not-found", 404, "Model not found");

  static final ProblemType RESPONSE_NOT_FOUND =
      new ProblemType("response-not-found", 404, "Response not found");
  static final ProblemType UPGRADE_REFUSED =
      new ProblemType("upgrade-refused", 426, "WebSockets not supported");

  private GatewayProblems() {}

  /// The problem of an exception; empty if it is not one of the gateway.
  static Optional<Problem> of(RuntimeException failure) {
    Optional<ProblemType> type =
        switch (failure) {
          case GatewayException.ModelNotFound _ -> Optional.of(MODEL_NOT_FOUND);
          case GatewayException.ProviderNotFound _ -> Optional.of(ProblemType.NOT_FOUND);
          case GatewayException.ResponseNotFound _ -> Optional.of(RESPONSE_NOT_FOUND);
          case GatewayException.UpgradeRefused _ -> Optional.of(UPGRADE_REFUSED);
          case GatewayException.AdministrationRefused _ -> Optional.of(ProblemType.FORBIDDEN);
          case GatewayException.SignedBodyTooLarge _ -> Optional.of(ProblemType.PAYLOAD_TOO_LARGE);
          case ModelCallException e -> Optional.of(CallContexts.problemType(e));
          default -> Optional.empty();
        };
    return type.map(it -> Problem.of(it, String.valueOf(failure.getMessage())));
  }
}
