package dev.agentlab.gateway;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Param;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.net.PercentEncoding;
import dev.agentlab.security.Scope;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringTokenizer;

/// The list of the models that a caller may use, in the API of the client: those of OpenAI
/// (https://platform.openai.com/docs/api-reference/models) and Anthropic
/// (https://platform.claude.com/docs/en/api/models-list) have the same paths, and clients of
/// Anthropic send its version.
final class ModelRoutes {
  private static final Param<String> MODEL = Param.pathText("model", "The name of the model.");
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 1_000;

  private final ModelListing listing;

  ModelRoutes(ModelListing listing) {
    this.listing = listing;
  }

  /// The routes below a prefix.
  RouteGroup group(String prefix) {
    return new RouteGroup(
        prefix,
        "Models",
        "The models that the caller may use.",
        OpenAiRoutes.CONVENTIONS,
        GatewayProblems::of,
        List.of(
            Route.get("/models", "List the models")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .returns(200, Object.class)
                .handledBy(this::list),
            Route.get("/models/{model*}", "Get a model")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .parameters(MODEL)
                .returns(200, Object.class, GatewayProblems.MODEL_NOT_FOUND)
                .handledBy(this::find)));
  }

  private Response list(Request<Void> request) {
    List<ModelListing.ListedModel> models = listing.list(request.caller().grants());
    return Response.ok(
            isOfAnthropic(request)
                ? page(models, query(request.rawQuery()))
                : new OpenAiList("list", models))
        .withHeaders(GatewayHeaders.of(request));
  }

  private Response find(Request<Void> request) {
    ModelListing.ListedModel found = listing.find(request.path(MODEL), request.caller().grants());
    return Response.ok(isOfAnthropic(request) ? AnthropicModel.of(found) : found)
        .withHeaders(GatewayHeaders.of(request));
  }

  private static boolean isOfAnthropic(Request<?> request) {
    return !request.headers(AnthropicRoutes.VERSION::equals).isEmpty();
  }

  /// @param object always `list`
  private record OpenAiList(String object, List<ModelListing.ListedModel> data) {}

  /// @param type always `model`
  private record AnthropicModel(String type, String id, String displayName, Instant createdAt) {
    static AnthropicModel of(ModelListing.ListedModel model) {
      return new AnthropicModel(
          "model",
          model.id(),
          model.displayName().orElse(model.id()),
          Instant.ofEpochSecond(model.created()));
    }
  }

  @JsonInclude(JsonInclude.Include.ALWAYS)
  private record AnthropicList(
      List<AnthropicModel> data,
      boolean hasMore,
      Optional<String> firstId,
      Optional<String> lastId) {}

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new HashMap<>();
    StringTokenizer parts = new StringTokenizer(raw, "&");
    while (parts.hasMoreTokens()) {
      String part = parts.nextToken();
      int equals = part.indexOf('=');
      if (equals > 0) {
        query.put(part.substring(0, equals), PercentEncoding.decode(part.substring(equals + 1)));
      }
    }
    return query;
  }

  private static AnthropicList page(
      List<ModelListing.ListedModel> models, Map<String, String> query) {
    int limit = limit(query.getOrDefault("limit", ""));
    List<String> ids = models.stream().map(ModelListing.ListedModel::id).toList();
    int from = Math.max(0, ids.indexOf(query.getOrDefault("after_id", "")) + 1);
    int before = ids.indexOf(query.getOrDefault("before_id", ""));
    if (before >= 0) {
      from = Math.max(0, before - limit);
    }
    int to = Math.min(before >= 0 ? before : models.size(), from + limit);
    List<AnthropicModel> page =
        models.subList(Math.min(from, to), to).stream().map(AnthropicModel::of).toList();
    return new AnthropicList(
        page,
        before >= 0 ? from > 0 : to < models.size(),
        page.stream().findFirst().map(AnthropicModel::id),
        page.reversed().stream().findFirst().map(AnthropicModel::id));
  }

  private static int limit(String text) {
    if (text.isEmpty()) {
      return DEFAULT_LIMIT;
    }
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= MAX_LIMIT) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Handled below.
    }
    throw new InvalidInputException("limit", "must be from 1 to " + MAX_LIMIT);
  }
}
