package dev.agentlab.gateway;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.http.Param;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The list of the models that a caller may use, in the API of the client: those of OpenAI
/// (https://platform.openai.com/docs/api-reference/models) and Anthropic
/// (https://platform.claude.com/docs/en/api/models-list) have the same paths, and clients of
/// Anthropic send its version.
final class ModelRoutes {
  private static final Param<String> MODEL = Param.pathText("model", "The name of the model.");
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 1_000;

  private static final Param<Integer> LIMIT =
      new Param<>(
          Param.Location.QUERY,
          "limit",
          "The number of models per page, for clients of Anthropic. Default: "
              + DEFAULT_LIMIT
              + ".",
          Param.Format.INTEGER,
          ModelRoutes::limit);
  private static final Param<String> AFTER_ID =
      Param.queryText("after_id", "The model before the page, for clients of Anthropic.");
  private static final Param<String> BEFORE_ID =
      Param.queryText("before_id", "The model after the page, for clients of Anthropic.");

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
                .parameters(LIMIT, AFTER_ID, BEFORE_ID)
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
            isOfAnthropic(request) ? page(models, request) : new OpenAiList("list", models))
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

  private static AnthropicList page(List<ModelListing.ListedModel> models, Request<?> request) {
    int limit = request.optional(LIMIT).orElse(DEFAULT_LIMIT);
    List<String> ids = models.stream().map(ModelListing.ListedModel::id).toList();
    int from = Math.max(0, ids.indexOf(request.optional(AFTER_ID).orElse("")) + 1);
    int before = ids.indexOf(request.optional(BEFORE_ID).orElse(""));
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
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= MAX_LIMIT) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Handled below.
    }
    throw new IllegalArgumentException("must be from 1 to " + MAX_LIMIT);
  }
}
