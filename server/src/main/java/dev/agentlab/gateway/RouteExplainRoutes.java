package dev.agentlab.gateway;

import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.NOT_FOUND;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.SchemaName;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.modelclient.PlannedTarget;
import dev.agentlab.modelclient.RouteDecision.SkippedTarget;
import dev.agentlab.modelclient.routes.LabelHeaders;
import dev.agentlab.responses.Responses;
import dev.agentlab.routing.ModelRouteException;
import dev.agentlab.routing.ModelRouteFeature;
import dev.agentlab.routing.ModelRouteRoutes;
import dev.agentlab.routing.ModelRoutes;
import dev.agentlab.routing.RoutePlanner;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/// Explains where a route would send a request, without sending it.
final class RouteExplainRoutes {
  private static final int MAX_BODY_BYTES = 16 << 20;

  private static final Param<IdOrName> ID = Param.idOrName("The route's id or name.");

  /// The operations by the name of their dialect.
  private static final Map<String, Operation> OPERATIONS =
      new TreeMap<>(
          Map.of(
              "openai", Operation.CHAT,
              "responses", Operation.RESPONSES,
              "anthropic", Operation.MESSAGES,
              "gemini", Operation.GENERATE_CONTENT,
              "embeddings", Operation.EMBEDDINGS));

  private final ModelRoutes routes;
  private final RoutePlanner planner;
  private final SessionIds sessions;
  private final Responses responses;
  private final ModelClient modelClient;

  RouteExplainRoutes(
      ModelRoutes routes,
      RoutePlanner planner,
      SessionIds sessions,
      Responses responses,
      ModelClient modelClient) {
    this.routes = routes;
    this.planner = planner;
    this.sessions = sessions;
    this.responses = responses;
    this.modelClient = modelClient;
  }

  /// A request of a client.
  ///
  /// @param dialect the API of the client
  /// @param headers its header fields
  /// @param body its JSON
  @SchemaName("RouteExplainRequest")
  record ExplainInput(String dialect, Optional<Map<String, String>> headers, ObjectNode body) {}

  /// Where a route would send a request.
  ///
  /// @param target the target that would be called; absent if none would
  /// @param order the targets in the order in which they are tried
  /// @param skipped the targets that would not be called, and why
  @SchemaName("RouteExplanation")
  record Explanation(Optional<String> target, List<String> order, List<SkippedTarget> skipped) {}

  RouteGroup group() {
    return new RouteGroup(
        "/api/routes",
        "Explanations of routes",
        "Where a route sends requests, and why.",
        RouteExplainRoutes::problem,
        List.of(
            Route.post("/{id}/explain", "Explain where a route sends a request")
                .operation(
                    "explainRoute",
                    "Decides as for a call, without calling a provider. Without a session, each"
                        + " answer is drawn anew, as each call is.")
                .requires(ModelRouteFeature.ROUTES_READ)
                .parameters(ID)
                .accepts(ExplainInput.class, MAX_BODY_BYTES)
                .returns(200, Explanation.class, INVALID_REQUEST, NOT_FOUND)
                .handledBy(this::explain)));
  }

  private Response explain(Request<ExplainInput> request) {
    UUID route = routes.requireId(request.path(ID));
    ModelRequest received = received(request.body());
    Map<String, String> headers = new HashMap<>();
    request
        .body()
        .headers()
        .orElse(Map.of())
        .forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    PlanRequest call =
        PlanRequest.of(
            () -> sessions.of(headers, Optional.of(received)).map(LabelHeaders.Session::id));
    ResolvedModel model =
        planner
            .plan(route, call)
            .map(plan -> new ResolvedModel(plan).keepingReasoning(received))
            .orElseThrow(() -> new ModelRouteException.NotFound(route));
    return Response.ok(explain(received, model, request));
  }

  private static ModelRequest received(ExplainInput input) {
    Operation operation = OPERATIONS.get(input.dialect());
    if (operation == null) {
      throw new InvalidInputException(
          "dialect",
          "must be one of %s, was \"%s\""
              .formatted(String.join(", ", OPERATIONS.keySet()), Excerpt.of(input.dialect())));
    }
    byte[] body = input.body().toString().getBytes(StandardCharsets.UTF_8);
    return operation == Operation.GENERATE_CONTENT
        ? ModelRequest.parse(operation, "", false, body)
        : ModelRequest.parse(operation, body);
  }

  private Explanation explain(ModelRequest received, ResolvedModel model, Request<?> request) {
    if (received.operation() == Operation.RESPONSES) {
      ResponseConversation conversation = ResponseConversation.of(received);
      if (!conversation.isEmpty()) {
        var continued = conversation.resolve(received, model, request, responses);
        return explain(continued.whole(), continued.model());
      }
    }
    return explain(received, model);
  }

  private Explanation explain(ModelRequest received, ResolvedModel model) {
    List<SkippedTarget> unavailable = modelClient.findUnavailable(model.plan(), received);
    List<String> order = model.targets().stream().map(PlannedTarget::name).toList();
    List<String> without = unavailable.stream().map(SkippedTarget::target).toList();
    return new Explanation(
        order.stream().filter(it -> !without.contains(it)).findFirst(),
        order,
        Stream.concat(model.plan().route().orElseThrow().unusable().stream(), unavailable.stream())
            .toList());
  }

  private static Optional<Problem> problem(RuntimeException failure) {
    return ModelRouteRoutes.problem(failure).or(() -> GatewayProblems.of(failure));
  }
}
