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
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/// The list of the models that a caller may use, in the API of the client: those of OpenAI
/// (https://platform.openai.com/docs/api-reference/models), Anthropic
/// (https://platform.claude.com/docs/en/api/models-list) and Google
/// (https://ai.google.dev/api/models) have the same paths. Clients of Anthropic send its version,
/// and those of Google header fields of their own.
final class ModelListRoutes {
  private static final Param<String> MODEL = Param.pathText("model", "The name of the model.");
  private static final int DEFAULT_LIMIT = 20;
  private static final int DEFAULT_PAGE_SIZE = 50;
  private static final int MAX_LIMIT = 1_000;

  /// The limits that Google's list requires, where the provider does not list them.
  private static final long UNKNOWN_LIMIT = 0;

  private static final Param<Integer> LIMIT = pageSize("limit", "Anthropic", DEFAULT_LIMIT);
  private static final Param<String> AFTER_ID =
      Param.queryText("after_id", "The model before the page, for clients of Anthropic.");
  private static final Param<String> BEFORE_ID =
      Param.queryText("before_id", "The model after the page, for clients of Anthropic.");
  private static final Param<Integer> PAGE_SIZE = pageSize("pageSize", "Google", DEFAULT_PAGE_SIZE);
  private static final Param<String> PAGE_TOKEN =
      Param.queryText("pageToken", "The nextPageToken of the page before, for clients of Google.");

  private final ModelListing listing;

  ModelListRoutes(ModelListing listing) {
    this.listing = listing;
  }

  /// The routes below a prefix: that of Google's API, or one that clients of several vendors call.
  RouteGroup group(String prefix) {
    return new RouteGroup(
        prefix,
        "Models",
        "The models that the caller may use.",
        prefix.equals(GeminiRoutes.PREFIX) ? GeminiRoutes.CONVENTIONS : OpenAiRoutes.CONVENTIONS,
        GatewayProblems::of,
        List.of(
            Route.get("/models", "List the models")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .parameters(LIMIT, AFTER_ID, BEFORE_ID, PAGE_SIZE, PAGE_TOKEN)
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
            switch (vendor(request)) {
              case AnthropicErrors.VENDOR -> anthropicPage(models, request);
              case GeminiErrors.VENDOR -> geminiPage(models, request);
              default -> new OpenAiList("list", models);
            })
        .withHeaders(GatewayHeaders.of(request));
  }

  private Response find(Request<Void> request) {
    ModelListing.ListedModel found = listing.find(request.path(MODEL), request.caller().grants());
    return Response.ok(
            switch (vendor(request)) {
              case AnthropicErrors.VENDOR -> AnthropicModel.of(found);
              case GeminiErrors.VENDOR -> GeminiModel.of(found);
              default -> found;
            })
        .withHeaders(GatewayHeaders.of(request));
  }

  /// The vendor of the client.
  private static String vendor(Request<?> request) {
    return request.rawPath().startsWith(GeminiRoutes.PREFIX + "/")
        ? GeminiErrors.VENDOR
        : OpenAiRoutes.errors(name -> !request.headers(name::equals).isEmpty()).vendor();
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

  /// @param name `models/` and the name for clients
  /// @param version required by clients; providers do not tell
  @JsonNaming(PropertyNamingStrategies.LowerCamelCaseStrategy.class)
  private record GeminiModel(
      String name,
      String version,
      String displayName,
      long inputTokenLimit,
      long outputTokenLimit,
      List<String> supportedGenerationMethods) {
    private static final List<String> METHODS =
        List.of("generateContent", "countTokens", "embedContent");

    static GeminiModel of(ModelListing.ListedModel model) {
      return new GeminiModel(
          "models/" + model.id(),
          "",
          model.displayName().orElse(model.id()),
          model.contextLength().orElse(UNKNOWN_LIMIT),
          model.maxOutputTokens().orElse(UNKNOWN_LIMIT),
          METHODS);
    }
  }

  /// @param nextPageToken the name of the last model; empty on the last page
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  @JsonNaming(PropertyNamingStrategies.LowerCamelCaseStrategy.class)
  private record GeminiList(List<GeminiModel> models, Optional<String> nextPageToken) {}

  private static GeminiList geminiPage(List<ModelListing.ListedModel> models, Request<?> request) {
    int size = request.optional(PAGE_SIZE).orElse(DEFAULT_PAGE_SIZE);
    List<GeminiModel> all = models.stream().map(GeminiModel::of).toList();
    List<String> names = all.stream().map(GeminiModel::name).toList();
    int from = names.indexOf(request.optional(PAGE_TOKEN).orElse("")) + 1;
    int to = Math.min(all.size(), from + size);
    return new GeminiList(
        all.subList(from, to), to < all.size() ? Optional.of(names.get(to - 1)) : Optional.empty());
  }

  private static AnthropicList anthropicPage(
      List<ModelListing.ListedModel> models, Request<?> request) {
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

  private static Param<Integer> pageSize(String name, String vendor, int defaultSize) {
    return new Param<>(
        Param.Location.QUERY,
        name,
        "The number of models per page, for clients of %s. Default: %d."
            .formatted(vendor, defaultSize),
        Param.Format.INTEGER,
        ModelListRoutes::limit);
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
