package dev.agentlab.modelclient.routes;

import dev.agentlab.http.LogFields;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Request;
import dev.agentlab.modelclient.CallContext;
import dev.agentlab.modelclient.CallLabels;
import dev.agentlab.modelclient.CallRecord;
import dev.agentlab.modelclient.CallSource;
import dev.agentlab.modelclient.ErrorEventWriter;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.ResponseKeeper;
import dev.agentlab.upstream.Cancellation;
import java.util.Optional;

/// Creates the context of the model calls of a request. The calls are cancelled if the client
/// disconnects or its credential ends, and the outcome of the last one is logged.
///
/// @param headers the header fields with labels
public record CallContexts(LabelHeaders headers) {

  /// The context of the calls of a request.
  ///
  /// @param clientDialect as for [CallSource]
  /// @throws dev.agentlab.errors.InvalidInputException if a label is malformed
  public CallContext of(Request<?> request, String clientDialect, ErrorEventWriter errorEvents) {
    return of(request, clientDialect, errorEvents, headers.read(request));
  }

  /// The context of the calls of a request with these labels.
  ///
  /// @param clientDialect as for [CallSource]
  public static CallContext of(
      Request<?> request, String clientDialect, ErrorEventWriter errorEvents, CallLabels labels) {
    Cancellation cancellation = new Cancellation();
    request.onCancel(cancellation::cancel);
    LogFields fields = request.logFields();
    return new CallContext(
        request.loop(),
        new CallSource(request.caller(), Optional.empty(), clientDialect, labels),
        cancellation,
        ended -> log(ended, fields),
        errorEvents,
        ResponseKeeper.NONE);
  }

  private static void log(CallRecord ended, LogFields fields) {
    fields.put("provider", ended.provider());
    fields.put("model", ended.model());
    fields.put("attempts", ended.attempts().size());
    fields.put("outcome", ended.outcome());
    ended.cause().ifPresent(cause -> fields.put("cause", cause));
    if (ended.failure().orElse(null) instanceof ModelCallException e) {
      fields.recordStreamFailure(problemType(e));
    }
  }

  /// The problem type of a failed call.
  public static ProblemType problemType(ModelCallException failure) {
    return switch (failure.kind()) {
      case SUSPENDED -> ProblemType.PROVIDER_SUSPENDED;
      case NO_TARGET, OVERLOADED -> ProblemType.UNAVAILABLE;
      default -> ProblemType.UPSTREAM_FAILED;
    };
  }
}
